import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { appendToSection, criteria, section, tick } from "../../src/document/checklist.ts";

const body = `# Title

- [ ] above

## 2. Acceptance criteria:

- [ ] one
* [X] two
1. [ ] three
<!--
- [ ] in a comment
-->
\`\`\`md
- [ ] in code
## Acceptance Criteria
\`\`\`
### Details
  - [x] four
- [link](x)

## Notes
- [ ] below
`;

describe("[ASP-04] criteria", () => {
  test("are the boxes below their heading, and no others", () => {
    expect(criteria(body)).toEqual([
      { text: "one", done: false, line: 7 },
      { text: "two", done: true, line: 8 },
      { text: "three", done: false, line: 9 },
      { text: "four", done: true, line: 18 },
    ]);
    expect(criteria(body, "Notes").map((box) => box.text)).toEqual(["below"]);
    expect(criteria(body, "Missing")).toEqual([]);
  });

  test("end at the next heading of the same or a higher level", () => {
    expect(
      criteria("### Acceptance Criteria\n- [ ] a\n#### x\n- [ ] b\n## y\n- [ ] c\n").map((box) => box.text),
    ).toEqual(["a", "b"]);
  });

  test("are read with CRLF and without a last line end", () => {
    expect(criteria("## Acceptance Criteria\r\n- [ ] a\r\n- [x]\r\n+ [ ] c")).toEqual([
      { text: "a", done: false, line: 2 },
      { text: "", done: true, line: 3 },
      { text: "c", done: false, line: 4 },
    ]);
  });

  test("inline code that looks like a fence opens none", () => {
    expect(criteria("## Acceptance Criteria\n```x``` is code\n- [ ] a\n").length).toBe(1);
  });
});

describe("tick", () => {
  test("ticks by number or all; ticking twice is harmless", () => {
    expect(tick(body, [1])).toBe(body.replace("- [ ] one", "- [x] one"));
    expect(tick(body, [2, 3, 3])).toBe(body.replace("[ ] three", "[x] three"));
    expect(tick(tick(body, "all"), "all")).toBe(body.replace("[ ] one", "[x] one").replace("[ ] three", "[x] three"));
  });

  test("says how many there are when there is no such box", () => {
    expect(() => tick(body, [1, 5])).toThrow(/no box 5 .*has 4 boxes/);
    expect(() => tick(body, [0])).toThrow(/no box 0/);
    expect(() => tick(body, [1.5])).toThrow(/no box 1\.5/);
    expect(() => tick("# x\n", [1])).toThrow(/has no boxes/);
    expect(tick("# x\n", "all")).toBe("# x\n");
  });

  test("does not take a comment in front matter for a heading", () => {
    const text = "---\n# Acceptance Criteria\n---\n## Acceptance Criteria\n- [ ] a\n";
    expect(tick(text, [1])).toBe(text.replace("[ ]", "[x]"));
    expect(criteria(text)).toEqual([{ text: "a", done: false, line: 5 }]);
    expect(section(`\uFEFF${text}`, "Acceptance Criteria")).toBe("- [ ] a");
    expect(criteria("---\n## Acceptance Criteria\n- [ ] below a line\n")).toHaveLength(1);
  });

  test("changes nothing but the marks of the boxes it was asked for", () => {
    const line = fc.constantFrom(
      "- [ ] a",
      "* [x] b",
      "2) [ ] c",
      "  - [ ] d\t",
      "text",
      "",
      "### sub",
      "```",
      "<!-- x -->",
      "> - [ ] e",
      "- [ ] ü\u2028",
    );
    const lines = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n")), { maxLength: 12 });
    fc.assert(
      fc.property(lines, fc.array(fc.nat(11)), (parts, picks) => {
        const text = `## Acceptance Criteria\n${parts.map((part) => part.join("")).join("")}`;
        const before = criteria(text);
        const which = picks.filter((n) => n < before.length).map((n) => n + 1);
        const after = tick(text, which);
        expect(criteria(after)).toEqual(
          before.map((box, at) => ({ ...box, done: box.done || which.includes(at + 1) })),
        );
        const changed = after.split("").filter((character, at) => character !== text[at]);
        expect(after.length).toBe(text.length);
        expect(changed.every((character) => character === "x")).toBe(true);
        expect(changed.length).toBe(before.filter((box, at) => !box.done && which.includes(at + 1)).length);
      }),
      { numRuns: 500 },
    );
  });
});

describe("sections", () => {
  test("are found by heading, whatever its level, case and numbering", () => {
    expect(section(body, "notes")).toBe("- [ ] below");
    expect(section("## **Context**\n\n  a\n\nb\n\n\n## x\n", "Context")).toBe("  a\n\nb");
    expect(section("## Context ##\n", "Context")).toBe("");
    expect(section(body, "Missing")).toBeNull();
  });

  test("are appended to at their end, with the document's line ends", () => {
    expect(appendToSection("## A\n\nx\n\n## B\n", "A", "y\nz\n")).toBe("## A\n\nx\n\ny\nz\n\n## B\n");
    expect(appendToSection("## A\r\n## B\r\n", "A", "y")).toBe("## A\r\n\r\ny\r\n\r\n## B\r\n");
    expect(appendToSection("## A", "A", "y")).toBe("## A\n\ny\n");
  });

  test("are made at the end where they are missing, outside of code that was left open", () => {
    expect(appendToSection("# x", "Notes", "y")).toBe("# x\n\n## Notes\n\ny\n");
    expect(appendToSection("", "Notes", "y")).toBe("## Notes\n\ny\n");
    const open = appendToSection("# x\n```js\ncode", "Notes", "y");
    expect(open).toBe("# x\n```js\ncode\n```\n\n## Notes\n\ny\n");
    expect(section(open, "Notes")).toBe("y");
  });

  test("hold every text that was appended, in order, beside everything that was there", () => {
    const words = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("# T\n", "## Notes\n", "text\n", "\n", "- [ ] a\r\n"), { maxLength: 8 }),
        fc.array(words, { minLength: 1, maxLength: 4 }),
        (parts, added) => {
          const text = parts.join("");
          const result = added.reduce((now, word) => appendToSection(now, "Notes", word), text);
          expect(section(result, "Notes")?.split(/\s+/).slice(-added.length)).toEqual(added);
          const left = result.split(/\r?\n/).filter((line) => line !== "");
          for (const line of text.split(/\r?\n/)) if (line !== "") expect(left).toContain(line);
        },
      ),
      { numRuns: 300 },
    );
  });
});
