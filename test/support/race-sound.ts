import { expect } from "vitest";
import type { Berth } from "../../src/open.ts";
import { readVersions } from "../../src/shared-context/version.ts";
import { eventsAfter } from "../../src/store/feed.ts";
import type { FeedEvent, Reading } from "../../src/store/store.ts";
import type { Life } from "./race.ts";
import { contextProblems, type Kept, messageProblems, noticeProblems } from "./race-context.ts";
import { replay } from "./race-replay.ts";
import { beliefProblems, type Call, callsOf, toldProblems } from "./race-told.ts";

/** Everything that the feed, the store and the agents' notes say must fit together. */
export async function expectSound(
  berth: Berth,
  lives: readonly Life[],
): Promise<{ events: readonly FeedEvent[]; calls: readonly Call[] }> {
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
  expect(noticeProblems(events, kept)).toEqual([]);
  expect(await berth.sharedVerify({})).toMatchObject({ sound: true, checked: kept.versions.length });
  return { events, calls };
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
      messages: await tx.all(`${of("seq, recipient, kind, body, data from message")} order by seq`, tx.project),
    },
  };
}

/** How long each call of a verb that writes took, waiting for locks aside, and a process's first, which opens the store. */
export function raceLine(what: string, lives: readonly Life[]): string {
  const calls = lives.flatMap(callsOf).filter(({ to }) => to !== null);
  const waits = (call: Call): boolean => call.verb === "lock" && Number(call.input["waitMs"]) > 0;
  const writes = calls.filter(
    (call) => !["sharedGet", "status", "agents", "tasks", "sharedVerify"].includes(call.verb),
  );
  const times = writes.filter((call) => call.n > 1 && !waits(call)).map(({ from, to }) => (to ?? 0) - from);
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1);
  const killed = lives.filter((life) => life.killed).length;
  const figures = `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms`;
  return `${what}: ${calls.length} calls, ${killed} killed; writes: ${figures}`;
}
