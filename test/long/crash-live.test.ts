import { test } from "vitest";
import { longCount } from "../support/long-count.ts";
import { matrixSize } from "../support/matrix-size.ts";
import { expectRecorded } from "../support/matrix-record.ts";
import { courseOf, PLAIN_FAULTS, plainFault, placesOf } from "../support/plain-matrix.ts";
import { liveNames, plainWorld } from "../support/plain-worlds.ts";
import { testServer } from "../support/postgres.ts";

const server = testServer();
const each = longCount("faults at each place of the live layer's verbs", { small: 2, full: 2 * PLAIN_FAULTS.length });
const count = matrixSize();

for (const [n, name] of liveNames.entries())
  test(`[INV-3] [INV-5] [INV-7] [XCS-04] ${name}, in a file and on a server: every fault at every place`, async () => {
    const worlds = [
      { world: await plainWorld(name), on: undefined },
      { world: await plainWorld(name, server), on: server },
    ] as const;
    for (const [e, { world, on }] of worlds.entries()) {
      const course = await courseOf(world, on);
      const { verb, engine } = world;
      if (e === 0 && expectRecorded(name, verb, "none", course.places)) return;
      for (const [i, place] of placesOf(course, each > 2, n).entries())
        for (const [f, fault] of PLAIN_FAULTS.entries()) {
          // In a small run each place has a kill with one engine, and with the other one of the other faults in turn.
          const wanted = (i + n + e) % 2 === 0 ? f === (i + n) % 2 : f === 2 + ((i + n) % (PLAIN_FAULTS.length - 2));
          if (each === 2 && !wanted) continue;
          await plainFault(world, course, place, fault, on);
          count({ verb, step: place.step, fault, hub: "none", engine });
        }
    }
  });
