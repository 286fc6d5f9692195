import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../../src/document/json.ts";
import { mergeValues } from "../../src/document/merge-values.ts";
import { longCount } from "../support/long-count.ts";
import { checkMerge } from "../support/merge-property.ts";
import { triples } from "../support/merge-triples.ts";

const merges = longCount("random three-way merges", { small: 2000, full: 10_000 });

test("[XCS-08] [XCS-09] [XCS-10] random merges lose no change of either side", () => {
  fc.assert(fc.property(triples, checkMerge), { numRuns: merges });
});

for (const shape of ["map", "list"] as const) {
  test(`[XCS-08] merging a ${shape} of 10 MB of which 1 % changed costs about what reading and writing it once does`, () => {
    const items = Array.from({ length: 30_000 }, (_, n) => task(n));
    const text = JSON.stringify({
      tasks: shape === "list" ? items : Object.fromEntries(items.map((item) => [item.id, item])),
    });
    const [base, ours, theirs] = [0, 1, 2].map(() => JSON.parse(text) as { readonly tasks: Record<string, Task> });
    const theirTasks = Object.values(theirs?.tasks ?? {});
    for (const [n, item] of Object.values(ours?.tasks ?? {}).entries()) {
      if (n % 200 === 0) item.title += " of ours";
    }
    for (const [n, item] of theirTasks.entries()) {
      if (n % 200 === 0) item.notes += "\nand theirs";
      if (n % 200 === 100) item.tags.push("theirs");
    }
    const merge = median(() => {
      const merged = mergeValues(json(base), json(ours), json(theirs), { policyAt: () => "three-way" });
      expect(merged.conflicts).toEqual([]);
    });
    const floor = median(() => JSON.stringify(JSON.parse(text)));
    const size = `${(text.length / 1e6).toFixed(1)} MB as a ${shape}`;
    console.log(`${size}: merged in ${merge.toFixed(0)} ms, read and written in ${floor.toFixed(0)} ms`);
    expect(merge).toBeLessThan(Math.max(100, 3 * floor));
  });
}

interface Task {
  readonly id: string;
  title: string;
  notes: string;
  readonly tags: string[];
  readonly priority: number;
  readonly by: { readonly role: string; readonly at: string };
}

function task(n: number): Task {
  const words = `word ${(n * 7919) % 10_007} and a sentence that says what is to be done here, number ${n}`;
  const by = { role: "frontend", at: "2026-01-01T00:00:00Z" };
  return { id: `t${n}`, title: words, notes: `${words}\n\n${words}`, tags: ["a", `b${n % 10}`], priority: n % 7, by };
}

function json(value: unknown): Json {
  return value as Json;
}

/** Of nine runs, in milliseconds. */
function median(run: () => void): number {
  const times = Array.from({ length: 9 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[4] ?? 0;
}
