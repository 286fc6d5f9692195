import { join } from "node:path";
import { inTurn, measure, type Sample } from "./measure.ts";
import { type Hub, makeHub } from "./hub.ts";
import { compared, type Row } from "./row.ts";
import type { Stage } from "./stage.ts";

const FLOOR = join(import.meta.dirname, "floor-claim.sh");

/** A claim by the program, from a clone. */
export function claim(stage: Stage, clone: string, id: string): Promise<Sample> {
  return measure([...stage.program, "claim", id, "--json"], { cwd: clone, env: stage.env });
}

/** The same result by git commands alone. */
export function floorClaim(stage: Stage, clone: string, id: string): Promise<Sample> {
  return measure(["sh", FLOOR, clone, id], { cwd: clone, env: stage.env });
}

/** Claim to ready workspace, 200 files, hub on disk; each contender has a hub of its own that grows alike. */
export async function claimRow(stage: Stage, quick: boolean): Promise<Row[]> {
  const rounds = quick ? 10 : 40;
  const content = { files: 200, finished: 10, planned: rounds + 1, clones: 1 };
  const [a, b] = [makeHub(stage, content), makeHub(stage, content)];
  const { ours, floor } = await inTurn(rounds, {
    ours: (round) => claim(stage, a.clones[0] ?? "", a.session(round)),
    floor: (round) => floorClaim(stage, b.clones[0] ?? "", b.session(round)),
  });
  const row = { id: "claim", floorName: "git commands in a shell script" };
  return [
    compared({ ...row, title: "claim to ready workspace, 200 files", bar: 1.5 }, ours, floor),
    compared({ ...row, title: "the same, CPU time", bar: null, by: "cpuMs" }, ours, floor),
  ];
}

/** Twenty clones claim twenty different sessions at once, and one after the other. */
export async function togetherRow(stage: Stage, quick: boolean): Promise<Row[]> {
  const [clones, rounds] = [20, quick ? 1 : 5];
  const hub = makeHub(stage, { files: 200, finished: 10, planned: 2 * clones * (rounds + 1), clones });
  let next = 0;
  const all = async (claims: (each: readonly (() => Promise<Sample>)[]) => Promise<Sample[]>): Promise<Sample> => {
    const each = hub.clones.map((clone) => {
      const id = hub.session(next++);
      return () => claim(stage, clone, id);
    });
    const start = performance.now();
    const samples = await claims(each);
    const cpuMs = samples.reduce((sum, sample) => sum + sample.cpuMs, 0);
    return { wallMs: performance.now() - start, cpuMs, stdout: "" };
  };
  const { together, sequence } = await inTurn(rounds, {
    together: () => all((each) => Promise.all(each.map((run) => run()))),
    sequence: () => all(inSequence),
  });
  const title = `${clones} clones claim ${clones} sessions at once`;
  return [compared({ id: "together", title, floorName: `${clones} claims in sequence`, bar: 1.3 }, together, sequence)];
}

async function inSequence(each: readonly (() => Promise<Sample>)[]): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const run of each) samples.push(await run());
  return samples;
}

/** A claim where the ledger holds ten thousand finished sessions, and where it holds ten. */
export async function finishedRow(stage: Stage, quick: boolean): Promise<Row[]> {
  const rounds = quick ? 5 : 25;
  const many = quick ? 1000 : 10_000;
  const hubOf = (finished: number): Hub => makeHub(stage, { files: 200, finished, planned: rounds + 1, clones: 1 });
  const [a, b] = [hubOf(many), hubOf(10)];
  const { ours, few } = await inTurn(rounds, {
    ours: (round) => claim(stage, a.clones[0] ?? "", a.session(round)),
    few: (round) => claim(stage, b.clones[0] ?? "", b.session(round)),
  });
  const title = `claim with ${many} finished sessions`;
  return [compared({ id: "finished", title, floorName: "claim with 10 finished sessions", bar: 1.3 }, ours, few)];
}
