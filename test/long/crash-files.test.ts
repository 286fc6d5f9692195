import { test } from "vitest";
import { longCount } from "../support/long-count.ts";
import { expectRecorded } from "../support/matrix-record.ts";
import { matrixSize } from "../support/matrix-size.ts";
import { courseOf, PLAIN_FAULTS, plainFault, placesOf } from "../support/plain-matrix.ts";
import { fileNames, plainWorld } from "../support/plain-worlds.ts";

const each = longCount("faults at each place of the verbs that write files", { small: 1, full: PLAIN_FAULTS.length });
const count = matrixSize();

for (const [n, name] of fileNames.entries())
  test(`[INV-3] [INV-5] [INV-8] ${name}: every fault at every place`, async () => {
    const world = await plainWorld(name);
    const course = await courseOf(world);
    const { verb, engine } = world;
    if (expectRecorded(name, verb, "none", course.places)) return;
    for (const [i, place] of placesOf(course, each > 1, n).entries())
      for (const [f, fault] of PLAIN_FAULTS.entries()) {
        // In a small run every place has its kill, and one place in three another fault too.
        const other = (i + n) % 3 === 0 && f === 2 + ((i + n) % (PLAIN_FAULTS.length - 2));
        if (each === 1 && f !== (i + n) % 2 && !other) continue;
        await plainFault(world, course, place, fault);
        count({ verb, step: place.step, fault, hub: "none", engine });
      }
  });
