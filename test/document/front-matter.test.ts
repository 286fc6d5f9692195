import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseFrontMatter, setFields } from "../../src/document/front-matter.ts";

describe("reading", () => {
  test("data and body are told apart, with the lines they stand on", () => {
    const read = parseFrontMatter("---\nid: a\n# why\nlist:\n  - b\n---\n# Title\n", "f");
    expect(read.data).toEqual({ id: "a", list: ["b"] });
    expect(read.body).toBe("# Title\n");
    expect([...read.lines]).toEqual([
      ["id", 2],
      ["list", 4],
    ]);
    expect(read.bodyLine).toBe(7);
  });

  test("without front matter the whole text is the body", () => {
    expect(parseFrontMatter("# Title\n\n---\n\nmore\n", "f")).toMatchObject({
      data: {},
      body: "# Title\n\n---\n\nmore\n",
    });
    expect(parseFrontMatter("", "f")).toMatchObject({ data: {}, body: "" });
  });

  test("CRLF, a byte-order mark, spaces behind the fence and an empty block are accepted", () => {
    expect(parseFrontMatter("\uFEFF--- \r\nid: a\r\n---\r\nbody\r\n", "f")).toMatchObject({
      data: { id: "a" },
      body: "body\r\n",
    });
    expect(parseFrontMatter("---\n---\nbody", "f")).toMatchObject({ data: {}, body: "body" });
    expect(parseFrontMatter("---\nid: a\n---", "f")).toMatchObject({ data: { id: "a" }, body: "" });
  });

  test("a line separator ends no line, neither that of a key nor that of the front matter", () => {
    const text = "---\na: x # \u2028---\nb: y\n---\nbody\n\u2028---\n";
    expect(parseFrontMatter(text, "f")).toMatchObject({ data: { a: "x", b: "y" }, body: "body\n\u2028---\n" });
    expect(setFields(text, { b: "z" }, "f")).toBe(text.replace("y", "z"));
  });

  test.each([
    ["---\nid: a\n\n# never closed\n", /^f:1:1: .*never closed/],
    ["---\nid: a\nid: b\n---\n", /^f:3:1: .*second time/],
    ["---\n- a\n---\n", /^f:2:1: .*not a map/],
    ["---\n<<<<<<< ours\nid: a\n=======\n---\n", /^f:2:1: .*merge-conflict/],
    ["<<<<<<< ours\n---\nid: a\n---\n", /^f:1:1: .*merge-conflict/],
  ])("%j is refused", (text, message) => {
    expect(() => parseFrontMatter(text, "f")).toThrow(message);
    expect(() => setFields(text, { id: "c" }, "f")).toThrow(message);
  });
});

const plan = `---
# the plan
id: "2025" # quoted
title: 'It''s'

# who can do it
capabilities: [rust, go] # any
paths:
  - src/a # first
  # the second
  - src/b
deep:
    kept: 1 # so
unknown:   spaced
---
body
`;

describe("changing", () => {
  test("a changed value keeps its comment and quoting, everything else its bytes", () => {
    const changed = setFields(plan, { id: "2026", title: 'a "b"', capabilities: ["rust", "c, d"] }, "f");
    expect(changed).toBe(
      plan
        .replace('"2025" # quoted', '"2026" # quoted')
        .replace("'It''s'", "'a \"b\"'")
        .replace("[rust, go]", '[rust, "c, d"]'),
    );
  });

  test("items of a list and keys of a map that stay keep their comments", () => {
    const changed = setFields(plan, { paths: ["src/b", "src/c"], deep: { kept: 1, more: [2] } }, "f");
    expect(changed).toContain(
      "paths:\n  # the second\n  - src/b\n  - src/c\ndeep:\n    kept: 1 # so\n    more:\n      - 2\n",
    );
  });

  test("undefined removes a key, a new one is appended", () => {
    const changed = setFields(plan, { paths: undefined, missing: undefined, added: ["x"] }, "f");
    expect(changed).toBe(plan.replace(/paths:[\s\S]*(?=deep)/, "").replace("spaced\n", "spaced\nadded:\n  - x\n"));
  });

  test("a value that becomes longer than a line does not swallow the comment beside it", () => {
    expect(setFields("---\na: 1 # note\nb: 2\n---\n", { a: "x\ny" }, "f")).toBe(
      "---\na: |- # note\n  x\n  y\nb: 2\n---\n",
    );
    expect(setFields("---\na: 1 # note\nb: 2\n---\n", { a: ["x"] }, "f")).toBe("---\na:\n  # note\n  - x\nb: 2\n---\n");
  });

  test("a value that ends in blank lines does not mix with those that follow", () => {
    const changed = setFields("---\na: 1\n\nb: 2\n---\n", { a: "x\n\n" }, "f");
    expect(parseFrontMatter(changed, "f").data).toEqual({ a: "x\n\n", b: 2 });
  });

  test("a document without front matter gets one; nothing to change changes nothing", () => {
    expect(setFields("\uFEFF# Title\r\n", { id: "a" }, "f")).toBe("\uFEFF---\r\nid: a\r\n---\r\n# Title\r\n");
    expect(setFields("# Title", { id: undefined }, "f")).toBe("# Title");
    expect(setFields(plan, { id: "2025", capabilities: ["rust", "go"] }, "f")).toBe(plan);
  });

  test("maps in braces, indented keys and explicit keys", () => {
    expect(setFields("---\n{ a: 1, b: 2 }\n---\n", { a: undefined, c: "x" }, "f")).toBe("---\n{ b: 2, c: x }\n---\n");
    expect(setFields("---\n  a: 1\n  b: 2\n---", { a: 3, c: 4 }, "f")).toBe("---\n  a: 3\n  b: 2\n  c: 4\n---");
    expect(setFields("---\n? a\n: 1\nb: 2\n---\n", { a: 3 }, "f")).toBe("---\na: 3\nb: 2\n---\n");
  });
});

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
const scalar = fc.oneof(
  word,
  word.map((w) => `"${w}: #"`),
  word.map((w) => `'${w} it''s'`),
  fc.integer().map(String),
  fc.constantFrom(
    "",
    "null",
    "true",
    "~",
    "[]",
    "[a,  b]",
    "{ x: 1 }",
    "|\n  text\n   more",
    ">-\n  folded\n  text",
    "\n  - a # c\n  # d\n  - b",
    "\n- a\n- b",
    "\n  x: 1\n  y:\n    - z",
  ),
);
const comment = fc.constantFrom("", "", "\n", "# note\n", "\n# note: [\n\n");
const entry = fc.tuple(comment, scalar, fc.constantFrom("", "", "  # beside"));
const newValue = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.integer(),
  fc.constant(null),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.dictionary(word, fc.string(), { maxKeys: 2, noNullPrototype: true }),
  fc.constant(undefined),
);

