import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { killAndRerun, undisturbed } from "../support/crash.ts";
import { makeWorld } from "../support/crash-worlds.ts";
import { LEGACY } from "../support/legacy.ts";
import { once } from "../support/processes.ts";

for (const hub of ["local", "remote"] as const) {
  test(`[TKT-10] [INV-5] a migration, hub ${hub}, killed at every step, is finished by running it again`, async () => {
    const world = await makeWorld("migrate", hub);
    const { places, end } = await undisturbed(world);
    const steps = ["migrate.committed", "migrate.verified", "checkout.noted", "checkout.brought", "migrate.moved"];
    expect(places.map(({ step }) => step)).toEqual(steps);
    expect(readFileSync(join(world.home, "src/b.txt"), "utf8")).toBe("edited\n");
    for (const [index, place] of places.entries()) await killAndRerun(world, place, index % 2 === 1, end);
  }, 240_000);
}

test("[TKT-10] [INV-5] a roll-back killed at every step is finished by running it again", async () => {
  const world = await makeWorld("migrate", "local");
  world.reset();
  const { box, home } = world;
  const start = box.git(home, "rev-parse", "HEAD^{tree}");
  const worker = { dir: home, agent: "worker" };
  for (const step of ["migrate.committed", "migrate.verified", "checkout.noted", "checkout.brought", "migrate.moved"]) {
    const { run } = (await once(box, worker, "migrate", { to: "tickets" })).result as { run: string };
    const killed = await once(
      box,
      worker,
      "migrate",
      { rollback: run },
      { kill: { step, occurrence: 1, group: false } },
    );
    expect(killed.killed).toBe(true);
    expect((await once(box, worker, "migrate", { rollback: run })).error).toBeUndefined();
    expect(box.git(home, "rev-parse", "HEAD^{tree}")).toBe(start);
    expect(box.git(home, "status", "--porcelain")).toBe(" M src/b.txt");
    for (const [path, text] of Object.entries(LEGACY)) expect(readFileSync(join(home, path), "utf8")).toBe(text);
  }
}, 240_000);
