/**
 * Measures what the project promises about speed and size, each beside its floor in the same run, as a table and as
 * JSON. It measures the program as it is published: built, packed, installed, each call a process of its own.
 *
 *   npm run build && npm run bench [-- --quick] [--only ROW]... [--json FILE]
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkpointRow } from "./checkpoints.ts";
import { claimRow, finishedRow, togetherRow } from "./claims.ts";
import { conflictsRow } from "./conflicts.ts";
import { growthRow } from "./growth.ts";
import { contentionRow } from "./live/contention.ts";
import { contextPostgresRow, contextRow } from "./live/context.ts";
import { mergeRow } from "./live/merge.ts";
import { liveRow } from "./live/processes.ts";
import { installRow } from "./install.ts";
import { mcpRow } from "./mcp.ts";
import { type Row, tableOf } from "./row.ts";
import { checkout, makeStage, manifest, type Stage } from "./stage.ts";
import { startRow } from "./starts.ts";
import { ticketsRow } from "./tickets.ts";

const ROWS: Readonly<Record<string, (stage: Stage, quick: boolean) => Promise<Row[]> | Row[]>> = {
  claim: claimRow,
  together: togetherRow,
  finished: finishedRow,
  start: startRow,
  install: installRow,
  growth: growthRow,
  live: liveRow,
  merge: mergeRow,
  contention: contentionRow,
  context: contextRow,
  "context-postgres": contextPostgresRow,
  tickets: ticketsRow,
  checkpoint: checkpointRow,
  conflicts: conflictsRow,
  mcp: mcpRow,
};

const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    quick: { type: "boolean", default: false },
    json: { type: "string", default: join(checkout, ".bench", "results.json") },
  },
});

const unknown = options.only.filter((name) => !(name in ROWS));
if (unknown.length > 0 || !existsSync(join(checkout, "dist", "cli", "main.js"))) {
  console.error(
    unknown.length > 0
      ? `There is no row ${unknown.join(", ")}; rows are ${Object.keys(ROWS).join(", ")}.`
      : "The built program is measured, and there is none. Build it with: npm run build",
  );
  process.exitCode = 2;
} else await bench();

async function bench(): Promise<void> {
  const start = { time: new Date(), load: loadavg() };
  const stage = makeStage();
  const stop = (): void => {
    stage.clear();
    process.exit(130);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const rows: Row[] = [];
  try {
    for (const [name, measureRow] of Object.entries(ROWS)) {
      if (options.only.length > 0 && !options.only.includes(name)) continue;
      const began = performance.now();
      rows.push(...(await measureRow(stage, options.quick)));
      console.error(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    }
  } finally {
    stage.clear();
  }
  console.log(tableOf(rows));
  const file = resolve(options.json);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ schemaVersion: 1, ...machine(start), rows }, null, 2)}\n`);
  console.error(`Written to ${file}. Load was ${load(start.load)} at the start and is ${load(loadavg())}.`);
}

function machine(start: { readonly time: Date; readonly load: readonly number[] }): object {
  return {
    version: manifest().version,
    startedAt: start.time.toISOString(),
    tookMs: Date.now() - start.time.getTime(),
    quick: options.quick,
    node: process.version,
    git: execFileSync("git", ["version"], { encoding: "utf8" }).trim(),
    cpus: cpus().map(({ model }) => model),
    load: { before: start.load, after: loadavg() },
  };
}

function load(values: readonly number[]): string {
  return values.map((value) => value.toFixed(1)).join(" ");
}
