import { afterEach, expect, test, vi } from "vitest";
import { longCount } from "../support/long-count.ts";

afterEach(() => vi.unstubAllEnvs());

test("a long run is full unless asked to be small, and prints its count", () => {
  const printed = vi.spyOn(console, "log").mockImplementation(() => undefined);
  vi.stubEnv("BERTH_LONG", undefined);
  expect(longCount("races", { small: 20, full: 1000 })).toBe(1000);
  vi.stubEnv("BERTH_LONG", "small");
  expect(longCount("races", { small: 20, full: 1000 })).toBe(20);
  expect(printed.mock.calls).toEqual([["races: 1000"], ["races: 20 of 1000 in a full run"]]);
});

test("any other wish is refused", () => {
  vi.stubEnv("BERTH_LONG", "tiny");
  expect(() => longCount("races", { small: 1, full: 2 })).toThrow(/small or full/);
});
