import { afterAll, test } from "vitest";
import { killAfter, rerun, undisturbed } from "../support/crash.ts";
import { makeWorld } from "../support/crash-worlds.ts";
import { longCount } from "../support/long-count.ts";

let kills = 0;

const anywhere = longCount("kills of each verb at any moment", { small: 1, full: 25 });
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

afterAll(() => console.log(`kills at any moment that were survived: ${kills}`));
