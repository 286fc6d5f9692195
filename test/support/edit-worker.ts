/**
 * One agent that edits, stages, commits, logs, syncs and lands in its workspace until it is killed. Takes the order of
 * worker.ts, says `paused` when it begins, and writes the name of each deed into a log as it begins.
 */
import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { isBerthError, messageOf } from "../../src/errors.ts";
import { openBerth } from "../../src/open.ts";
import { editing } from "./edit-deeds.ts";
import { randomFrom } from "./random-from.ts";
import type { Order } from "./worker.ts";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { value } = await lines.next();
const order = JSON.parse(String(value)) as Order;
const { dir, machineDir, program, agent = "" } = order;
const input = order.input as { session: string; hub: string; files: number; seed: string; log: string };
const note = (line: string): void => appendFileSync(input.log, `${performance.now().toFixed(0)} ${line}\n`);
// The test that started this process is gone.
process.stdin.once("end", () => process.exit(0));

const berth = await openBerth(dir, { env: process.env, agent, machineDir, program });
const next = editing({ ...input, berth, dir, random: randomFrom(input.seed) });
process.stdout.write(`${JSON.stringify({ paused: "begins" })}\n`);
for (;;) {
  const { name, run } = next();
  note(`begins ${name}`);
  try {
    await run();
    note(`ends ${name}`);
  } catch (error) {
    // What is refused is refused: it goes on with something else.
    const code = isBerthError(error) ? error.code : ((error as NodeJS.ErrnoException).code ?? "");
    note(`refused ${code} ${messageOf(error).split("\n").slice(0, 4).join(" ")}`);
  }
}
