import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { killAfter, rerun, undisturbed } from "../support/crash.ts";
import { makeWorld } from "../support/crash-worlds.ts";
import { LEGACY } from "../support/legacy.ts";
import { once } from "../support/processes.ts";

/** Kills at each step, with and without a remote, are in the other files of kills. */
test("[TKT-10] [INV-5] killed at any moment with its whole group, git too, nothing is lost and it can be run again", async () => {
  const world = await makeWorld("migrate", "local");
  const { end, ms } = await undisturbed(world);
  let kills = 0;
  for (let part = 1; part <= 4; part++) {
    if (await killAfter(world, (ms * part) / 5, true)) kills++;
    await rerun(world, end);
    expect(readFileSync(join(world.home, "src/b.txt"), "utf8")).toBe("edited\n");
  }
  expect(kills).toBeGreaterThan(1);
}, 240_000);

test("[TKT-10] [INV-5] a roll-back killed where it changes something is finished by running it again", async () => {
  const world = await makeWorld("migrate", "local");
  world.reset();
  const { box, home } = world;
  const start = box.git(home, "rev-parse", "HEAD^{tree}");
  const worker = { dir: home, agent: "worker" };
  for (const step of ["checkout.noted", "checkout.brought", "migrate.moved"]) {
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
