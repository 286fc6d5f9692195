import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineChanges } from "../../src/document/line-diff.ts";
import { mergeText } from "../../src/document/merge-text.ts";

const base = "one\ntwo\nthree\nfour\nfive\n";

describe("[XCS-08] texts", () => {
  test("take edits of different lines from both sides", () => {
    const ours = base.replace("one", "ONE");
    const theirs = base.replace("four\n", "").replace("three", "three\nthree and a half");
    expect(mergeText(base, ours, theirs)).toEqual({
      text: "ONE\ntwo\nthree\nthree and a half\nfive\n",
      conflicts: [],
    });
  });

  test("take the same edit of both sides once", () => {
    const both = base.replace("two", "TWO");
    expect(mergeText(base, both, both.replace("five", "5"))).toEqual({
      text: both.replace("five", "5"),
      conflicts: [],
    });
    expect(mergeText("", "new\n", "new\n")).toEqual({ text: "new\n", conflicts: [] });
  });

  test("keep carriage returns and a missing last line feed", () => {
    expect(mergeText("a\r\nb\r\nc", "A\r\nb\r\nc", "a\r\nb\r\nC").text).toBe("A\r\nb\r\nC");
    expect(mergeText("a\nb\nc\n", "A\nb\nc\n", "a\nb\nc").text).toBe("A\nb\nc");
    expect(mergeText("a\nb\nc", "a\nb\nc\n", "A\nb\nc").text).toBe("A\nb\nc\n");
    expect(mergeText("a\rb\nc\n", "a\rB\nc\n", "a\rb\nc\nd\n").conflicts).toEqual([]);
  });
});

describe("[XCS-09] texts", () => {
  test("that both changed in one place are a conflict that shows ours, and the rest is merged", () => {
    const ours = `${base.replace("two", "2")}six\n`;
    const theirs = base.replace("two\n", "zwei\nund\n").replace("one", "ONE").replace("four", "FOUR");
    expect(mergeText(base, ours, theirs.replace("ONE", "one"))).toEqual({
      text: "one\n2\nthree\nFOUR\nfive\nsix\n",
      conflicts: [{ base: "two\n", ours: "2\n", theirs: "zwei\nund\n", line: 2 }],
    });
  });

  test("that one side deleted in part and the other changed there are a conflict", () => {
    const merged = mergeText(base, base.replace("two\nthree\n", ""), base.replace("three", "3"));
    expect(merged.conflicts).toEqual([{ base: "two\nthree\n", ours: "", theirs: "two\n3\n", line: 2 }]);
    expect(merged.text).toBe("one\nfour\nfive\n");
  });

  test("whose edits touch without an unchanged line between them are a conflict, as git has it", () => {
    expect(mergeText("a\nb\n", "A\nb\n", "a\nB\n").conflicts).toEqual([
      { base: "a\nb\n", ours: "A\nb\n", theirs: "a\nB\n", line: 1 },
    ]);
    expect(mergeText("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n").conflicts).toEqual([]);
    expect(mergeText("a\n", "a\nb\n", "a\nc\n").conflicts).toEqual([{ base: "", ours: "b\n", theirs: "c\n", line: 2 }]);
  });

  test("count the line in ours, whatever came before it", () => {
    const ours = `zero\n${base.replace("five", "5")}`;
    expect(mergeText(base, ours, base.replace("five", "V")).conflicts[0]?.line).toBe(6);
  });
});

const lines = fc.array(fc.constantFrom("a", "b", "c", "d", "", "e\r"), { maxLength: 14 });

test("[XCS-08] changes of lines rebuild the new text and never touch", () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const changes = lineChanges(before, after);
      const rebuilt: string[] = [];
      let at = 0;
      for (const { from, to, newFrom, newTo } of changes) {
        expect(from > at || at === 0).toBe(true);
        expect(to > from || newTo > newFrom).toBe(true);
        rebuilt.push(...before.slice(at, from), ...after.slice(newFrom, newTo));
        at = to;
      }
      expect([...rebuilt, ...before.slice(at)]).toEqual(after);
    }),
    { numRuns: 1000 },
  );
});

test("[XCS-08] edits of lines that do not touch always merge, exactly", () => {
  const change = fc.constantFrom("keep", "ours", "theirs", "ours-gone", "theirs-gone", "both");
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), fc.constantFrom("\n", "\r\n"), (plan, end) => {
      const build = (by: readonly string[]): string =>
        plan
          .map((what, at) => {
            const old = `line ${at}${end}`;
            const changed = !by.includes(what.split("-")[0] ?? "")
              ? old
              : what.endsWith("gone")
                ? ""
                : `new ${at}${end}`;
            return `${changed}between ${at}${end}`;
          })
          .join("");
      const merged = mergeText(build([]), build(["ours", "both"]), build(["theirs", "both"]));
      expect(merged).toEqual({ text: build(["ours", "theirs", "both"]), conflicts: [] });
    }),
    { numRuns: 300 },
  );
});

test("[XCS-09] a merge of texts loses no new line and takes sides alike", () => {
  fc.assert(
    fc.property(lines, lines, lines, fc.boolean(), (b, o, t, ended) => {
      const [base, ours, theirs] = [b, o, t].map((side) => side.join("\n") + (ended ? "\n" : "")) as [
        string,
        string,
        string,
      ];
      const merged = mergeText(base, ours, theirs);
      const swapped = mergeText(base, theirs, ours);
      expect(swapped.conflicts.map((one) => [one.base, one.theirs, one.ours])).toEqual(
        merged.conflicts.map((one) => [one.base, one.ours, one.theirs]),
      );
      if (merged.conflicts.length === 0) expect(swapped.text).toBe(merged.text);
      const kept = new Set(`${merged.text}\n${merged.conflicts.map((one) => one.theirs).join("\n")}`.split("\n"));
      for (const line of [...o, ...t]) if (!b.includes(line)) expect(kept).toContain(line);
      for (const { ours: mine, line } of merged.conflicts) {
        const at = ours
          .split("\n")
          .slice(0, line - 1)
          .join("\n").length;
        expect(ours.slice(line === 1 ? 0 : at + 1).startsWith(mine)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test("[XCS-08] long and dull texts take no time that grows with their square", () => {
  const dull = "x\n".repeat(40_000);
  const merged = mergeText(dull, `first\n${dull}`, `${dull}last\n`);
  expect(merged).toEqual({ text: `first\n${dull}last\n`, conflicts: [] });
  const noise = (factor: number): string =>
    Array.from({ length: 20_000 }, (_, n) => `${(n * n * factor) % 7}\n`).join("");
  expect(mergeText(noise(1), noise(3), `${noise(1)}last\n`).conflicts.length).toBeLessThanOrEqual(1);
});
