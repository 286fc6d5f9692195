import { expect, test } from "vitest";
import { isLive, pageFor, usesColour } from "../../src/cli/style.ts";

const terminal = { isTTY: true, columns: 100 };
const file = { isTTY: false };

test.each([
  [{}, terminal, true],
  [{}, file, false],
  [{ NO_COLOR: "1" }, terminal, false],
  [{ NO_COLOR: "" }, terminal, true],
  [{ TERM: "dumb" }, terminal, false],
  [{ CI: "true" }, terminal, false],
  [{ CI: "false" }, terminal, true],
  [{ FORCE_COLOR: "1" }, file, true],
  [{ FORCE_COLOR: "" }, file, true],
  [{ FORCE_COLOR: "1", NO_COLOR: "1", CI: "1" }, file, true],
  [{ FORCE_COLOR: "0" }, terminal, false],
])("with %j on %j colours are used: %s", (env, stream, expected) => {
  expect(usesColour(stream, env)).toBe(expected);
});

test("a line is repainted only for a person", () => {
  expect(isLive(terminal, {})).toBe(true);
  expect(isLive(terminal, { CI: "1", FORCE_COLOR: "1" })).toBe(false);
  expect(isLive(terminal, { TERM: "dumb" })).toBe(false);
  expect(isLive(file, { FORCE_COLOR: "1" })).toBe(false);
});

test("a page has the terminal's width, and none elsewhere", () => {
  expect(pageFor(terminal, {}, 0).width).toBe(100);
  expect(pageFor({ isTTY: true, columns: 10 }, {}, 0).width).toBe(40);
  expect(pageFor(file, {}, 0).width).toBe(Number.POSITIVE_INFINITY);
  expect(pageFor(file, {}, 0).style("red", "text")).toBe("text");
  expect(pageFor(terminal, {}, 0).style("red", "text")).toBe("\u001b[31mtext\u001b[39m");
});
