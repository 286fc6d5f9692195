import { describe, expect, test } from "vitest";
import { parseFrontMatter, setFields } from "../../src/document/front-matter.ts";
import { isBerthError } from "../../src/errors.ts";

const allowed = { anchors: true };

function data(text: string): Record<string, unknown> {
  return parseFrontMatter(text, "f", allowed).data;
}

function refusal(yaml: string): string {
  try {
    data(`---\n${yaml}---\n`);
  } catch (error) {
    if (!isBerthError(error) || error.code !== "INVALID") throw error;
    expect(error.hint).toMatch(/\.$/);
    expect(error.facts).toMatchObject({ file: "f", line: expect.any(Number), column: expect.any(Number) });
    return error.message;
  }
  throw new Error("nothing was refused");
}

describe("[CTX-18] anchors and aliases, where they are allowed", () => {
  test("are read as copies of what they stand for", () => {
    const read = data("---\na: &x { n: [1, 2] }\nb: *x\nc: [*x, &y z, *y]\n<<: *x\n---\n");
    expect(read).toEqual({ a: { n: [1, 2] }, b: { n: [1, 2] }, c: [{ n: [1, 2] }, "z", "z"], "<<": { n: [1, 2] } });
    (read["a"] as { n: number[] }).n.push(3);
    expect(read["b"]).toEqual({ n: [1, 2] });
    expect(data("---\na: &x 1\nb: *x\nc: &x 2\nd: *x\ne: &n\nf: *n\n---\n")).toEqual({
      a: 1,
      b: 1,
      c: 2,
      d: 2,
      e: null,
      f: null,
    });
  });

  test("are refused where they are not", () => {
    const text = "---\na: &x 1\nb: *x\n---\n";
    expect(() => parseFrontMatter(text, "f")).toThrow(/^f:2:4: an anchor/);
    expect(() => setFields(text, { c: 1 }, "f")).toThrow(/^f:2:4: an anchor/);
  });

  test("never stand for more than a document could hold", () => {
    const bomb = (levels: number, wide: number): string =>
      Array.from({ length: levels }, (_, level) => {
        const item = level === 0 ? "x" : `*a${level - 1}`;
        return `k${level}: &a${level} [${Array<string>(wide).fill(item).join(", ")}]\n`;
      }).join("");
    expect(refusal(bomb(30, 10))).toMatch(/^f:4:\d+: an alias \(\*a1\) with which aliases stand for more than 1000/);
    expect(refusal(`a: &x ${"y".repeat(600_000)}\nb: [*x, *x]\n`)).toMatch(/^f:3:9: an alias .* 1000000 characters/);
    const deep = (levels: number): string => `${"[".repeat(levels)}1${"]".repeat(levels)}`;
    expect(refusal(`a: &x ${deep(30)}\nb: ${"[".repeat(15)}*x${"]".repeat(15)}\n`)).toMatch(/^f:3:19: .*40 levels/);
    expect(data(`---\na: &x ${deep(20)}\nb: ${"[".repeat(19)}*x${"]".repeat(19)}\n---\n`)).toHaveProperty("b");
  });

  test.each([
    ["a: &x [*x]\n", /^f:2:8: an alias \(\*x\) within/],
    ["a: &x\n  b: { c: *x }\n", /^f:3:11: .*within/],
    ["&x\na: *x\n", /^f:3:4: .*within/],
    ["a: *x\nb: &x 1\n", /^f:2:4: .*without an anchor before it/],
    ["&k a: 1\nb: *k\n", /^f:2:\d: .*anchor of a key/],
    ["a: &x 1\n*x : 2\n", /^f:3:1: .*keys/],
    ["a: &x &y 1\n", /^f:2:7: .*anchor/],
    ["a: &x !!str 1\n", /^f:2:7: a tag/],
    ["a: &x { __proto__: 1 }\n", /^f:2:9: the key __proto__/],
    ["a: &x { b: 1, b: 2 }\n", /^f:2:15: .*second time/],
  ])("%j is refused", (yaml, message) => {
    expect(refusal(yaml)).toMatch(message);
  });
});

