import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inlineYaml, parseYaml, writeYaml } from "../../src/document/yaml.ts";
import { isBerthError } from "../../src/errors.ts";

function refusal(text: string): { message: string; hint: string | undefined } {
  try {
    parseYaml(text, "plan.yaml");
  } catch (error) {
    if (isBerthError(error) && error.code === "INVALID") return { message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("what no document may hold is refused with place and remedy", () => {
  const cases: Readonly<Record<string, [text: string, place: string, what: RegExp]>> = {
    "an anchor": ["a: &x 1\n", "1:4", /anchor \(&x\)/],
    "an alias": ["a: 1\nb: *a\n", "2:4", /alias \(\*a\)/],
    "an alias bomb": [`a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n`, "1:4", /anchor/],
    "a tag": ["a: !!js/function x\n", "1:4", /tag/],
    "a directive": ["%YAML 1.1\n---\na: yes\n", "1:1", /directive/],
    "a key twice": ["a: 1\nb: 2\na: 3\n", "3:1", /"a" a second time/],
    "a key twice, quoted once": [`a: 1\n"a": 3\n`, "2:1", /second time/],
    "the key __proto__": ["x:\n  __proto__: 1\n", "2:3", /__proto__/],
    "the key constructor": ["constructor: 1\n", "1:1", /constructor/],
    "the key prototype": [`x: {"prototype": 1}\n`, "1:5", /prototype/],
    "a key that is no text": ["? [a]\n: 1\n", "1:3", /keys/],
    "a huge value": [`a: ${"x".repeat(1_000_001)}\n`, "1:4", /1000001 characters/],
    "a deep document": [`${"[".repeat(41)}${"]".repeat(41)}\n`, "1:41", /40 levels/],
    "a second document": ["a: 1\n---\nb: 2\n", "2:1|3:1", /second document/],
    "merge-conflict markers": [
      "a: 1\n<<<<<<< ours\nb: 1\n=======\nb: 2\n>>>>>>> theirs\n",
      "2:1",
      /merge-conflict marker/,
    ],
    "a control character": ["a: 1\nb: x\u001b[31m\n", "2:5", /control character \(U\+001B\)/],
    "a carriage return alone": ["a: 1 # c\rb: 2\n", "1:9", /control character \(U\+000D\)/],
    "a number that would be rounded": ["a: 1\nid: 12345678901234567890\n", "2:5", /digits would be lost \(12345/],
    "a number that would be infinite": [`a:\n  - 7e12345\n`, "2:5", /digits would be lost \(7e12345\)/],
    "a long number in hexadecimal": [`a: 0x1fffffffffffffffff\n`, "1:4", /digits would be lost/],
    "a number of very many digits": [`a: ${"9".repeat(999)}\n`, "1:4", /digits would be lost/],
    "a fraction that would be nothing": ["a: 1e-999\n", "1:4", /digits would be lost/],
    "broken indentation": ["a:\n\t- b\n", "2:1", /[Tt]ab/],
    "an open quote": ["a: 'b\n", "2:1", /quote/],
  };
  test.each(Object.entries(cases))("%s", (_, [text, place, what]) => {
    const { message, hint } = refusal(text);
    expect(message).toMatch(new RegExp(`^plan\\.yaml:(?:${place}): `));
    expect(message).toMatch(what);
    expect(hint).toMatch(/\.$/);
  });

  test("nesting without end is refused before anything recurses", () => {
    expect(refusal("[".repeat(100_000)).message).toMatch(/40 levels/);
    expect(refusal("- ".repeat(10_000)).message).toMatch(/40 levels/);
  });
});

test("a byte-order mark, CRLF, an empty document and 40 levels are read", () => {
  expect(parseYaml("\uFEFFa: 1\r\nb: |\r\n  x\r\n  y\r\n", "f")).toEqual({ a: 1, b: "x\ny\n" });
  expect(parseYaml("", "f")).toBeNull();
  expect(parseYaml("# nothing\n", "f")).toBeNull();
  expect(parseYaml(`${"[".repeat(40)}${"]".repeat(40)}`, "f")).toBeInstanceOf(Array);
});

test("numbers that are kept are read", () => {
  const data = {
    a: 9007199254740991,
    b: -0,
    c: 7,
    d: 1e21,
    e: 0.1,
    f: 31,
    g: Infinity,
    h: 18227125567148150,
    i: -12,
    j: 0,
  };
  const text =
    "a: 9007199254740991\nb: -0\nc: 007\nd: 1e+21\ne: 0.1000000000000000055\nf: 0x1F\ng: .inf\nh: 18227125567148150\ni: -12\nj: 0.0\n";
  expect(parseYaml(text, "f")).toEqual(data);
  expect(parseYaml("a: '12345678901234567890'\n", "f")).toEqual({ a: "12345678901234567890" });
});

test("dates and versions stay text, and lines count from the place that was given", () => {
  expect(parseYaml("at: 2025-10-14T09:30:00Z\non: yes\n", "f")).toEqual({ at: "2025-10-14T09:30:00Z", on: "yes" });
  expect(() => parseYaml("a: [", "f", 10)).toThrow(/^f:10:/);
});

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("\n", " ", "\t", "\r", "'", '"', "#", ":", "-", "a", "\\") }),
);
const key = fc.stringMatching(/^[a-z][a-z_-]{0,10}$/).filter((name) => name !== "constructor" && name !== "prototype");
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("any")),
    fc.dictionary(key, tie("any"), { noNullPrototype: true }),
  ),
})).any;

test("what is written is read again as it was, whatever characters it holds", () => {
  fc.assert(
    fc.property(fc.dictionary(key, value, { noNullPrototype: true }), (data) => {
      const written = writeYaml(data);
      expect(parseYaml(written, "f")).toEqual(data);
      expect(writeYaml(parseYaml(written, "f"))).toBe(written);
    }),
    { numRuns: 2000 },
  );
});

test("a value written on one line stays on it and is read again as it was", () => {
  fc.assert(
    fc.property(value, (data) => {
      const line = inlineYaml(data);
      expect(line).not.toMatch(/[\r\n]/);
      expect(parseYaml(`k: ${line}\nlast: 1\n`, "f")).toEqual({ k: data, last: 1 });
    }),
    { numRuns: 2000, examples: [["---"], ["..."], ["--- a"], ["%YAML"], ["a\nb"], ["- "]] },
  );
});

test("what would be refused when read is not written", () => {
  expect(() => writeYaml({ a: [JSON.parse('{"__proto__": 1}')] })).toThrow(/key __proto__ cannot be written/);
});

test("shared values are written out instead of anchored, and hidden characters are visible", () => {
  const same = ["a"];
  expect(writeYaml({ x: same, y: same })).toBe("x:\n  - a\ny:\n  - a\n");
  expect(writeYaml({ name: "a\u202Eb" })).toBe('name: "a\\u202eb"\n');
});
