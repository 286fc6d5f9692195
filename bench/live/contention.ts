import { join } from "node:path";
import { type Row, timed } from "../row.ts";
import type { Stage } from "../stage.ts";
import { crew } from "./crew.ts";
import type { Order, Times } from "./live-worker.ts";
import { projectAt } from "./project.ts";

const WRITERS = 16;

/** Sixteen processes that write without a pause, through the store and with nothing but SQLite's own busy wait. */
export async function contentionRow(stage: Stage, quick: boolean): Promise<Row[]> {
  const { berth, at } = await projectAt(stage);
  await berth.sharedSet({ path: "", value: {} });
  berth.close();
  const file = join(at.dir, ".git", "berth", "live", "store.db");
  const [rounds, seconds] = quick ? [1, 3] : [6, 10];
  // More times than a call takes arguments.
  let ours: number[] = [];
  let plain: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours = ours.concat(await hammered({ ...at, job: "hammer", seconds }));
    plain = plain.concat(await hammered({ job: "plain", file, seconds }));
  }
  const row = { id: "contention", floorName: "plain SQLite, busy_timeout", bar: null };
  const of = `write among ${WRITERS} processes that never pause`;
  return [
    timed({ ...row, title: `${of}, worst wait`, statistic: "max" }, ours, plain),
    timed({ ...row, title: of, statistic: "p99" }, ours, plain),
  ];
}

async function hammered(order: Order): Promise<number[]> {
  const times: readonly Times[] = await crew(Array.from({ length: WRITERS }, () => order));
  return times.flatMap((one) => one["write"] ?? []);
}
