import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Answer, done, exitOf, startWorker, type Worker } from "./processes.ts";
import { planned, type Sandbox, sandbox } from "./sandbox.ts";

/** Who races: where the agents stand, and what they are called. */
export interface Field {
  readonly hub: "remote" | "local";
  /** `machine`: a clone each, and nothing shared but the hub, as on machines of their own. */
  readonly clones: "one" | "each" | "machine";
  readonly names: "different" | "same";
}

export const fields: readonly Field[] = [
  { hub: "remote", clones: "one", names: "different" },
  { hub: "remote", clones: "one", names: "same" },
  { hub: "remote", clones: "each", names: "different" },
  { hub: "remote", clones: "each", names: "same" },
  { hub: "remote", clones: "machine", names: "different" },
  { hub: "remote", clones: "machine", names: "same" },
  { hub: "local", clones: "one", names: "different" },
  { hub: "local", clones: "one", names: "same" },
];

export function nameOf(field: Field): string {
  const places = { one: "in one clone", each: "in a clone each", machine: "on a machine each" };
  const where = field.hub === "local" ? "without a remote" : places[field.clones];
  return `${where}, with ${field.names === "same" ? "one name for all" : "different names"}`;
}

export interface Race {
  readonly box: Sandbox;
  readonly workers: readonly Worker[];
  /** Plans sessions and brings every clone's knowledge of them up to date by nothing: claims fetch themselves. */
  readonly plan: (...titles: string[]) => Promise<string[]>;
}

/** A repository with Berth, and agents at the start. */
export async function startRace(field: Field, count: number): Promise<Race> {
  const box = sandbox({ remote: field.hub === "remote" });
  const first = field.hub === "remote" ? box.clone("planner") : box.hub;
  const planner = await box.open(first, "planner");
  await planner.init({});
  const workers = Array.from({ length: count }, (_, i) => {
    const dir = field.clones === "one" ? first : box.clone(`clone${i}`);
    const agent = field.names === "same" ? "twin" : `agent ${i}`;
    return startWorker(box, { dir, agent, ...(field.clones === "machine" ? { machineDir: `${dir}-machine` } : {}) });
  });
  return {
    box,
    workers,
    plan: async (...titles) => {
      const ids: string[] = [];
      for (const title of titles) ids.push(await planned(planner, title));
      return ids;
    },
  };
}

/** All race for one session: exactly one wins, and every other is told who did. */
export async function raceForOne({ box, workers, plan }: Race, title: string): Promise<void> {
  const [id = ""] = await plan(title);
  const answers = await Promise.all(workers.map((w) => w.run("claim", { id }).answer));
  const winners = answers.flatMap((a, i) => (a.result === undefined ? [] : [i]));
  expect(winners, JSON.stringify(answers.map((a) => a.error?.message ?? "won"))).toHaveLength(1);
  const winner = workers[winners[0] ?? 0];
  for (const [i, answer] of answers.entries()) {
    if (i === winners[0]) continue;
    expect([answer.error?.code, exitOf(answer)], answer.error?.message).toEqual(["CLAIM_LOST", 4]);
    expect(answer.error?.facts["winner"]).toMatchObject({ agent: winner?.agent, epoch: 1 });
    expect(answer.error?.message).toContain(winner?.agent);
  }
  expect(lockLines(box).filter((line) => line.startsWith(`${id}:`))).toHaveLength(1);
  const made = workers.filter((w) => existsSync(join(w.dir, ".worktrees", id)));
  expect(new Set(made.map((w) => w.dir))).toEqual(new Set([winner?.dir]));
}

/** Each claims a session of its own, all at once: nobody fails because of another. */
export async function claimEach({ box, workers, plan }: Race, round: string): Promise<void> {
  const ids = await plan(...workers.map((_, i) => `Own ${round} ${i}`));
  const answers = await Promise.all(workers.map((w, i) => w.run("claim", { id: ids[i] ?? "" }).answer));
  for (const answer of answers) done(answer);
  const locked = lockLines(box).map((line) => line.split(":")[0]);
  expect(ids.filter((id) => locked.filter((l) => l === id).length !== 1)).toEqual([]);
}

/** More agents than sessions take whatever comes next: the sessions go to different ones, the rest find nothing. */
export async function claimNexts({ workers, plan }: Race, sessions: number, round: string): Promise<void> {
  const ids = await plan(...Array.from({ length: sessions }, (_, i) => `Next ${round} ${i}`));
  const answers = await Promise.all(workers.map((w) => w.run("claim", { next: true }).answer));
  const won = answers
    .filter((a: Answer) => a.result !== undefined)
    .map((a) => (done(a)["session"] as { id: string }).id);
  expect(won.toSorted()).toEqual(ids.toSorted());
  const rest = answers.filter((a) => a.error).map((a) => a.error?.code);
  expect(rest).toEqual(Array.from({ length: workers.length - sessions }, () => "NOTHING_FITS"));
}

export function lockLines(box: Sandbox): string[] {
  return box.git(box.hub, "show", "berth/ledger:sessions.lock").split("\n").filter(Boolean);
}
