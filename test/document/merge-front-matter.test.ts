import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseFrontMatter, setFields } from "../../src/document/front-matter.ts";
import type { Json } from "../../src/document/json.ts";
import { matchKeyPath } from "../../src/document/key-pattern.ts";
import { type DocumentMerge, mergeFrontMatter } from "../../src/document/merge-front-matter.ts";
import type { Policy } from "../../src/document/merge-policy.ts";
import { mergeValues } from "../../src/document/merge-values.ts";
import { isBerthError } from "../../src/errors.ts";
import { triples } from "../support/merge-triples.ts";

const policies: Readonly<Record<string, Policy>> = {
  last_updated: "maximum",
  "notes.**": "union",
  owner: "last-write",
};
const options = {
  anchors: true,
  policyAt: (path: readonly string[]): Policy =>
    Object.entries(policies).find(([pattern]) => matchKeyPath(pattern, path))?.[1] ?? "three-way",
};

function merge(base: string, ours: string, theirs: string): DocumentMerge {
  return mergeFrontMatter({ base, ours, theirs }, "f.md", options);
}

const base = `---
# Session
last_updated: "2025-10-14T09:30:00Z"
task:
    status:  Ready   # of the board
    title: 'Train'
todos:
    # the reader
    - id: "1"
      status: pending
    - id: "2"
      status: pending   # by whom?
owner: otter
---
# Plan

one
two
three
`;

function edited(text: string, ...changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((result, [from, to]) => {
    expect(result).toContain(from);
    return result.replace(from, to);
  }, text);
}

