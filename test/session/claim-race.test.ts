import { expect, test } from "vitest";
import { claimEach, claimNexts, fields, lockLines, nameOf, raceForOne, startRace } from "../support/claim-race.ts";

/** Each hub, each way of sharing clones, and each way of naming once; every combination is in the long run. */
const some = fields.filter(({ hub, clones, names }) =>
  ["remote one different", "remote each different", "remote machine same", "local one same"].includes(
    `${hub} ${clones} ${names}`,
  ),
);

for (const field of some) {
  test(`[INV-1] [ASP-05] [ASP-06] twenty processes race for one session ${nameOf(field)}: one wins, the others are told who`, async () => {
    const race = await startRace(field, 20);
    await raceForOne(race, "Wanted");
    expect(lockLines(race.box)).toHaveLength(1);
  }, 120_000);
}

for (const clones of ["each", "machine"] as const) {
  const where = nameOf({ hub: "remote", clones, names: "different" });
  test(`[ASP-25] [INV-10] twelve agents ${where} claim twelve sessions at once, and all succeed`, async () => {
    await claimEach(await startRace({ hub: "remote", clones, names: "different" }, 12), "a");
  }, 120_000);
}

for (const hub of ["remote", "local"] as const) {
  test(`[ASP-22] [INV-1] eight processes ask for the next of five sessions, hub ${hub}: five get one each, three find nothing`, async () => {
    await claimNexts(await startRace({ hub, clones: "one", names: "different" }, 8), 5, "a");
  }, 120_000);
}
