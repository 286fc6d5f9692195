import { expect } from "vitest";
import type { PostgresServer } from "./postgres-server.ts";
import { checkPlain } from "./plain-invariants.ts";
import { type PlainState, plainState } from "./plain-state.ts";
import type { PlainWorld } from "./plain-worlds.ts";
import { type Answer, done, once, startWorker } from "./processes.ts";
import { type Errno, ERRNOS } from "./faults.ts";
import type { Order, Place } from "./worker.ts";

type Server = Pick<PostgresServer, "database" | "sql">;
type PlainFault = "kill" | "group" | Errno | "twice" | "delay";
export const PLAIN_FAULTS: readonly PlainFault[] = ["kill", "group", ...ERRNOS, "twice", "delay"];

/** What a verb does when nothing is in its way, once and a second time, and what stands after each of its writes. */
export interface Course {
  readonly places: readonly Place[];
  readonly before: PlainState;
  readonly once: PlainState;
  readonly twice: PlainState;
}

export async function courseOf(world: PlainWorld, server?: Server): Promise<Course> {
  await world.reset();
  const before = await plainState(world, server);
  const answer = await run(world);
  done(answer);
  const counts = new Map<string, number>();
  const places = answer.steps.map((step) => {
    counts.set(step, (counts.get(step) ?? 0) + 1);
    return { step, occurrence: counts.get(step) ?? 0 };
  });
  await checkPlain(world, server);
  const once_ = await plainState(world, server);
  requireOwn(await run(world));
  return { places, before, once: once_, twice: await plainState(world, server) };
}

/**
 * The places of a course: all of them, or those that have a name in the code and two of the disk's, other ones from verb
 * to verb.
 */
export function placesOf({ places }: Course, all: boolean, nth: number): readonly Place[] {
  if (all) return places;
  const last = [...new Map(places.map((place) => [place.step, place])).values()];
  const disk = last.filter(({ step }) => step.startsWith("disk."));
  const some = [0, 1].map((k) => disk[(nth + k) % disk.length]);
  return places.filter((place) => !place.step.startsWith("disk.") || some.includes(place));
}

/** Lets a fault happen at a place, looks at what is left, and runs the verb again. */
export async function plainFault(
  world: PlainWorld,
  course: Course,
  place: Place,
  fault: PlainFault,
  server?: Server,
): Promise<void> {
  await world.reset();
  if (fault === "twice") return runTwice(world, course, place, server);
  if (fault === "delay") return whileDelayed(world, place, server);
  const first = await run(world, faultOf(fault, place));
  if (fault === "kill" || fault === "group") expect(first.killed, "the worker should have died").toBe(true);
  else requireOwn(first);
  await checkPlain(world, server);
  const left = await plainState(world, server);
  expectWhole(world, course, left, place);
  if (first.error === undefined && !first.killed) return;
  const again = await run(world);
  await checkPlain(world, server);
  const untouched = same(left, course.before);
  if (world.adds && !untouched) return requireOwn(again);
  done(again);
  expectEnd(world, await plainState(world, server), course.once);
}

/** The same end, but for what a killed run had not yet given its name, and for what it had put into an archive. */
function expectEnd({ stages }: PlainWorld, now: PlainState, end: PlainState): void {
  const known = (path: string): boolean =>
    !path.startsWith(".git/berth/") ||
    (stages ? path.endsWith("/sessions/session.md") : end.files[path] !== undefined || path.endsWith(".md"));
  const part = (state: PlainState): PlainState => ({
    ...state,
    files: Object.fromEntries(Object.entries(state.files).filter(([path]) => known(path))),
  });
  expect(part(now)).toEqual(part(end));
}

function faultOf(fault: Exclude<PlainFault, "twice" | "delay">, place: Place): Parameters<typeof once>[4] {
  if (fault === "kill" || fault === "group") return { kill: { ...place, group: fault === "group" } };
  return { failAt: { ...place, errno: fault } };
}

