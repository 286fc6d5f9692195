import { expect, test } from "vitest";
import { didYouMean, nearest } from "../../src/cli/suggest.ts";

const VERBS = ["claim", "complete", "completion", "config", "list", "land", "log", "learn", "path", "plan"];

test.each([
  ["clam", ["claim"]],
  ["lsit", ["list"]],
  ["LIST", ["list"]],
  ["complet", ["complete", "completion"]],
  ["comp", ["complete", "completion"]],
  ["lnad", ["land"]],
  ["destroy", []],
  ["", []],
])("%j is near %j", (word, expected) => {
  expect(nearest(word, VERBS)).toEqual(expected);
});

test("the offer is a question, or nothing", () => {
  expect(didYouMean("pth", VERBS)).toBe("Did you mean path?");
  expect(didYouMean("xyzzy", VERBS)).toBeUndefined();
});
