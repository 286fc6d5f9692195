import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Place } from "./worker.ts";

/** Which verb a scenario calls, and which places it comes by with each hub. */
export interface Recorded {
  readonly verb: string;
  readonly places: Readonly<Record<string, readonly string[]>>;
}

const FILE = join(import.meta.dirname, "matrix-record.json");

/** What every scenario of the fault matrix reached when it was last run with `UPDATE=1`. */
export function matrixRecord(): Readonly<Record<string, Recorded>> {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as Record<string, Recorded>) : {};
}

/**
 * Compares what a scenario reaches with what is recorded of it, or records it with `UPDATE=1`. The quick tests read the
 * record: a verb or step that is in none of its rows is one that nothing tries.
 * @returns whether it was recorded, and nothing else is to be done
 */
export function expectRecorded(name: string, verb: string, hub: string, reached: readonly Place[]): boolean {
  const places = [...new Set(reached.map(({ step }) => step))].toSorted();
  const record = matrixRecord();
  if (process.env["UPDATE"] !== "1") {
    expect(record[name], `${name} in matrix-record.json; UPDATE=1 writes it`).toMatchObject({
      verb,
      places: { [hub]: places },
    });
    return false;
  }
  const next = { ...record, [name]: { verb, places: { ...record[name]?.places, [hub]: places } } };
  const rows = Object.entries(next).toSorted(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`);
  return true;
}
