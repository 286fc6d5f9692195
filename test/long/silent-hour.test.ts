import { test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { silentHour } from "../support/silent-hour.ts";
import { team } from "../support/session.ts";

for (const known of ["process", "connection", null] as const)
  test(`[XCS-03] [XCS-16] a healthy agent that is silent for an hour and is known by ${known ?? "nothing"} loses nothing`, async () => {
    const { box, home } = await team();
    let ahead = 0;
    const clock = { ...systemClock, now: () => Date.now() + ahead };
    const open = (where: string): ReturnType<typeof box.open> => box.open(where, "busy", { clock });
    const later = async (): ReturnType<typeof box.open> => {
      ahead = 3_600_000;
      return box.open(home, "other", { clock });
    };
    await silentHour({ box, busy: await open(home), open, later }, known);
  });
