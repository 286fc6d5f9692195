import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Library from "../src/index.ts";
import { projectAt } from "./live/project.ts";
import { type Row, timed } from "./row.ts";
import type { Stage } from "./stage.ts";

const ROUNDS = 30;

/**
 * A checkpoint of a workspace in which one file changed, beside `git status` there: from a handle that is open, so
 * without the start of Berth, and with those of the git commands that each of them needs.
 */
export async function checkpointRow(stage: Stage, quick: boolean): Promise<Row[]> {
  const files = quick ? 2000 : 20_000;
  const rounds = quick ? 5 : ROUNDS;
  const { berth: planner, at } = await projectAt(stage, {}, { files, planned: 1 });
  const claimed = await planner.claim({ next: true });
  planner.close();
  if (!("workspace" in claimed) || !claimed.workspace) throw new Error("no workspace");
  const dir = claimed.workspace.path;
  const { openBerth } = (await import(pathToFileURL(at.library).href)) as typeof Library;
  const machineDir = stage.env["BERTH_HOME"] ?? dir;
  const berth = await openBerth(dir, { env: at.env, agent: "bench", program: stage.program, machineDir });
  const times = { ours: [] as number[], unchanged: [] as number[], floor: [] as number[] };
  for (let round = -2; round < rounds; round++) {
    appendFileSync(join(dir, "src/part-3/file-123.js"), `// round ${round}\n`);
    const floor = await took(() => execFileSync("git", ["status", "--porcelain"], { cwd: dir, env: stage.env }));
    const ours = await took(() => berth.checkpointIfChanged());
    const unchanged = await took(() => berth.checkpointIfChanged());
    if (round < 0) continue;
    times.floor.push(floor);
    times.ours.push(ours);
    times.unchanged.push(unchanged);
  }
  berth.close();
  const row = { id: "checkpoint", floorName: "git status there" };
  const title = `checkpoint of one changed file among ${files}`;
  return [
    timed({ ...row, title, bar: 2 }, times.ours, times.floor),
    timed({ ...row, title: `${title}, kept already`, bar: null }, times.unchanged, times.floor),
  ];
}

async function took(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
