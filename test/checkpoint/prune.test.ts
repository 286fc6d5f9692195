import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Clock } from "../../src/clock.ts";
import type { Berth } from "../../src/open.ts";
import { claimed, commit, team, working } from "../support/session.ts";
import { planned } from "../support/sandbox.ts";

async function keep(berth: Berth, id: string): Promise<string> {
  const taken = await berth.checkpoint({ id });
  if (!("checkpoint" in taken)) throw new Error("a dry run was not asked for");
  return taken.checkpoint.ref;
}

async function pruned(berth: Berth, input: Parameters<Berth["checkpointPrune"]>[0]): Promise<string[]> {
  const done = await berth.checkpointPrune(input);
  if (!("pruned" in done)) throw new Error("a dry run was not asked for");
  return done.pruned.drops.map(({ ref }) => ref);
}

/** A clock that one sets: names of checkpoints are in the order of their times. */
function stepping(start: number): { clock: Clock; pass(ms: number): void } {
  let now = start;
  const clock = { now: () => now, sleep: () => Promise.resolve(), random: () => 0.5 };
  return { clock, pass: (ms) => (now += ms) };
}

test("[XCS-19] [INV-3] checkpoints beyond their number go only where something newer holds the same", async () => {
  const { box, home, berth: first } = await team();
  const { id, dir } = await working(first, "Kept");
  const time = stepping(Date.now());
  const berth = await box.open(home, "agent one", { clock: time.clock });
  const refs: string[] = [];
  for (const text of ["same\n", "same\n", "other\n", "newest\n"]) {
    box.write(dir, { "loose.txt": text });
    refs.push(await keep(berth, id));
    time.pass(1000);
  }
  const [one, two, three, four] = refs;
  expect(await berth.checkpointPrune({ id, keep: 1, dryRun: true })).toMatchObject({
    plan: { drops: [{ ref: one }], stays: [{ ref: two }, { ref: three, why: expect.stringContaining("loose.txt") }] },
  });
  expect(await pruned(berth, { id, keep: 1 })).toEqual([one]);
  expect(await pruned(berth, { id, keep: 1 })).toEqual([]);
  commit(box, dir, `[${id}] feat: it`, { "loose.txt": "other\n" });
  expect(await pruned(berth, { id, keep: 1 })).toEqual([three]);
  const left = box.git(home, "for-each-ref", "--format=%(refname)", "refs/berth/checkpoints/");
  expect(left.split("\n")).toEqual([two, four]);
});

test("[XCS-19] by age as well, and what is staged, in conflict, or a commit that nothing else leads to, keeps one", async () => {
  const { box, home, berth: first } = await team({ settings: { push: { session: false } } });
  const { id, dir } = await working(first, "Kept");
  const time = stepping(Date.now());
  const berth = await box.open(home, "agent one", { clock: time.clock });
  box.write(dir, { "staged.txt": "staged only\n" });
  box.git(dir, "add", "staged.txt");
  rmSync(join(dir, "staged.txt"));
  const staged = await keep(berth, id);
  time.pass(1000);
  box.git(dir, "reset", "-q", "--hard");
  const lone = commit(box, dir, "Lost otherwise", { "x.txt": "x\n" });
  const onLone = await keep(berth, id);
  time.pass(1000);
  box.git(dir, "reset", "-q", "--hard", "HEAD~1");
  // A later checkpoint would keep what git remembers HEAD by.
  rmSync(join(box.git(dir, "rev-parse", "--absolute-git-dir"), "ORIG_HEAD"));
  const clean = await keep(berth, id);
  time.pass(1000);
  const again = await keep(berth, id);
  time.pass(40 * 86_400_000);
  const plan = await berth.checkpointPrune({ id, dryRun: true });
  expect(plan).toMatchObject({ plan: { drops: [{ ref: clean }] } });
  expect("plan" in plan ? plan.plan.stays.map(({ ref }) => ref) : []).toEqual([staged, onLone]);
  expect(JSON.stringify(plan)).toContain(`only it leads to the commit ${lone.slice(0, 10)}`);
  expect(again).not.toBe(clean);
});

test("[XCS-19] a taken checkpoint prunes by itself, in a clone too, and keeps no clone from being removed", async () => {
  const { box, home, berth: first } = await team({ settings: { checkpoint: { keep: 2 } } });
  const id = await planned(first, "Kept");
  const dir = await claimed(first, id, { workspace: "clone" });
  const time = stepping(Date.now());
  const berth = await box.open(home, "agent one", { clock: time.clock });
  const refs: string[] = [];
  for (let i = 0; i < 4; i++) {
    refs.push(await keep(berth, id));
    time.pass(1000);
  }
  for (const where of [home, dir])
    expect(box.git(where, "for-each-ref", "--format=%(refname)", "refs/berth/checkpoints/").split("\n")).toEqual(
      refs.slice(2),
    );
  expect(await berth.abandon({ id, reason: "no longer wanted" })).toMatchObject({ workspaceRemoved: true });
  expect((await berth.checkpointShow({ ref: refs[3] ?? "" })).checkpoint.session).toBe(id);
});
