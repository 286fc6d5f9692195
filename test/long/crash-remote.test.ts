import { expect, test } from "vitest";
import { STEPS } from "../../src/progress.ts";
import { killEverywhere } from "../support/crash-matrix.ts";

const reached = killEverywhere(["remote"]);

test("every step that has a name is reached with a hub, but for those of a checked-out base, and has a name", () => {
  const local = ["checkout.noted", "checkout.brought"];
  // A hub that moves branches together needs none of them.
  const single = ["land.announced", "land.base-moved"];
  // Those of notes and of the session state know no hub, and are in a file of their own.
  const others = STEPS.filter((step) => step.startsWith("state.") || step.startsWith("brain."));
  expect([...new Set([...reached, ...local, ...single, ...others])].toSorted()).toEqual([...STEPS].toSorted());
});
