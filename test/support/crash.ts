import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { checkInvariants, type EndState, endState } from "./crash-invariants.ts";
import type { World } from "./crash-scenario.ts";
import { type Answer, done, once, startWorker, type Worker } from "./processes.ts";
import type { Errno } from "./faults.ts";
import type { Place } from "./worker.ts";

/** Runs the verb to its end and returns the steps it reached, in order, as places to kill at. */
export async function undisturbed(world: World): Promise<{ places: Place[]; end: EndState; ms: number }> {
  world.reset();
  const start = performance.now();
  const answer = await run(world);
  const ms = performance.now() - start;
  done(answer);
  checkInvariants(world);
  const counts = new Map<string, number>();
  const places = answer.steps.map((step) => {
    counts.set(step, (counts.get(step) ?? 0) + 1);
    return { step, occurrence: counts.get(step) ?? 0 };
  });
  return { places, end: endState(world), ms };
}

/** Kills the verb at a place, checks that nothing is broken or lost, runs it again, and compares with `end`. */
export async function killAndRerun(world: World, place: Place, group: boolean, end: EndState): Promise<void> {
  world.reset();
  const killed = await run(world, { ...place, group });
  expect(killed.killed, "the worker should have died").toBe(true);
  checkInvariants(world);
  await runAgain(world, end);
}

/** Runs a verb again: it comes to the same end, unless it was there and would add once more. */
async function runAgain(world: World, end: EndState): Promise<void> {
  const before = world.adds ? JSON.stringify(endState(world)) : "";
  if (before === JSON.stringify(end)) return requireOwn(await run(world));
  const again = await run(world);
  checkInvariants(world);
  if (!world.adds) done(again);
  if (again.error) requireOwn(again);
  if (!world.adds) compare(world, end);
}

function requireOwn({ error }: Answer): void {
  if (error) expect(error, "an error of our own").not.toMatchObject({ code: "THROWN" });
}

/** Lets the verb meet an error of the system at a place, checks that nothing is lost, runs it again, and compares. */
export async function failAndRerun(world: World, place: Place, errno: Errno, end: EndState): Promise<void> {
  world.reset();
  const failed = await order(world, { failAt: { ...place, errno } });
  // An error is told as it is; what a verb can do without it goes on without, and says so.
  requireOwn(failed);
  checkInvariants(world);
  // What it went on without is in its warnings, and stays for the next verb.
  if (!failed.error && JSON.stringify(failed.result).includes(errno)) return;
  if (failed.error) return runAgain(world, end);
  compare(world, end);
}

/** Lets somebody else plan a session while the verb is slow at a place: both stand afterwards. */
export async function delayAt(world: World, place: Place): Promise<void> {
  world.reset();
  const slow = startWorker(world.box, { dir: world.dir ?? world.home, agent: world.agent });
  const first = slow.run(world.verb, world.input, { delayAt: { ...place, ms: DELAY_MS } });
  const passing = { title: "Meanwhile", id: MEANWHILE, context: "It is needed.", criteria: ["It works"] };
  const other = await once(world.box, { dir: world.home, agent: "passer-by" }, "draft", passing);
  requireOwn(await first.answer);
  await slow.kill(true);
  checkInvariants(world);
  done(other);
  const ledger = world.box.git(world.box.hub, "ls-tree", "-r", "--name-only", "berth/ledger");
  expect(ledger).toContain(`drafting/${MEANWHILE}/SESSION.md`);
}

const MEANWHILE = "2026-01-02-meanwhile";
/** Longer than a draft takes on a machine that is not busy; where it takes longer, the verb goes on beside it. */
const DELAY_MS = 800;

/** Runs the verb twice at once: the second comes while the first one stands at a place. */
export async function runTwice(world: World, place: Place, end: EndState): Promise<void> {
  world.reset();
  const options = { dir: world.dir ?? world.home, agent: world.agent };
  const [one, two] = [startWorker(world.box, options), startWorker(world.box, options)];
  const first = one.run(world.verb, world.input, { pauseAt: place });
  await first.paused;
  const second = two.run(world.verb, world.input);
  // The second waits for its turn, or has ended: both are wanted, and which of them it is nobody tells.
  await Promise.race([second.answer, pause(SECOND_MS)]);
  first.goOn();
  const answers = await Promise.all([first.answer, second.answer]);
  for (const answer of answers) requireOwn(answer);
  await Promise.all([one.kill(true), two.kill(true)]);
  checkInvariants(world);
  // Twice was asked for, and twice it may have been added.
  if (world.adds) return;
  if (JSON.stringify(endState(world)) !== JSON.stringify(end)) done(await run(world));
  compare(world, end);
}

/** So long a second run may need to come to where it waits. */
const SECOND_MS = 400;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function compare(world: World, end: EndState): void {
  checkInvariants(world);
  const now = endState(world);
  for (const [part, wanted] of Object.entries(end)) {
    expect(JSON.stringify(now[part], null, 1), `${part} after the second run`).toBe(JSON.stringify(wanted, null, 1));
  }
}

async function run(world: World, kill?: Place & { group: boolean }): Promise<Answer> {
  const { box, verb, input } = world;
  const options = { dir: world.dir ?? world.home, agent: world.agent };
  return kill ? once(box, options, verb, input, { kill }) : order(world, {});
}

const residents = new WeakMap<World, Worker>();

/**
 * Runs the verb in a process that stays: it opens the repository anew each time, and is another one than any that was
 * killed. Most of a run would be the start of its process.
 */
async function order(world: World, how: Parameters<Worker["run"]>[2]): Promise<Answer> {
  const worker = residents.get(world) ?? startWorker(world.box, { dir: world.dir ?? world.home, agent: world.agent });
  residents.set(world, worker);
  const answer = await worker.run(world.verb, world.input, how).answer;
  if (answer.killed) residents.delete(world);
  return answer;
}

/** Lets the verb run for a while and kills it wherever it is. @returns whether it was still at work */
export async function killAfter(world: World, ms: number, group: boolean): Promise<boolean> {
  world.reset();
  const worker = startWorker(world.box, { dir: world.dir ?? world.home, agent: world.agent });
  const { answer } = worker.run(world.verb, world.input);
  const timer = setTimeout(() => void worker.kill(group), ms);
  const { killed } = await answer;
  clearTimeout(timer);
  await worker.kill(true);
  checkInvariants(world);
  return killed;
}

/**
 * Runs the verb again after a kill that may have hit git itself, unless everything had been done by then: a claim that
 * is whole is not one more time the caller's. A lock file which git left is named by the verb or by doctor, and removed
 * here as a person would.
 */
export async function rerun(world: World, end: EndState): Promise<void> {
  if (JSON.stringify(endState(world)) === JSON.stringify(end)) return;
  const again = await run(world);
  if (again.error) {
    const locks = locksOf(world);
    expect(locks, `${again.error.code}: ${again.error.message}`).not.toEqual([]);
    for (const lock of locks) rmSync(lock, { force: true });
    done(await run(world));
  }
  compare(world, end);
}

/** Lock files of git in the repositories of a world, but not Berth's own. */
function locksOf(world: World): string[] {
  const all = [join(world.home, ".git"), world.box.hub, join(world.home, ".sessions", world.id, ".git")];
  return all
    .filter((dir) => existsSync(dir))
    .flatMap((dir) => readdirSync(dir, { recursive: true, encoding: "utf8" }).map((name) => join(dir, name)))
    .filter((file) => file.endsWith(".lock") && !file.includes("/berth/locks/"));
}
