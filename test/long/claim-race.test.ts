import { test } from "vitest";
import { claimEach, claimNexts, fields, nameOf, raceForOne, startRace } from "../support/claim-race.ts";
import { longCount } from "../support/long-count.ts";

/** `BERTH_LONG_RACES=1000` asks for the thousand of the quality bars; the count is split over the fields. */
const asked = Number(process.env["BERTH_LONG_RACES"] ?? "200");
const rounds = longCount("races of 20 processes for one session", { small: 8, full: asked });

for (const field of fields) {
  test(`[INV-1] [ASP-05] [ASP-06] race after race ${nameOf(field)}`, async () => {
    const race = await startRace(field, 20);
    for (let i = 0; i < Math.ceil(rounds / fields.length); i++) await raceForOne(race, `Wanted ${i}`);
  });
}

const many = longCount("rounds of 20 clones and 20 sessions", { small: 1, full: 5 });
for (const clones of ["each", "machine"] as const) {
  test(`[ASP-25] [INV-10] twenty agents claim twenty sessions at once ${nameOf({ hub: "remote", clones, names: "different" })}`, async () => {
    const race = await startRace({ hub: "remote", clones, names: "different" }, 20);
    for (let i = 0; i < many; i++) await claimEach(race, String(i));
  });
}

const nexts = longCount("rounds of 8 processes for the next of 5 sessions", { small: 1, full: 40 });
for (const hub of ["remote", "local"] as const) {
  test(`[ASP-22] [INV-1] eight processes take what comes next, hub ${hub}`, async () => {
    const race = await startRace({ hub, clones: "one", names: "different" }, 8);
    for (let i = 0; i < nexts; i++) await claimNexts(race, 5, String(i));
  });
}
