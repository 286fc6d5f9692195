import { expect, test } from "vitest";
import { claimEach, claimNexts, fields, lockLines, nameOf, raceForOne, startRace } from "../support/claim-race.ts";

/** The two that have least in common; every combination is in the long run. */
const some = fields.filter(({ hub, clones, names }) =>
  ["remote machine same", "local one different"].includes(`${hub} ${clones} ${names}`),
);

for (const field of some) {
  test(`[INV-1] [ASP-05] [ASP-06] twenty processes race for one session ${nameOf(field)}: one wins, the others are told who`, async () => {
    const race = await startRace(field, 20);
    await raceForOne(race, "Wanted");
    expect(lockLines(race.box)).toHaveLength(1);
  }, 120_000);
}

test("[ASP-25] [INV-10] twelve agents in a clone each claim twelve sessions at once, and all succeed", async () => {
  await claimEach(await startRace({ hub: "remote", clones: "each", names: "different" }, 12), "a");
}, 120_000);

test("[ASP-22] [INV-1] eight processes ask for the next of five sessions: five get one each, three find nothing", async () => {
  await claimNexts(await startRace({ hub: "remote", clones: "one", names: "different" }, 8), 5, "a");
}, 120_000);
