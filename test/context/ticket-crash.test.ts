import { expect, test } from "vitest";
import { killAndRerun, undisturbed } from "../support/crash.ts";
import { type HubKind, makeWorld } from "../support/crash-worlds.ts";

/** The longest verb, at the first occurrence of every step; all others, hubs, later occurrences and groups are in the long run. */
const chosen: readonly (readonly [string, HubKind])[] = [["close a ticket", "remote"]];

for (const [name, hub] of chosen) {
  test(`[TKT-06] [INV-3] [INV-5] ${name}, hub ${hub}: killed at any step, it is finished by running it again`, async () => {
    const world = await makeWorld(name, hub);
    const { places, end } = await undisturbed(world);
    const first = places.filter(({ occurrence }) => occurrence === 1);
    expect(first.length).toBeGreaterThan(3);
    for (const [i, place] of first.entries()) await killAndRerun(world, place, i % 2 === 1, end);
  }, 240_000);
}
