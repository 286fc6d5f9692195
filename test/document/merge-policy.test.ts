import { describe, expect, test } from "vitest";
import type { Json } from "../../src/document/json.ts";
import { matchKeyPath } from "../../src/document/key-pattern.ts";
import type { Policy, ValueMerge } from "../../src/document/merge-policy.ts";
import { mergeValues } from "../../src/document/merge-values.ts";

type Value = Json | undefined;

/** Merges under policies by pattern, of which the first that fits counts. */
function merge(base: Value, ours: Value, theirs: Value, policies: Readonly<Record<string, Policy>>): ValueMerge {
  const rows = Object.entries(policies);
  return mergeValues(base, ours, theirs, {
    policyAt: (path) => rows.find(([pattern]) => matchKeyPath(pattern, path))?.[1] ?? "three-way",
  });
}

describe("[XCS-10] union", () => {
  const all = { "**": "union" } as const;

  test("keeps what one side removed, where both changed something", () => {
    expect(merge(["a", "b"], ["b", "x"], ["a", "b", "y"], all)).toEqual({
      value: ["a", "b", "x", "y"],
      conflicts: [],
      overwritten: [],
    });
    expect(merge({ a: 1, b: 1 }, { b: 1 }, { a: 1, b: 2 }, all).value).toEqual({ a: 1, b: 2 });
    expect(merge({ a: 1, b: 1 }, { a: 5 }, { b: 1, c: 1 }, all)).toMatchObject({
      value: { a: 5, b: 1, c: 1 },
      conflicts: [],
    });
    expect(merge([{ id: 1, n: 1 }], [{ id: 2 }], [{ id: 1, n: 2 }], all).value).toEqual([{ id: 2 }, { id: 1, n: 2 }]);
    expect(merge([[1]], [[2]], [[1], { b: 1, a: 1 }], all).value).toEqual([[2], [1], { b: 1, a: 1 }]);
  });

  test("follows a removal that meets no change of the other side, and one of both", () => {
    expect(merge(["a", "b"], ["a"], ["a", "b"], all).value).toEqual(["a"]);
    expect(merge({ a: 1, b: 1, c: 1 }, { b: 2, c: 1 }, { b: 1, c: 2 }, all).value).toEqual({ b: 2, c: 2 });
  });

  test("leaves scalars that both changed a conflict", () => {
    expect(merge({ a: 1 }, { a: 2 }, { a: 3 }, all).conflicts).toHaveLength(1);
  });
});

describe("[XCS-10] maximum", () => {
  const all = { "**": "maximum" } as const;

  test("takes the larger number and the later text, on either side", () => {
    const [small, large] = [
      { n: 3, at: "2026-01-02T00:00:00Z" },
      { n: 20, at: "2026-01-10T00:00:00Z" },
    ];
    for (const [ours, theirs] of [
      [small, large],
      [large, small],
    ] as const) {
      expect(merge({ n: 1, at: "2025" }, ours, theirs, all)).toEqual({ value: large, conflicts: [], overwritten: [] });
    }
    expect(merge(undefined, 1, 2, all).value).toBe(2);
  });

  test("takes a smaller value that only one side wrote, and leaves other types a conflict", () => {
    expect(merge(9, 9, 3, all).value).toBe(3);
    expect(merge(9, 3, 9, all).value).toBe(3);
    expect(merge(1, 2, "3", all).conflicts).toHaveLength(1);
    expect(merge(1, undefined, 3, all).conflicts).toHaveLength(1);
    expect(merge(["a"], ["a", "b"], ["a", "c"], all).value).toEqual(["a", "b", "c"]);
  });
});