/**
 * Every file is as it was, or as it will be; and of the live layer's rows none stands that no undisturbed run has, while
 * none of those that were there before and stay is missing.
 */
function expectWhole(world: PlainWorld, { before, once: after, places }: Course, left: PlainState, at: Place): void {
  for (const path of new Set([...Object.keys(before.files), ...Object.keys(left.files)])) {
    const wanted = [before.files[path], after.files[path]];
    // Notes that are written twice on the way, and what had not yet got its name.
    const unnamed = !wanted[0] && !wanted[1] && !path.endsWith(".md");
    const passing = path.startsWith(".git/berth/") ? world.stages || unnamed : path === ".berth/config.yaml.new";
    if (!passing) expect(wanted, `${path} at ${at.step}`).toContain(left.files[path]);
  }
  const known = new Set([...before.rows, ...after.rows]);
  const writes = places.filter(({ step }) => step === "store.written").length;
  if (writes > 1) return;
  // One transaction: all of it, or nothing.
  expect(
    left.rows.filter((row) => !known.has(row)),
    `rows at ${at.step}`,
  ).toEqual([]);
  expect([before.rows, after.rows].map(String), `rows at ${at.step}`).toContain(String(left.rows));
  if (at.step === "store.decided") expect(left.rows).toEqual(before.rows);
  if (at.step === "store.written") expect(left.rows).toEqual(after.rows);
}

/** The second run comes while the first one stands at a place: what is left is what two runs in turn leave. */
async function runTwice(world: PlainWorld, course: Course, place: Place, server?: Server): Promise<void> {
  const options = { dir: world.dir, agent: world.agent, env: world.env };
  const [one, two] = [startWorker(world.box, options), startWorker(world.box, options)];
  const first = one.run(world.verb, world.input, { pauseAt: place, fine: true });
  await first.paused;
  const second = two.run(world.verb, world.input, { fine: true });
  await Promise.race([second.answer, pause(400)]);
  first.goOn();
  const answers = await Promise.all([first.answer, second.answer]);
  for (const answer of answers) requireOwn(answer);
  await Promise.all([one.kill(true), two.kill(true)]);
  await checkPlain(world, server);
  expect(
    answers.some(({ error }) => error === undefined),
    "one of both succeeds",
  ).toBe(true);
  const left = await plainState(world, server);
  if (!world.adds) expectEnd(world, left, course.once);
}

/** Another agent acts while the verb is slow at a place: both stand afterwards. */
async function whileDelayed(world: PlainWorld, place: Place, server?: Server): Promise<void> {
  const options = { dir: world.dir, agent: world.agent, env: world.env };
  const slow = startWorker(world.box, options);
  const first = slow.run(world.verb, world.input, { delayAt: { ...place, ms: DELAY_MS }, fine: true });
  const deeds: readonly [string, Order["input"]][] = [
    ["addTask", { id: "meanwhile", title: "Meanwhile" }],
    ["sharedSet", { path: "meanwhile", value: true }],
  ];
  for (const [verb, input] of deeds)
    done(await once(world.box, { dir: world.home, agent: "passer-by", env: world.env }, verb, input));
  requireOwn(await first.answer);
  await slow.kill(true);
  await checkPlain(world, server);
  const { rows } = await plainState(world, server);
  expect(rows.filter((row) => /^task .*"meanwhile"/.test(row))).toHaveLength(1);
  expect(rows.filter((row) => /^context_version .*meanwhile/.test(row))).toHaveLength(1);
}

/** Longer than another process needs to come by. */
const DELAY_MS = 700;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function same(one: PlainState, other: PlainState): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function requireOwn({ error }: Answer): void {
  if (error) expect(error, "an error of our own").not.toMatchObject({ code: "THROWN" });
}

async function run(world: PlainWorld, how: Parameters<typeof once>[4] = {}): Promise<Answer> {
  const options = { dir: world.dir, agent: world.agent, env: world.env };
  return once(world.box, options, world.verb, world.input, { ...how, fine: true });
}
