import { expect, test } from "vitest";
import { STEPS } from "../../src/progress.ts";
import { killEverywhere } from "../support/crash-matrix.ts";

const reached = killEverywhere(["local"]);

test("without a hub the steps of a checked-out base are reached, and every step has a name", () => {
  expect([...reached]).toEqual(expect.arrayContaining(["checkout.noted", "checkout.brought"]));
  expect([...STEPS]).toEqual(expect.arrayContaining([...reached]));
});
