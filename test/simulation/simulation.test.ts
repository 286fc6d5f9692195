import { expect, test } from "vitest";
import { numbered, report, runSeeds } from "./run-seeds.ts";

const FEW = { from: 1, count: 16, actions: 10 };

test("[INV-1] [INV-2] [INV-3] [INV-4] [INV-5] a few seeds of the simulation break no rule", async () => {
  const found = await runSeeds(FEW);
  expect(report(found, FEW)).toBe("");
  expect(found.counts["seeds"]).toBe(FEW.count);
  // What goes wrong does go wrong.
  for (const what of ["claim: done", "complete: done", "moves of the hub", "processes killed", "pauses"])
    expect(found.counts[what], what).toBeGreaterThan(0);
});

test("[INV-4] a session that is closed before its work has landed is found, and its seed replays", async () => {
  const seeds = { from: 1, count: 4, actions: 12, planted: "close before landed", workers: 1 };
  const [once, again] = await Promise.all([runSeeds(seeds), runSeeds(seeds)]);
  expect(once.broken.flatMap(({ broken }) => broken).join("\n")).toMatch(/INV-4: .* has work, and landed nothing/);
  expect(numbered(again.broken)).toEqual(numbered(once.broken));
});