describe("[XCS-10] last-write", () => {
  const all = { "**": "last-write" } as const;

  test("takes theirs where both changed, and hands out what it replaced", () => {
    const base = { a: 1, b: 1, c: 1, d: 1 };
    expect(merge(base, { a: 2, b: 2, c: 1 }, { a: 3, b: 1, c: 3, d: 4 }, all)).toStrictEqual({
      value: { a: 3, b: 2, c: 3, d: 4 },
      conflicts: [],
      overwritten: [
        { path: ["a"], base: 1, ours: 2, theirs: 3 },
        { path: ["d"], base: 1, ours: undefined, theirs: 4 },
      ],
    });
    expect(merge({ a: 1 }, { a: 2 }, {}, all)).toMatchObject({ value: {}, overwritten: [{ path: ["a"], ours: 2 }] });
    expect(merge("a\nb", "A\nb", "a\nB", all)).toMatchObject({ value: "a\nB", overwritten: [{ ours: "A\nb" }] });
  });

  test("takes their order of a list that both reordered, with the items of both", () => {
    const { value, overwritten } = merge(["a", "b", "c", "d"], ["b", "c", "a", "d", "x"], ["b", "c", "d", "a"], all);
    expect(value).toEqual(["b", "c", "d", "x", "a"]);
    expect(overwritten).toHaveLength(1);
  });

  test("does not decide for a part that has a policy of its own", () => {
    const rows = { "m.critical": "manual", "**": "last-write" } as const;
    const base = { m: { critical: 1, other: 1 } };
    expect(merge(base, { m: { critical: 2, other: 1 } }, {}, rows)).toMatchObject({
      value: { m: { critical: 2 } },
      conflicts: [{ path: ["m"], reason: "deleted-and-changed" }],
    });
    expect(merge(base, { m: { critical: 1, other: 2 } }, {}, rows)).toMatchObject({
      value: {},
      overwritten: [{ path: ["m"] }],
    });
  });
});

describe("[XCS-10] manual", () => {
  const rows = { "config.free.**": "three-way", "config.**": "manual" } as const;

  test("makes a conflict of any concurrent change, one for the whole, and ours stays", () => {
    const [base, ours, theirs] = [
      { a: 1, b: 1 },
      { a: 2, b: 1 },
      { a: 1, b: 2 },
    ];
    expect(merge({ config: base, x: 1 }, { config: ours, x: 1 }, { config: theirs, x: 2 }, rows)).toStrictEqual({
      value: { config: ours, x: 2 },
      conflicts: [{ path: ["config"], base, ours, theirs, reason: "manual" }],
      overwritten: [],
    });
    for (const [b, o, t] of [
      [["a"], ["a", "b"], ["a", "c"]],
      ["a\nb\nc", "A\nb\nc", "a\nb\nC"],
      [
        [{ id: 1 }, { id: 2 }],
        [{ id: 1, n: 1 }, { id: 2 }],
        [{ id: 2 }, { id: 1 }],
      ],
    ] as const) {
      expect(merge({ config: b }, { config: o }, { config: t }, rows)).toMatchObject({
        value: { config: o },
        conflicts: [{ reason: "manual" }],
      });
    }
    expect(merge({}, { config: { a: 1 } }, { config: { b: 1 } }, rows).conflicts).toHaveLength(1);
  });

  test("takes what one side wrote, or both alike", () => {
    expect(merge({ config: { a: 1 } }, { config: { a: 1 }, x: 1 }, { config: { a: 2 } }, rows)).toMatchObject({
      value: { config: { a: 2 }, x: 1 },
      conflicts: [],
    });
    expect(merge({ config: { a: 1 } }, { config: { a: 2 }, x: 1 }, { config: { a: 2 } }, rows).conflicts).toEqual([]);
  });

  test("lets a longer path have another policy, with and without a conflict around it", () => {
    const config = (a: number, b: number, x: number, y: number): Json => ({ config: { a, b, free: { x, y } } });
    expect(merge(config(1, 1, 1, 1), config(1, 1, 2, 1), config(1, 2, 1, 2), rows)).toMatchObject({
      value: config(1, 2, 2, 2),
      conflicts: [],
    });
    expect(merge(config(1, 1, 1, 1), config(2, 1, 2, 1), config(1, 1, 1, 2), rows)).toMatchObject({
      value: config(2, 1, 2, 2),
      conflicts: [],
    });
    expect(merge(config(1, 1, 1, 1), config(2, 1, 2, 1), config(1, 2, 1, 2), rows)).toMatchObject({
      value: config(2, 1, 2, 2),
      conflicts: [{ path: ["config"], reason: "manual" }],
    });
  });
});
