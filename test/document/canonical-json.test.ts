import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../src/document/canonical-json.ts";

describe("[XCS-08] canonical JSON", () => {
  test("is that of the examples in RFC 8785", () => {
    const value: unknown = JSON.parse(
      String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"€$\u000F\nA'B\"\\\\\"/","literals":[null,true,false]}`,
    );
    expect(canonicalJson(value)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
    const sorted = { "\u20AC": 1, "\r": 2, "\uFB33": 3, "1": 4, "\u{1F600}": 5, "\u0080": 6, "\u00F6": 7 };
    expect(canonicalJson(sorted)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"\u{1F600}":5,"\uFB33":3}');
  });

  test("writes zero without a sign, and the ends of the range of numbers", () => {
    expect(canonicalJson([-0, 5e-324, 1.7976931348623157e308, 9007199254740992, 1e21, 1e20])).toBe(
      "[0,5e-324,1.7976931348623157e+308,9007199254740992,1e+21,100000000000000000000]",
    );
  });

  test.each<[string, unknown, string]>([
    ["undefined", { a: [1, undefined] }, "a.1 cannot be written as JSON: JSON has no undefined"],
    ["a value that is missing in a list", { a: [1, , 3] }, "a.1 cannot"], // oxlint-disable-line no-sparse-arrays
    ["NaN", { a: { b: Number.NaN } }, "a.b cannot be written as JSON: NaN is no number in JSON"],
    ["infinity", -Infinity, "The value cannot"],
    ["a lone surrogate", ["\uD800"], "0 cannot be written as JSON: a text holds half of a surrogate pair"],
    ["a lone surrogate in a key", { "\uDC00": 1 }, String.raw`"\udc00" cannot`],
    ["a bigint", 1n, "JSON has no bigint"],
    ["a date", { at: new Date(0) }, "at cannot be written as JSON: it is an object of a class"],
    ["a map", new Map(), "an object of a class"],
  ])("refuses %s and names the place", (_, value, message) => {
    expect(() => canonicalJson(value)).toThrow(message);
  });

  test("refuses what would end the stack", () => {
    let deep: unknown = 1;
    for (let n = 0; n < 10_000; n++) deep = n % 2 === 0 ? [deep] : { a: deep };
    expect(() => canonicalJson(deep)).toThrow("nested more than 1000 levels");
  });

  test("reads back as the same value, and does not see the order of keys", () => {
    const json = fc.jsonValue({ noUnicodeString: false });
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), json), (map) => {
        const text = canonicalJson(map);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(map)));
        expect(canonicalJson(Object.fromEntries(Object.entries(map).reverse()))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });
});
