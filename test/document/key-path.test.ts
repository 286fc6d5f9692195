import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseKeyPath, printKeyPath } from "../../src/document/key-path.ts";
import { matchKeyPath, parseKeyPattern } from "../../src/document/key-pattern.ts";

describe("[XCS-10] key paths", () => {
  test.each([
    ["", []],
    ["a.b.c", ["a", "b", "c"]],
    ['a."b.c".d', ["a", "b.c", "d"]],
    ['files."src/a b.ts".0', ["files", "src/a b.ts", "0"]],
    [String.raw`"say \"hi\"\n"`, ['say "hi"\n']],
    ['""', [""]],
    ['a."*"', ["a", "*"]],
    ["__proto__.über.src/x-1", ["__proto__", "über", "src/x-1"]],
    [String.raw`"\u202e"`, ["\u202E"]],
  ])("%s reads and prints", (text, path) => {
    expect(parseKeyPath(text)).toEqual(path);
    expect(printKeyPath(path)).toBe(text);
  });

  test.each([
    [".a", 1, "a key is missing"],
    ["a..b", 3, "a key is missing"],
    ["a.", 3, "a key is missing"],
    ["a b", 2, "white space"],
    ['a."b', 3, "the quote is not closed"],
    ['a"b', 2, "a quote within a key"],
    ['"a"b', 4, "a dot is missing"],
    ['a."\\x"', 3, "an escape"],
    ["tasks.*", 7, "patterns only"],
    ["a.\u200Bb", 3, "invisible"],
  ])("%s is refused at column %i: %s", (text, column, why) => {
    expect(() => parseKeyPath(text)).toThrow(
      expect.objectContaining({ code: "INVALID", facts: { path: text, column } }),
    );
    expect(() => parseKeyPath(text)).toThrow(why);
  });

  test("come back from print as they were, whatever their keys", () => {
    const unit = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("*", "**", ".", "\uD800", "\u2028", "a\\"),
    );
    fc.assert(
      fc.property(fc.array(unit), (path) => {
        const text = printKeyPath(path);
        expect(parseKeyPath(text)).toEqual(path);
        expect(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(text)).toBe(false);
        expect(matchKeyPath(text, path)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("[XCS-10] patterns over key paths", () => {
  test.each([
    ["tasks.*", "tasks.a", true],
    ["tasks.*", "tasks", false],
    ["tasks.*", "tasks.a.b", false],
    ["tasks.**", "tasks", true],
    ["tasks.**", "tasks.a.b", true],
    ["tasks.**", "other.a", false],
    ["**", "", true],
    ["**", "a.b.c", true],
    ["", "", true],
    ["", "a", false],
    ["**.title", "tasks.t1.title", true],
    ["**.title", "title", true],
    ["**.title", "title.x", false],
    ["a.**.b.**.c", "a.x.b.y.b.c", true],
    ["a.**.b.**.c", "a.x.y.c", false],
    ["*.web-*", "tasks.web-1", true],
    ["*.web-*", "tasks.api-1", false],
    ["a*b*b", "abb", true],
    ["a*b*b", "ab", false],
    ["a*a", "a", false],
    ['a."*"', 'a."*"', true],
    ['a."*"', "a.b", false],
    ['"**"', "a", false],
  ])("%s over %s: %s", (pattern, path, expected) => {
    expect(matchKeyPath(pattern, parseKeyPath(path))).toBe(expected);
    expect(matchKeyPath(parseKeyPattern(pattern), parseKeyPath(path))).toBe(expected);
  });

  test("are refused as paths are", () => {
    expect(() => matchKeyPath("a..*", [])).toThrow("column 3");
  });

  test("take no time that explodes", () => {
    const pattern = `${"**.a.".repeat(40)}b`;
    expect(
      matchKeyPath(
        pattern,
        Array.from({ length: 200 }, () => "a"),
      ),
    ).toBe(false);
    expect(matchKeyPath(`${"*a".repeat(40)}b`, ["a".repeat(10_000)])).toBe(false);
  });
});
