import { describe, expect, test } from "vitest";
import type { Json } from "../../src/document/json.ts";
import type { Policy, ValueMerge } from "../../src/document/merge-policy.ts";
import { mergeValues } from "../../src/document/merge-values.ts";

function merge(
  base: Json | undefined,
  ours: Json | undefined,
  theirs: Json | undefined,
  policy: Policy = "three-way",
): ValueMerge {
  return mergeValues(base, ours, theirs, { policyAt: () => policy });
}

function merged(...sides: readonly [Json | undefined, Json | undefined, Json | undefined, Policy?]): Json | undefined {
  const { value, conflicts, overwritten } = merge(...sides);
  expect({ conflicts, overwritten }).toEqual({ conflicts: [], overwritten: [] });
  return value;
}

describe("[XCS-08] values", () => {
  test("of maps merge by key, at any depth", () => {
    const base = { a: { x: 1, y: 2 }, b: 1, gone: 1 };
    expect(merged(base, { a: { x: 9, y: 2 }, b: 1, gone: 1, c: 1 }, { a: { x: 1, y: 8 }, b: 7, d: 1 })).toEqual({
      a: { x: 9, y: 8 },
      b: 7,
      c: 1,
      d: 1,
    });
    expect(merged(undefined, { a: 1 }, { b: 2 })).toEqual({ a: 1, b: 2 });
  });

  test("have the keys of ours first, then what theirs added", () => {
    expect(Object.keys(merged({ a: 1 }, { z: 1, a: 1 }, { c: 1, a: 1, b: 1 }) as object)).toEqual(["z", "a", "c", "b"]);
  });

  test("deleted by one side or both are gone, and null is a value", () => {
    expect(merged({ a: 1, b: 1, c: 1 }, { b: 1 }, { c: 1 })).toEqual({});
    expect(merged({ a: 1 }, { a: null }, { a: 1, b: 2 })).toEqual({ a: null, b: 2 });
    expect(merged(1, undefined, 1)).toBeUndefined();
    expect(merged({ a: null }, {}, { a: null })).toEqual({});
  });

  test("take a type that one side changed", () => {
    expect(merged({ a: 1, b: 1 }, { a: { deep: [1] }, b: 1 }, { a: 1, b: "two" })).toEqual({
      a: { deep: [1] },
      b: "two",
    });
  });

  test.each(["id", "key", "name", "path"])("of lists of maps merge by the %s of their items", (key) => {
    const item = (identity: Json, done: boolean, by: string): Json => ({ [key]: identity, done, by });
    const base = [item("t1", false, "-"), item(2, false, "-"), item("t3", false, "-")];
    const ours = [item("t1", true, "-"), item(2, false, "-"), item("t3", false, "-"), item("o", false, "-")];
    const theirs = [item("t3", false, "-"), item("t1", false, "them"), item("t", false, "-")];
    expect(merged(base, ours, theirs)).toEqual([
      item("t3", false, "-"),
      item("t1", true, "them"),
      item("o", false, "-"),
      item("t", false, "-"),
    ]);
  });

  test("of lists of maps are one value where no key tells their items apart", () => {
    const base = [
      { id: "a", n: 1 },
      { id: "a", n: 2 },
    ];
    expect(merged(base, base, [{ id: "a", n: 3 }])).toEqual([{ id: "a", n: 3 }]);
    expect(merge(base, [...base, { id: "b" }], [...base, { id: "c" }]).conflicts).toHaveLength(1);
    expect(
      merged(
        [
          { id: "x", name: "a" },
          { id: "x", name: "b" },
        ],
        [
          { id: "x", name: "a", n: 1 },
          { id: "x", name: "b" },
        ],
        [
          { id: "x", name: "a" },
          { id: "x", name: "b", n: 2 },
        ],
      ),
    ).toEqual([
      { id: "x", name: "a", n: 1 },
      { id: "x", name: "b", n: 2 },
    ]);
  });

  test("of lists of scalars take what both added and removed, each occurrence for itself", () => {
    expect(merged(["a", "b", "c"], ["b", "c", "x"], ["a", "b", "y"])).toEqual(["b", "x", "y"]);
    expect(merged(["a", "a"], ["a", "a", "a"], ["a"])).toEqual(["a", "a"]);
    expect(merged([1, "1", null], [1, "1", null, true], ["1", null])).toEqual(["1", null, true]);
    expect(merged(undefined, ["a"], ["a", "b"])).toEqual(["a", "b"]);
    expect(merged([], ["a"], ["b"])).toEqual(["a", "b"]);
  });

  test("of lists keep what was moved where it was moved to", () => {
    expect(merged(["a", "b", "c", "d"], ["d", "a", "b", "c"], ["a", "c", "b", "d", "e"])).toEqual([
      "d",
      "a",
      "c",
      "b",
      "e",
    ]);
    expect(merged(["a", "b", "c"], ["a", "x", "b", "c"], ["c", "a", "b"])).toEqual(["c", "a", "x", "b"]);
  });

  test("of text merge by line, where there are lines", () => {
    expect(merged({ t: "a\nb\nc" }, { t: "A\nb\nc" }, { t: "a\nb\nC" })).toEqual({ t: "A\nb\nC" });
  });

  test("are merged whatever their keys are called, and no prototype changes", () => {
    const sides = ['{"a":1}', '{"a":1,"__proto__":{"ours":1},"constructor":1}', '{"a":1,"prototype":{},"toString":2}'];
    const [base, ours, theirs] = sides.map((text) => JSON.parse(text) as Json);
    const value = merged(base, ours, theirs) as object;
    expect(JSON.stringify(value)).toBe('{"a":1,"__proto__":{"ours":1},"constructor":1,"prototype":{},"toString":2}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect("ours" in {}).toBe(false);
    expect(
      merged(JSON.parse('{"__proto__":{"x":1}}') as Json, {}, JSON.parse('{"__proto__":{"x":1},"b":1}') as Json),
    ).toEqual({ b: 1 });
    const items = JSON.parse('[{"id":"__proto__","n":1}]') as Json;
    expect(merged(items, [{ id: "__proto__", n: 2 }], [{ id: "__proto__", n: 1, m: 1 }])).toEqual([
      { id: "__proto__", n: 2, m: 1 },
    ]);
  });

  test("nested deeper than 200 levels are refused on every way in, before the stack ends", () => {
    const nested = (levels: number, end: Json, wrap: (value: Json) => Json): Json => {
      let value = end;
      for (let n = 0; n < levels; n++) value = wrap(value);
      return value;
    };
    for (const wrap of [
      (value: Json): Json => [value],
      (value: Json): Json => ({ a: value }),
      (value: Json): Json => [{ id: 1, value }],
    ]) {
      const deep = (end: Json): Json => nested(10_000, end, wrap);
      for (const policy of ["three-way", "union", "maximum", "last-write", "manual"] as const) {
        expect(() => merge(deep(1), deep(2), deep(3), policy)).toThrow("nested more than 200 levels");
        expect(() => merge(deep(1), deep(1), deep(1), policy)).toThrow("nested more than 200 levels");
        const ways: readonly (readonly [Json, Json, Json])[] = [
          [1, 1, deep(2)],
          [1, deep(2), 1],
          [1, 2, deep(2)],
          [1, deep(2), 2],
        ];
        for (const [b, o, t] of ways) {
          expect(() => merge(b, o, t, policy)).toThrow("nested more than 200 levels");
        }
        expect(() => merge({ a: 1 }, { a: 1, b: deep(1) }, { a: 2 }, policy)).toThrow("nested more than 200 levels");
      }
    }
    const deepest = (end: Json): Json => nested(200, end, (value) => ({ a: value }));
    expect(merged(deepest(1), deepest(1), deepest(2))).toEqual(deepest(2));
    expect(() => merge({}, {}, { a: deepest(1) })).toThrow("nested more than 200 levels");
  });

  test("take no time that grows with the square of a list", () => {
    const list = (from: number, to: number): Json[] => Array.from({ length: to - from }, (_, n) => ({ id: from + n }));
    const start = performance.now();
    expect(
      merged(list(0, 30_000), list(10_000, 40_000), [...list(50_000, 60_000), ...list(0, 30_000).reverse()]),
    ).toHaveLength(40_000);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe("[XCS-09] conflicts", () => {
  test("hold base and both values, and ours stays", () => {
    const { value, conflicts } = merge({ a: { b: 1 }, c: 1 }, { a: { b: 2 }, c: 1 }, { a: { b: 3 }, c: 4 });
    expect(value).toEqual({ a: { b: 2 }, c: 4 });
    expect(conflicts).toEqual([{ path: ["a", "b"], base: 1, ours: 2, theirs: 3, reason: "both-changed" }]);
  });

  test.each<[string, Json | undefined, Json | undefined, Json | undefined, string]>([
    ["differing texts", "a", "b", "c", "both-changed"],
    ["differing values where there was none", undefined, 1, 2, "both-added"],
    ["a deleted value that theirs changed", 1, undefined, 2, "deleted-and-changed"],
    ["a changed value that theirs deleted", 1, null, undefined, "deleted-and-changed"],
    ["a deleted map that theirs changed inside", { a: 1 }, undefined, { a: 2 }, "deleted-and-changed"],
    ["differing types", 1, { a: 1 }, [1], "both-changed"],
    ["two maps in place of a number", 1, { a: 1 }, { b: 1 }, "both-changed"],
    ["overlapping lines", "a\nb\n", "A\nb\n", "α\nb\n", "both-changed"],
    ["lists of lists", [[1]], [[1], [2]], [[1], [3]], "both-changed"],
    ["one item moved to two places", ["a", "b", "c", "d"], ["b", "c", "a", "d"], ["b", "c", "d", "a"], "order"],
  ])("come from %s", (_, base, ours, theirs, reason) => {
    const { value, conflicts } = merge({ v: base ?? "-", k: 1 }, { v: ours ?? "-", k: 1 }, { v: theirs ?? "-", k: 1 });
    if (base !== undefined && ours !== undefined && theirs !== undefined) {
      expect({ value, conflicts }).toEqual({
        value: { v: ours, k: 1 },
        conflicts: [{ path: ["v"], base, ours, theirs, reason }],
      });
    }
    const whole = merge(base, ours, theirs);
    expect(whole.value).toEqual(ours);
    expect(whole.conflicts).toStrictEqual([{ path: [], base, ours, theirs, reason }]);
  });

  test("name items of lists by their identity, and deleted items stay with the conflict", () => {
    const { value, conflicts } = merge(
      [
        { id: 7, n: 1 },
        { id: "b", n: 1 },
      ],
      [{ id: "b", n: 2 }],
      [
        { id: 7, n: 5 },
        { id: "b", n: 3 },
      ],
    );
    expect(value).toEqual([{ id: "b", n: 2 }]);
    expect(conflicts).toStrictEqual([
      { path: ["7"], base: { id: 7, n: 1 }, ours: undefined, theirs: { id: 7, n: 5 }, reason: "deleted-and-changed" },
      { path: ["b", "n"], base: 1, ours: 2, theirs: 3, reason: "both-changed" },
    ]);
  });

  test("of an order are about the order alone: whichever is taken, the changes to the items are there", () => {
    const items = (ids: string, ...changed: string[]): Json =>
      ids.split("").map((id) => (changed.includes(id) ? { id, by: "somebody" } : { id }));
    const { value, conflicts } = merge(items("abcd"), items("bcadx", "b"), items("bcdya", "c"));
    const both = (ids: string): Json => items(ids, "b", "c");
    expect(value).toEqual(both("bcadxy"));
    expect(conflicts).toEqual([
      { path: [], base: both("abcdxy"), ours: both("bcadxy"), theirs: both("bcdyxa"), reason: "order" },
    ]);
  });

  test("come in the order of their paths", () => {
    expect(
      merge({ m: { a: 1 }, ma: 1 }, { ma: 2, m: { a: 2 } }, { ma: 3, m: { a: 3 } }).conflicts.map(({ path }) => path),
    ).toEqual([["m", "a"], ["ma"]]);
    const at = (n: number): Json => ({ b: n, a: { y: n, x: n }, "a!": n });
    expect(merge(at(1), at(2), at(3)).conflicts.map(({ path }) => path)).toEqual([
      ["a", "x"],
      ["a", "y"],
      ["a!"],
      ["b"],
    ]);
  });
});
