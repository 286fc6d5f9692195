import { inTurn, measure, type Sample } from "./measure.ts";
import { makeHub } from "./hub.ts";
import { compared, type Row } from "./row.ts";
import type { Stage } from "./stage.ts";

/** A start of Node that does nothing. */
export const BARE: readonly string[] = [process.execPath, "-e", "0"];

/** What it costs to start at all, and to list a thousand sessions that were listed before. */
export async function startRow(stage: Stage, quick: boolean): Promise<Row[]> {
  const rounds = quick ? 10 : 40;
  const small = makeHub(stage, { files: 20, finished: 0, planned: 3, clones: 1 }).clones[0] ?? "";
  const large = makeHub(stage, { files: 20, finished: 0, planned: 1000, clones: 1 }).clones[0] ?? "";
  const run = (cwd: string, args: readonly string[]): Promise<Sample> =>
    measure([...stage.program, ...args], { cwd, env: stage.env });
  const { bare, version, list, thousand } = await inTurn(rounds, {
    bare: () => measure(BARE, { cwd: small, env: stage.env }),
    version: () => run(small, ["--version"]),
    list: () => run(small, ["list"]),
    thousand: () => run(large, ["list"]),
  });
  const row = { id: "start", floorName: "node -e 0" };
  return [
    compared({ ...row, title: "start alone (--version), CPU time", bar: 2.5, by: "cpuMs" }, version, bare),
    compared({ ...row, title: "start of a hot verb (list), CPU time", bar: 2.5, by: "cpuMs" }, list, bare),
    compared({ ...row, title: "start alone (--version)", bar: null }, version, bare),
    compared({ ...row, title: "start of a hot verb (list)", bar: null }, list, bare),
    compared({ ...row, title: "list, 1,000 sessions, warm", bar: 3 }, thousand, bare),
    compared({ ...row, title: "list, 1,000 sessions, warm, CPU time", bar: null, by: "cpuMs" }, thousand, bare),
  ];
}
