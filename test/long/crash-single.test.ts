import { expect, test } from "vitest";
import { STEPS } from "../../src/progress.ts";
import { killEverywhere } from "../support/crash-matrix.ts";

const reached = killEverywhere(["single"]);

test("with a hub that cannot move branches together, what moves two of them announces the landing", () => {
  expect([...STEPS]).toEqual(expect.arrayContaining([...reached]));
  expect([...reached]).toEqual(expect.arrayContaining(["land.announced", "land.base-moved"]));
});
