import { execFileSync } from "node:child_process";
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Library from "../src/index.ts";
import { makeHub } from "./hub.ts";
import { type Row, timed } from "./row.ts";
import type { Stage } from "./stage.ts";

const SESSIONS = 20;
const PAIRS = (SESSIONS * (SESSIONS - 1)) / 2;

/**
 * Which of twenty sessions would conflict, with work that is not committed in each: with nothing remembered, after a
 * change in one of them, and with no change, beside `git merge-tree` for each pair of their branches.
 */
export async function conflictsRow(stage: Stage, quick: boolean): Promise<Row[]> {
  const rounds = quick ? 3 : 15;
  const { berth, dir, workspaces } = await sessionsAt(stage);
  const times = { cold: [] as number[], one: [] as number[], none: [] as number[], floor: [] as number[] };
  const heads = workspaces.map(({ branch }) => branch);
  for (let round = -1; round < rounds; round++) {
    rmSync(join(dir, ".git", "berth", "conflicts"), { recursive: true, force: true });
    const cold = await took(() => berth.conflicts({}));
    const at = (round + 1) % SESSIONS;
    // A file of its own: nothing new is to be told.
    appendFileSync(join(workspaces[at]?.path ?? "", "src", `own-${at}.txt`), `round ${round}\n`);
    const one = await took(() => berth.conflicts({}));
    // A file that was written just now is looked at again.
    await new Promise((resolve) => setTimeout(resolve, 60));
    await berth.conflicts({});
    const none = await took(() => berth.conflicts({}));
    const floor = await took(() => mergeEach(dir, stage, heads));
    if (round < 0) continue;
    times.cold.push(cold);
    times.one.push(one);
    times.none.push(none);
    times.floor.push(floor);
  }
  berth.close();
  const what = `conflicts of ${SESSIONS} sessions, ${PAIRS} pairs and the base`;
  const row = { id: "conflicts", floorName: `git merge-tree × ${PAIRS}`, barOn: "value" } as const;
  return [
    timed({ ...row, title: `${what}, cold`, bar: 1000 }, times.cold, times.floor),
    timed({ ...row, title: `${what}, one changed`, bar: 100 }, times.one, times.floor),
    timed({ ...row, title: `${what}, none changed`, bar: null }, times.none, times.floor),
  ];
}

async function sessionsAt(stage: Stage): Promise<{
  readonly berth: Library.Berth;
  readonly dir: string;
  readonly workspaces: readonly { readonly path: string; readonly branch: string }[];
}> {
  const { clones } = makeHub(stage, { files: 200, finished: 0, planned: SESSIONS, clones: 1 });
  const dir = clones[0] ?? "";
  const library = join(stage.installed, "dist", "index.js");
  const { openBerth } = (await import(pathToFileURL(library).href)) as typeof Library;
  const machineDir = stage.env["BERTH_HOME"] ?? dir;
  const berth = await openBerth(dir, { env: stage.env, agent: "bench", program: stage.program, machineDir });
  const workspaces: { path: string; branch: string }[] = [];
  for (let at = 0; at < SESSIONS; at++) {
    const claim = await berth.claim({ next: true });
    if (!("workspace" in claim) || !claim.workspace) throw new Error("a claim without a workspace");
    const { path, branch } = claim.workspace;
    // One in five conflicts with one in five; each has committed work and other work.
    writeFileSync(join(path, "src", `shared-${at % 5}.txt`), `of session ${at}\n`);
    execFileSync("git", ["add", "--all"], { cwd: path, env: stage.env });
    execFileSync("git", ["commit", "--quiet", "--no-verify", "-m", "Work"], { cwd: path, env: stage.env });
    writeFileSync(join(path, "src", `own-${at}.txt`), "not committed\n");
    workspaces.push({ path, branch });
  }
  return { berth, dir, workspaces };
}

/** The floor sees what is committed alone. */
function mergeEach(dir: string, stage: Stage, heads: readonly string[]): Promise<void> {
  for (const [at, a] of heads.entries())
    for (const b of heads.slice(at + 1)) {
      try {
        execFileSync("git", ["merge-tree", "--write-tree", a, b], { cwd: dir, env: stage.env, stdio: "ignore" });
      } catch {
        // Those that conflict end with 1.
      }
    }
  return Promise.resolve();
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
