import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fit, plain, plainBlock, widthOf, wrap } from "../../src/cli/text.ts";

describe("plain", () => {
  test.each([
    ["\u001b[31mred\u001b[0m", "red"],
    ["\u001b]0;title\u0007text", "text"],
    ["a\u202etxt.exe", "atxt.exe"],
    ["zero\u200bwidth\ufeff", "zerowidth"],
    ["tag\u{e0041}\u{e007f}s", "tags"],
    ["two\nlines\r\n\tand a tab", "two lines and a tab"],
    ["bell\u0007 and \u0000nul", "bell and nul"],
    ["line\u2028separator", "line separator"],
    ["\ud800lone", "\ufffdlone"],
    ["family 👨‍👩‍👧", "family 👨‍👩‍👧"],
    ["join\u200der", "joiner"],
    ["漢字 ñ é", "漢字 ñ é"],
  ])("%j becomes %j", (hostile, harmless) => {
    expect(plain(hostile)).toBe(harmless);
  });

  test("leaves nothing that moves a cursor, hides or reorders, whatever it is given", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(plain(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]|[^\P{Cf}\u200d]/u);
        expect(plainBlock(text)).not.toMatch(/[^\P{Cc}\n\t]|[\p{Zl}\p{Zp}]|[^\P{Cf}\u200d]/u);
      }),
    );
  });

  test("plainBlock keeps lines and tabs", () => {
    expect(plainBlock("a\r\nb\tc\u001b[2J\rd")).toBe("a\nb\tc\nd");
  });
});

test.each([
  ["abc", 3],
  ["漢字", 4],
  ["e\u0301", 1],
  ["👨‍👩‍👧", 2],
  ["🇩🇪", 2],
  ["ｆ", 2],
  ["ｶ", 1],
  ["❤️", 2],
  ["\u001b[1mbold\u001b[0m", 4],
])("%j takes %i columns", (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test("fit never exceeds its width and never splits a character", () => {
  expect(fit("漢字漢字", 5)).toBe("漢字…");
  expect(fit("👨‍👩‍👧👨‍👩‍👧", 3)).toBe("👨‍👩‍👧…");
  expect(fit("short", 10)).toBe("short");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 0, max: 40 }), (text, width) => {
      expect(widthOf(fit(plain(text), width))).toBeLessThanOrEqual(width);
    }),
  );
});

test("wrap breaks at spaces and indents what follows", () => {
  expect(wrap("one two three four", 9, "  ")).toBe("one two\n  three\n  four");
  expect(wrap("unbreakable-and-long", 5)).toBe("unbreakable-and-long");
});