/** A document as the parts it is made of: what precedes each key, and the entries themselves. */
const document = fc.record({
  entries: fc.dictionary(word, entry, { minKeys: 1, maxKeys: 6, noNullPrototype: true }),
  end: fc.constantFrom("\n", "\r\n"),
  mark: fc.constantFrom("", "\uFEFF"),
  body: fc.string({ unit: fc.constantFrom("a", "\n", "-", "---\n", "\r\n", "# ", ": ") }),
  changes: fc.dictionary(word, newValue, { maxKeys: 3, noNullPrototype: true }),
  touched: fc.array(fc.tuple(fc.nat(5), newValue), { maxLength: 3 }),
});

test("front matter that is nothing but blank lines or comments takes keys", () => {
  expect(setFields("---\n\n---\nbody", { a: 1 }, "f")).toBe("---\n\na: 1\n---\nbody");
  expect(setFields("---\n\n# c\n---\n", { a: 1 }, "f")).toBe("---\n\n# c\na: 1\n---\n");
});

test.each(["\u007F", "a\u009Fb", "\u0001"])(
  "the control character of %j is written as an escape and read again",
  (value) => {
    for (const before of ['"a: #"', "'x'", "plain", "|\n  x"]) {
      const result = setFields(`---\na: ${before}\nb: 1\n---\n`, { a: value }, "f");
      expect(parseFrontMatter(result, "f").data).toEqual({ a: value, b: 1 });
    }
  },
);

test("[ASP-03] whatever is set, the rest of the document keeps its bytes", () => {
  fc.assert(
    fc.property(document, ({ entries, end, mark, body, changes, touched }) => {
      const names = Object.keys(entries);
      const native = (text: string): string => text.replaceAll("\n", end);
      const parts = Object.entries(entries).map(([name, [before, source, beside]]) => {
        const comments = source.includes("\n") || source === "" ? "" : beside;
        return {
          name,
          before: native(before),
          entry: native(`${name}:${source.startsWith("\n") ? "" : " "}${source}${comments}\n`),
        };
      });
      const text = `${mark}---${end}${parts.map((part) => part.before + part.entry).join("")}---${end}${body}`;
      const wanted: Record<string, unknown> = { ...changes };
      for (const [at, value] of touched) wanted[names[at % names.length] ?? ""] = value;

      const old = parseFrontMatter(text, "f");
      const result = setFields(text, wanted, "f");
      const read = parseFrontMatter(result, "f");
      const expected = Object.fromEntries(
        Object.entries({ ...old.data, ...wanted }).filter(([, v]) => v !== undefined),
      );
      expect(read.data).toEqual(expected);
      expect(read.body).toBe(old.body);

      // What stands between the changed entries is found again, in order and in one piece.
      const kept = [`${mark}---${end}`];
      for (const part of parts) {
        const changed =
          part.name in wanted && JSON.stringify(wanted[part.name]) !== JSON.stringify(old.data[part.name]);
        kept[kept.length - 1] += part.before + (changed ? "" : part.entry);
        if (changed) kept.push("");
      }
      let at = 0;
      for (const [index, piece] of kept.entries()) {
        const found = index === 0 ? (result.startsWith(piece) ? 0 : -1) : result.indexOf(piece, at);
        expect(found, `${JSON.stringify(piece)} in ${JSON.stringify(result)}`).toBeGreaterThanOrEqual(0);
        at = found + piece.length;
      }
      expect(result.endsWith(`---${end}${body}`)).toBe(true);
      expect(setFields(result, wanted, "f")).toBe(result);
    }),
    { numRuns: 2000 },
  );
});
