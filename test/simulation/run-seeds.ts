import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Seeds {
  readonly from: number;
  readonly count: number;
  /** The name of a bug that is planted. */
  readonly planted?: string;
  /** How many calls and edits each seed has before its calm. */
  readonly actions?: number;
  /** How many processes share the seeds; without it one for each core. */
  readonly workers?: number;
}

export interface Broken {
  readonly seed: number;
  readonly broken: readonly string[];
  readonly trace: readonly string[];
}

export interface Found {
  readonly broken: readonly Broken[];
  readonly counts: Readonly<Record<string, number>>;
}

const WORKER = join(import.meta.dirname, "seed-worker.ts");

/** Runs seeds in processes of their own, each of which has its part of them. */
export async function runSeeds(seeds: Seeds): Promise<Found> {
  const workers = Math.min(seeds.count, seeds.workers ?? availableParallelism());
  const parts = Array.from({ length: workers }, (_, i) => {
    const count = Math.floor((seeds.count - i + workers - 1) / workers);
    return runPart(argumentsOf(seeds, seeds.from + i, count, workers));
  });
  const found = await Promise.all(parts);
  const counts = new Map<string, number>();
  for (const part of found)
    for (const [what, count] of Object.entries(part.counts)) counts.set(what, (counts.get(what) ?? 0) + count);
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return { broken: found.flatMap(({ broken }) => broken), counts: Object.fromEntries(sorted) };
}

function argumentsOf({ planted = "", actions }: Seeds, from: number, count: number, every: number): string[] {
  return [from, count, every, planted, actions ?? ""].map(String);
}

async function runPart(args: readonly string[]): Promise<Found> {
  const child = spawn(process.execPath, [WORKER, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const broken: Broken[] = [];
  let counts: Found["counts"] | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as Broken | Pick<Found, "counts">;
    if ("counts" in said) counts = said.counts;
    else broken.push(said);
  }
  if (!counts) throw new Error(`the seeds ${args.join(" ")} came to no end`);
  return { broken, counts };
}

/**
 * Broken seeds with their commits numbered in the order in which they appear: what a handoff says of folders is in the
 * commits, and each run has a folder of its own.
 */
export function numbered(broken: readonly Broken[]): readonly Broken[] {
  return broken.map((one) => {
    const names = new Map<string, string>();
    const known = (name: string): string => {
      names.set(name, names.get(name) ?? `commit-${names.size}`);
      return names.get(name) ?? name;
    };
    const clear = (line: string): string => line.replaceAll(/\b[0-9a-f]{8,64}\b/g, known);
    return { ...one, broken: one.broken.map(clear), trace: one.trace.map(clear) };
  });
}

/** What people need to see of a broken seed: how to run it again, and its last steps. */
export function report({ broken }: Found, seeds: Omit<Seeds, "from" | "count">): string {
  return broken
    .slice(0, 3)
    .map(({ seed, broken: rules, trace }) => {
      const more =
        seeds.planted === undefined && seeds.actions === undefined
          ? ""
          : ` 1 1 1 "${seeds.planted ?? ""}" ${seeds.actions ?? ""}`;
      const again = `BERTH_SIM_SEED=${seed} npm run env -- node test/simulation/seed-worker.ts${more}`;
      return [`Seed ${seed} broke a rule. To see it again: ${again.trimEnd()}`, ...rules, ...trace.slice(-40)].join(
        "\n",
      );
    })
    .join("\n\n");
}
