import { appendFileSync } from "node:fs";
import { afterAll } from "vitest";

/** One thing that was tried. */
export interface Combination {
  readonly verb: string;
  readonly step: string;
  readonly fault: string;
  readonly hub: string;
  readonly engine: string;
}

const AXES: readonly (keyof Combination)[] = ["verb", "step", "fault", "hub", "engine"];

/** Counts what the tests of a file tried, and prints it; the whole run adds it up. */
export function matrixSize(): (one: Combination) => void {
  const tried: Combination[] = [];
  afterAll(() => {
    console.log(sizeLine("this file", tried));
    const file = process.env["BERTH_MATRIX_FILE"];
    if (file !== undefined) appendFileSync(file, tried.map((one) => `${JSON.stringify(one)}\n`).join(""));
  });
  return (one) => void tried.push(one);
}

/** How many combinations ran, of how many values on each axis. */
export function sizeLine(what: string, tried: readonly Combination[]): string {
  const counts = AXES.map((axis) => `${new Set(tried.map((one) => one[axis])).size} ${axis}s`);
  return `fault matrix, ${what}: ${tried.length} combinations ran (${counts.join(", ")})`;
}
