import { expect, test } from "vitest";
import { readVersions } from "../../src/shared-context/version.ts";
import { eventsAfter } from "../../src/store/feed.ts";
import type { FeedEvent, Reading } from "../../src/store/store.ts";
import type { Berth } from "../../src/open.ts";
import { longCount } from "../support/long-count.ts";
import { testServer } from "../support/postgres.ts";
import { type Life, race } from "../support/race.ts";
import { contextProblems, type Kept, messageProblems } from "../support/race-context.ts";
import { FILES } from "../support/race-deeds.ts";
import { replay } from "../support/race-replay.ts";
import { beliefProblems, type Call, callsOf, toldProblems } from "../support/race-told.ts";
import { sandbox } from "../support/sandbox.ts";

const server = testServer();
const seconds = longCount("seconds of a race of 16 agents, for each engine", { small: 6, full: 30 });

for (const engine of ["SQLite", "PostgreSQL"] as const)
  test(`[XCS-01] [XCS-04] [XCS-06] [XCS-08] [INV-7] sixteen agents register, lock, take tasks and write at once, some are killed: ${engine}`, async () => {
    const box = sandbox({ files: FILES });
    const env = { ...process.env, ...(engine === "SQLite" ? {} : { BERTH_DATABASE_URL: await server.database() }) };
    const home = box.clone("home");
    await (await box.open(home)).init({});
    box.git(home, "add", "--all");
    box.git(home, "commit", "--quiet", "-m", "Set up Berth");
    box.git(home, "push", "--quiet", "origin", "main");
    const berth = await box.open(home, "witness", { env });
    // Half of them share the checkout; the others have a work tree each, and on a server also a clone.
    const dirs = Array.from({ length: 16 }, (_, i) => {
      if (i % 2 === 0) return home;
      if (engine === "PostgreSQL" && i % 4 === 1) return box.clone(`clone${i}`);
      box.git(home, "worktree", "add", "--quiet", "--detach", `../tree${i}`);
      return `${home}/../tree${i}`;
    });
    const lives = await race(box, { dirs, env, ms: seconds * 1000, killEveryMs: 1200 });
    // Who was killed at the end is reclaimed with this.
    expect((await berth.agents({})).agents).toEqual([]);
    await expectSound(berth, lives);
    report(engine, lives);
  });

/** Everything that the feed, the store and the agents' notes say must fit together. */
async function expectSound(berth: Berth, lives: readonly Life[]): Promise<void> {
  const store = await berth.project.store.open();
  const { events, holds, tasks, agents, kept } = await store.read(readAll);
  const seen = replay(events);
  expect(seen.problems).toEqual([]);
  expect(seen.holds.toSorted((a, b) => a - b)).toEqual(holds.map(({ fence }) => fence));
  expect(seen.tasks).toEqual(Object.fromEntries(tasks.map(({ id, state }) => [id, state])));
  expect(seen.agents.toSorted()).toEqual(agents.map(({ id }) => id));
  expect(toldProblems(lives, events, seen)).toEqual([]);
  expect(beliefProblems(lives)).toEqual([]);
  const calls = lives.flatMap(callsOf);
  expect(contextProblems(calls, kept)).toEqual([]);
  expect(messageProblems(calls, kept)).toEqual([]);
  expect(await berth.sharedVerify({})).toMatchObject({ sound: true, checked: kept.versions.length });
  expectEventful(events, calls);
}

/** A race in which nothing of a kind happened would prove nothing of it. A short one need not have met what is rare. */
function expectEventful(events: readonly FeedEvent[], calls: readonly Call[]): void {
  const often = "agent.registered agent.left agent.died lock.granted lock.released lock.waiting task.queued task.taken";
  const rare = "lock.expired task.blocked task.handed context.resolved";
  const kinds = `${often} task.done task.requeued context.changed context.conflict ${seconds < 30 ? "" : rare}`;
  const met = new Set(events.map(({ kind }) => kind));
  expect(kinds.split(" ").filter((kind) => kind !== "" && !met.has(kind))).toEqual([]);
  const errors = new Set(calls.map(({ error }) => error));
  for (const error of ["LOCK_HELD", "ALREADY_REGISTERED"]) expect(errors).toContain(error);
  if (seconds >= 30) for (const error of ["TIMED_OUT", "DEADLOCK"]) expect(errors).toContain(error);
}

async function readAll(tx: Reading): Promise<{
  events: FeedEvent[];
  holds: { fence: number }[];
  tasks: { id: string; state: string }[];
  agents: { id: string }[];
  kept: Kept;
}> {
  const of = (what: string): string => `select ${what} where project = $1`;
  return {
    events: await eventsAfter(tx, 0, 10_000_000),
    holds: await tx.all(`${of("fence from hold")} order by fence`, tx.project),
    tasks: await tx.all(of("id, trim(status || ' ' || coalesce(agent, '')) as state from task"), tx.project),
    agents: await tx.all(`${of("id from agent")} order by id`, tx.project),
    kept: {
      versions: await readVersions(tx, 0, 10_000_000),
      conflicts: await tx.all(of("id, sides, theirs_by from context_conflict"), tx.project),
      messages: await tx.all(`${of("seq, recipient, body from message")} order by seq`, tx.project),
    },
  };
}

/** Verbs that are one write of the store, and how long each call took, waiting for locks aside. */
function report(engine: string, lives: readonly Life[]): void {
  const calls = lives.flatMap(callsOf).filter(({ to }) => to !== null);
  const waits = (call: Call): boolean => call.verb === "lock" && Number(call.input["waitMs"]) > 0;
  const writes = calls.filter(
    (call) => !["sharedGet", "status", "agents", "tasks", "sharedVerify"].includes(call.verb),
  );
  const times = writes.filter((call) => !waits(call)).map(({ from, to }) => (to ?? 0) - from);
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1);
  const killed = lives.filter((life) => life.killed).length;
  console.log(
    `${engine}: ${calls.length} calls, ${killed} killed; writes: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms`,
  );
}
