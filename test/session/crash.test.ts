import { expect, test } from "vitest";
import { killAndRerun, undisturbed } from "../support/crash.ts";
import { type HubKind, makeWorld } from "../support/crash-worlds.ts";

/**
 * The verb that all others hang on, at the first occurrence of every step; later ones, all other verbs, and whole groups
 * are in the long run.
 */
const chosen: readonly (readonly [string, HubKind])[] = [["claim in a worktree", "remote"]];

for (const [name, hub] of chosen) {
  test(`[INV-5] [ASP-14] ${name}, hub ${hub}: killed at any step, it is finished by running it again`, async () => {
    const world = await makeWorld(name, hub);
    const { places, end } = await undisturbed(world);
    expect(places.length).toBeGreaterThan(5);
    for (const place of places.filter(({ occurrence }) => occurrence === 1))
      await killAndRerun(world, place, false, end);
  }, 240_000);
}