describe("[CTX-12] [TKT-07] two versions of a document", () => {
  test("are merged by key, by item and by line; only what theirs changed is set in ours", () => {
    const ours = edited(base, ["09:30", "09:40"], ["Ready   #", "In progress   #"], ["one\n", "ONE\n"]);
    const theirs = edited(
      base,
      ["09:30", "09:50"],
      ["pending   #", "completed   #"],
      ["owner:", "    - id: '3'\nowner:"],
      ["three\n", "three\nfour\n"],
    );
    expect(merge(base, ours, theirs)).toEqual({
      text: edited(
        ours,
        ["09:40", "09:50"],
        ["pending   #", "completed   #"],
        ["owner:", `    - id: "3"\nowner:`],
        ["three\n", "three\nfour\n"],
      ),
      conflicts: [],
      overwritten: [],
    });
  });

  test("that changed the same in two ways are conflicts, in which ours stays", () => {
    const ours = edited(base, ["Ready", "Done"], ["otter", "fox"], ["two\n", "2\n"], ["09:30", "09:31"]);
    const theirs = edited(base, ["Ready", "Blocked"], ["otter", "owl"], ["two\n", "zwei\n"]);
    const merged = merge(base, ours, theirs);
    expect(merged).toEqual({
      text: edited(ours, ["fox", "owl"]),
      conflicts: [
        {
          part: "front-matter",
          path: ["task", "status"],
          base: "Ready",
          ours: "Done",
          theirs: "Blocked",
          reason: "both-changed",
        },
        { part: "body", base: "two\n", ours: "2\n", theirs: "zwei\n", line: 18 },
      ],
      overwritten: [{ path: ["owner"], base: "otter", ours: "fox", theirs: "owl" }],
    });
    expect(ours.split("\n")[17]).toBe("2");
    expect(merge(base, ours, ours)).toEqual({ text: ours, conflicts: [], overwritten: [] });
  });

  test("keep the comments and the layout of ours; those that theirs added come along", () => {
    const ours = edited(
      base,
      ["# Session", "# Our session"],
      ["owner: otter", 'owner:   "otter" # ours\n# end'],
      ["Ready", "Done"],
    );
    const theirs = edited(
      base,
      ["# Session\n", ""],
      ["    status:  Ready   # of the board", "  # why\n  status: Ready"],
      ["    title:", "  title:"],
      ["    # the reader\n", ""],
      ['    - id: "2"\n', '    # the writer\n    - id: "2" # second\n'],
      ["owner: otter", "# whose\nowner: fox"],
    );
    expect(merge(base, ours, theirs)).toEqual({
      text: edited(ours, ['    - id: "2"\n', '    # the writer\n    - id: "2" # second\n'], ["otter", "fox"]),
      conflicts: [],
      overwritten: [],
    });
    const added = edited(base, ["owner:", "# new\nnew: 1 # so\nowner:"]);
    expect(merge(base, edited(base, ["Ready", "Done"]), added).text).toContain(
      "owner: otter\n# new\nnew: 1 # so\n---\n",
    );
  });

  test("may differ in line ends, byte-order mark and order of keys, which is no change", () => {
    const windows = (text: string): string => `\uFEFF${text.replaceAll("\n", "\r\n")}`;
    const ours = edited(base, ["Ready", "Done"], ["one\n", "ONE\n"]);
    const theirs = edited(
      base,
      ["otter", "fox"],
      ["three\n", "three\nfour\n"],
      ["# Session\n", "# Session\n# added\n"],
    );
    const { text } = merge(base, ours, theirs);
    expect(text).toContain("Done   #");
    expect(text).toContain("owner: fox\n---\n# Plan\n\nONE\ntwo\nthree\nfour\n");
    expect(text).toContain("# Session\n# added\n");
    expect(merge(base, ours, windows(theirs))).toEqual({ text, conflicts: [], overwritten: [] });
    expect(merge(base, windows(ours), theirs)).toEqual({ text: windows(text), conflicts: [], overwritten: [] });
    expect(merge(windows(base), windows(ours), theirs)).toEqual({
      text: windows(text),
      conflicts: [],
      overwritten: [],
    });
    expect(merge(base, ours, windows(base)).text).toBe(ours);
    const sorted = edited(theirs, ["owner: fox\n", ""], ["task:", "owner: fox\ntask:"]);
    expect(parseFrontMatter(merge(base, ours, sorted).text, "f").data).toEqual(parseFrontMatter(text, "f").data);
  });

  test("may be without front matter", () => {
    const body = base.slice(base.indexOf("# Plan"));
    expect(merge(body, body.replace("one", "ONE"), base).text).toBe(base.replace("one", "ONE"));
    expect(merge(body, base, body.replace("one", "ONE")).text).toBe(base.replace("one", "ONE"));
    expect(merge("", base, "")).toMatchObject({ text: base, conflicts: [] });
    const removed = merge(base, edited(base, ["one", "ONE"], ["# Session\n", ""]), body);
    expect(removed).toMatchObject({ text: body.replace("one", "ONE"), conflicts: [] });
    const kept = merge(base, edited(base, ["otter", "fox"], ["Ready", "Done"]), body);
    expect(parseFrontMatter(kept.text, "f").data).toMatchObject({ task: { status: "Done", title: "Train" } });
    expect(kept.conflicts.map((conflict) => conflict.part === "front-matter" && conflict.path)).toEqual([["task"]]);
    expect(kept.overwritten.map(({ path }) => path)).toEqual([["owner"]]);
    expect(merge(base, body, edited(base, ["Ready", "Done"]))).toMatchObject({
      text: body,
      conflicts: [{ path: ["task"] }],
    });
    // What is text in ours never becomes front matter by a merge.
    const hidden = "x\n---\na: 1\n---\n";
    const merged = merge(hidden, `${hidden}more\n`, hidden.slice(2));
    expect(parseFrontMatter(merged.text, "f")).toMatchObject({ data: { a: 1 }, body: `${hidden}more\n` });
    expect(merged.conflicts).toMatchObject([{ part: "body", base: hidden, theirs: "", line: 1 }]);
  });

  test.each(["base", "ours", "theirs"] as const)("of which %s cannot be read are refused, naming it", (side) => {
    const versions = { base, ours: base, theirs: base, [side]: edited(base, ["task:", "owner: x\ntask:"]) };
    try {
      mergeFrontMatter(versions, "f.md", options);
      expect.unreachable();
    } catch (error) {
      if (!isBerthError(error)) throw error;
      expect(error.code).toBe("INVALID");
      expect(error.message).toMatch(
        new RegExp(`^${{ base: "The common base", ours: "Our", theirs: "Their" }[side]}.* cannot be read: f.md:14:1: `),
      );
      expect(error.facts).toEqual({ file: "f.md", line: 14, column: 1, side });
      expect(error.hint).toMatch(/\.$/);
    }
  });

  test("keep the values that aliases stand for", () => {
    const text = "---\na: &x\n  n: 1\n  m: 1\nb: *x\nc: 1\n---\n";
    const merged = merge(text, text.replace("c: 1", "c: 2"), text.replace("n: 1", "n: 3"));
    // For theirs, both keys changed.
    expect(parseFrontMatter(merged.text, "f", options).data).toEqual({ a: { n: 3, m: 1 }, b: { n: 3, m: 1 }, c: 2 });
    const bomb = `---\na: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [${"*a, ".repeat(50)}]\nc: [${"*b, ".repeat(50)}]\n---\n`;
    expect(() => merge(text, text.replace("c: 1", "c: 2"), bomb)).toThrow(/^Their version .*aliases stand for more/);
  });
});

