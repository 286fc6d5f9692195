import { afterAll, expect, test } from "vitest";
import { STEPS } from "../../src/progress.ts";
import { killAfter, killAndRerun, rerun, undisturbed } from "../support/crash.ts";
import { type HubKind, makeWorld, scenarioNames } from "../support/crash-worlds.ts";
import { longCount } from "../support/long-count.ts";

/** A hub that cannot move branches together matters to what moves two: a landing, and a claim that fences. */
const fenced = ["claim after a release", "land", "land a second time", "complete", "take-over"];

function hubsOf(name: string): readonly HubKind[] {
  return fenced.includes(name) ? ["remote", "local", "single"] : ["remote", "local"];
}

const reached = new Set<string>();
let kills = 0;

/** In a small run every second kill is of the group, in a full one each place is tried both ways. */
const ways = longCount("ways to die at each step", { small: 1, full: 2 });

for (const name of scenarioNames) {
  for (const hub of hubsOf(name)) {
    test(`[INV-3] [INV-5] [ASP-14] [ASP-16] ${name}, hub ${hub}: killed at every step, alone and with its group`, async () => {
      const world = await makeWorld(name, hub);
      const { places, end } = await undisturbed(world);
      for (const [i, place] of places.entries()) {
        reached.add(place.step);
        const groups = ways === 2 ? [false, true] : [i % 2 === 1];
        for (const group of groups) {
          await killAndRerun(world, place, group, end);
          kills++;
        }
      }
    });
  }
}

test("every step that has a name is reached, and every step reached has a name", () => {
  expect([...reached].toSorted()).toEqual([...STEPS].toSorted());
});

const anywhere = longCount("kills of each verb at any moment", { small: 4, full: 25 });
for (const name of ["claim in a worktree", "claim in a clone", "complete", "release", "take-over"]) {
  for (const hub of ["remote", "local"] as const) {
    test(`[INV-3] [INV-5] ${name}, hub ${hub}: killed at any moment, inside git too`, async () => {
      const world = await makeWorld(name, hub);
      const { end, ms } = await undisturbed(world);
      for (let i = 0; i < anywhere; i++) {
        const killed = await killAfter(world, (ms * (i + 1)) / (anywhere + 1), true);
        if (killed) kills++;
        await rerun(world, end);
      }
    });
  }
}

afterAll(() => console.log(`kills that were survived: ${kills}`));
