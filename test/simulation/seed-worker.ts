/**
 * Runs seeds and prints what came of them as JSON, a line for each broken seed and one for the whole:
 * `node test/simulation/seed-worker.ts FROM COUNT [EVERY] [PLANTED] [ACTIONS]`. With BERTH_SIM_SEED it runs that seed alone,
 * and prints its trace for people.
 */
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { planted } from "./planted.ts";
import { type Result, simulate } from "./simulate.ts";
import { makeTemplate } from "./world.ts";

const [from = "1", howMany = "1", every = "1", bug = "", actions = ""] = process.argv.slice(2);
const options = { ...(bug ? { verbs: planted[bug] } : {}), ...(actions ? { actions: Number(actions) } : {}) };
const template = await makeTemplate();
const counts = new Map<string, number>();
const add = (what: string, count: number): void => void counts.set(what, (counts.get(what) ?? 0) + count);
const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

async function run(seed: number): Promise<Result> {
  try {
    return await simulate(template, seed, options);
  } catch (error) {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed, broken: [`the simulation itself failed: ${said}`], trace: [], counts: new Map(), steps: 0 };
  }
}

const alone = process.env["BERTH_SIM_SEED"];
if (alone !== undefined) {
  const { trace, broken } = await run(Number(alone));
  process.stdout.write(`${[...trace, ...(broken.length === 0 ? ["nothing is broken"] : broken)].join("\n")}\n`);
} else {
  for (let i = 0; i < Number(howMany); i++) {
    const { seed, broken, trace, counts: own, steps } = await run(Number(from) + i * Number(every));
    if (broken.length > 0) tell({ seed, broken, trace });
    add("seeds", 1);
    add("steps", steps);
    for (const [what, count] of own) add(what, count);
  }
  tell({ counts: Object.fromEntries(counts) });
}
rmSync(dirname(template.root), { recursive: true, force: true });
// Dead processes left promises and timers behind.
process.exit(0);