const bodies = fc.array(fc.constantFrom("one", "two", "three", "- [ ] four", "---", ""), { maxLength: 8 });
const written = fc.record({
  values: triples.filter(({ base, ours, theirs }) => [base, ours, theirs].every(isWritable)),
  bodies: fc.tuple(bodies, bodies, bodies),
  ends: fc.tuple(fc.constantFrom("\n", "\r\n"), fc.constantFrom("\n", "\r\n"), fc.constantFrom("\n", "\r\n")),
  comments: fc.boolean(),
});

/** Keys that JavaScript reserves are refused in a document, and lists are no front matter. */
function isWritable(value: Json): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !/"(?:__proto__|constructor|prototype)":/.test(JSON.stringify(value))
  );
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, item]) => [name, reversed(item)]),
  );
}

test("[CTX-12] [TKT-07] what either side changed is in the merged document or in a conflict", () => {
  fc.assert(
    fc.property(written, ({ values, bodies, ends, comments }) => {
      const { policyAt } = values;
      const [base, ours, theirs] = (["base", "ours", "theirs"] as const).map((side, at) => {
        const body = `# Title\n${(bodies[at] ?? []).map((line) => `${line}\n`).join("")}`;
        const text = setFields(`---\n---\n${body}`, values[side] as Record<string, unknown>, "f");
        const commented = comments ? text.replaceAll(/^(?=[a-z.]+:)/gm, `# of ${side}\n`) : text;
        return commented.replaceAll("\n", ends[at] ?? "\n");
      }) as [string, string, string];
      const merged = mergeFrontMatter({ base, ours, theirs }, "f", { policyAt });
      expect(mergeFrontMatter({ base, ours, theirs }, "f", { policyAt })).toEqual(merged);
      const told = parseFrontMatter(theirs, "f");
      const sorted = setFields(`---\n---\n${told.body}`, reversed(told.data) as Record<string, unknown>, "f");
      const again = mergeFrontMatter({ base, ours, theirs: sorted }, "f", { policyAt });
      expect(parseFrontMatter(again.text, "f").data).toEqual(parseFrontMatter(merged.text, "f").data);
      if (ours !== base && theirs !== base) expect(again.conflicts).toEqual(merged.conflicts);
      const read = parseFrontMatter(merged.text, "f");
      if (ours !== base && theirs !== base && ours !== theirs) {
        const data = [base, ours, theirs].map((text) => parseFrontMatter(text, "f").data as Record<string, Json>);
        const expected = mergeValues(data[0], data[1], data[2], { policyAt });
        expect(read.data).toEqual(expected.value);
        expect(merged.conflicts.filter(({ part }) => part === "front-matter")).toEqual(
          expected.conflicts.map((conflict) => ({ part: "front-matter", ...conflict })),
        );
        expect(merged.overwritten).toEqual(expected.overwritten);
        const commented = (text: string): number => text.split("# of ours").length;
        expect(commented(merged.text)).toBe(commented(ours));
        expect(merged.text.replaceAll("\r\n", "").includes(ends[1] === "\n" ? "\r" : "\n")).toBe(false);
      }
      const undecided = merged.conflicts.flatMap((conflict) =>
        conflict.part === "body" ? [conflict.ours, conflict.theirs] : [],
      );
      const there = `${read.body}${undecided.join("")}`.replaceAll("\r", "").split("\n");
      for (const side of [bodies[1], bodies[2]])
        for (const line of side ?? []) if (!bodies[0].includes(line)) expect(there).toContain(line);
      for (const [side, other] of [
        [ours, theirs],
        [theirs, ours],
      ] as const) {
        expect(mergeFrontMatter({ base, ours: base, theirs: side }, "f", { policyAt }).text).toBe(side);
        expect(mergeFrontMatter({ base, ours: side, theirs: base }, "f", { policyAt }).text).toBe(side);
        expect(mergeFrontMatter({ base: other, ours: side, theirs: side }, "f", { policyAt }).text).toBe(side);
      }
    }),
    { numRuns: 500 },
  );
});
