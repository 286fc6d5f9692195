import { expect, test } from "vitest";
import { killAndRerun, undisturbed } from "../support/crash.ts";
import { makeWorld } from "../support/crash-worlds.ts";

/** With a hub, and alone as well as with the whole group, the same is in the long tests of kills. */
for (const [name, hub] of [
  ["checkpoint", "remote"],
  ["restore a checkpoint", "local"],
  ["restore a checkpoint into a new folder", "local"],
] as const) {
  test(`[XCS-19] [INV-3] [INV-5] ${name}: killed at every step it loses nothing, and is finished by running it again`, async () => {
    const world = await makeWorld(name, hub);
    const { places, end } = await undisturbed(world);
    const steps = new Set(places.map(({ step }) => step));
    const wanted = hub === "remote" ? ["checkpoint.taken", "checkpoint.pushed", "checkpoint.pruned"] : ["restore.done"];
    for (const step of wanted) expect(steps).toContain(step);
    for (const place of places) await killAndRerun(world, place, true, end);
  }, 120_000);
}