const shared = `---
task: &task
  id: &id 142   # the issue
  who: [&me otter, *id]
same: *task # all of it
list:
  - *id
  - name: *me   # who
  - other
flow: { a: *id, b: *task }
last: 1
---
`;

/** Sets keys and checks that all others have the values they had, and that lines without a part in it stay. */
function set(changes: Record<string, unknown>, text = shared): string {
  const result = setFields(text, changes, "f", allowed);
  const expected = Object.entries({ ...data(text), ...changes }).filter(([, value]) => value !== undefined);
  expect(data(result)).toEqual(Object.fromEntries(expected));
  expect(setFields(result, changes, "f", allowed)).toBe(result);
  return result;
}

function edited(...changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, shared);
}

describe("[CTX-12] a key keeps its value whatever becomes of the anchor it has it from", () => {
  test("keys without a part in it leave all as it is", () => {
    expect(setFields(shared, data(shared), "f", allowed)).toBe(shared);
    expect(set({ last: 2 })).toBe(edited(["last: 1", "last: 2"]));
    expect(set({ new: data(shared)["task"] })).toContain("last: 1\nnew:\n  id: 142\n");
  });

  test("an alias that gets a value of its own", () => {
    expect(set({ list: [142, { name: "fox" }, "other"] })).toBe(edited(["*me   # who", "fox   # who"]));
    expect(set({ flow: { a: "x, y", b: data(shared)["task"] } })).toBe(edited(["a: *id", 'a: "x, y"']));
    expect(set({ same: 1 })).toBe(edited(["same: *task #", "same: 1 #"]));
    expect(set({ same: undefined })).toBe(edited(["same: *task # all of it\n", ""]));
    expect(set({ same: { id: 1 } })).toBe(edited(["same: *task # all of it\n", "same:\n  # all of it\n  id: 1\n"]));
  });

  test("an anchor whose value changes, or goes, or is in a list that is sorted", () => {
    expect(set({ task: { id: 143, who: ["otter", 142] } })).toBe(
      edited(
        ["&id 142", "&id 143"],
        ["*id]", "142]"],
        ["same: *task # all of it\n", "same:\n  # all of it\n  id: 142\n  who:\n    - otter\n    - 142\n"],
        ["- *id", "- 142"],
        ["{ a: *id, b: *task }", "{ a: 142, b: { id: 142, who: [ otter, 142 ] } }"],
      ),
    );
    const gone = set({ task: undefined });
    expect(gone).not.toMatch(/[&*]/);
    expect(gone).toContain("list:\n  - 142\n  - name: otter   # who\n  - other\n");
    set({ task: "x" });
    set({ task: { who: ["otter", 142] } });
    set({ task: { who: ["fox", 142], id: 142 } });
    set({ list: ["other", { name: "otter" }, 142] });
    const sorted = "---\nl:\n  - &a x # one\n  - *a\n  - y\n---\n";
    expect(set({ l: ["y", "x", "x"] }, sorted)).toBe("---\nl:\n  - y\n  - &a x # one\n  - *a\n---\n");
    set({ l: ["x", "y"] }, sorted);
    set({ l: ["z", "y", "x"] }, sorted);
  });

  test("both of them at once, in braces, and where a name is given again", () => {
    set({ task: { id: 1, who: [] }, same: { id: 1, who: [] }, list: [1] });
    set({ a: undefined, c: 2 }, "---\n{ a: &x [1, 2], b: *x, c: &y 1, d: *y } # all\n---\n");
    set({ c: 3 }, "---\na: &x 1\nb: *x\nc: &x 2\nd: *x\n---\n");
    set({ c: undefined }, "---\na: &x 1\nb: *x\nc: &x 2\nd: *x\n---\n");
    set({ a: [1] }, "---\r\na: &x\r\n  # why\r\n  - 1\r\n  - &y 2\r\nb: { <<: *x, c: *y }\r\n---\r\n");
    set({ a: "text\nof lines\n" }, "---\na: &x |\n  one\n  two\nb: *x\nc: [*x]\nd:\n  - *x\n---\n");
    set({ a: { k: 2 } }, "---\na: &x # see &x\n  k: 1\nb:\n  c: *x\n  d: &z [*x]\ne: *z\n---\n");
  });
});
