import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isBerthError } from "../../src/errors.ts";
import { parsePlan, planProblems } from "../../src/ledger/plan.ts";
import { isSessionId, sessionId, slugOf } from "../../src/ledger/session-id.ts";

const id = "2025-10-14-auth-system";

describe("[ASP-02] session ids", () => {
  test.each([
    id,
    "kb-2025-10-14-merge-auth-patterns",
    "2024-02-29-x",
    "2025-01-01-1-2-3",
    `2025-10-14-${"a".repeat(89)}`,
  ])("%s is one", (text) => {
    expect(isSessionId(text)).toBe(true);
    expect(sessionId(text)).toBe(text);
  });

  test.each([
    ["", /Ids look like/],
    ["auth-system", /Ids look like/],
    ["2025-10-14", /Ids look like/],
    ["2025-10-14-", /single dashes/],
    ["2025-10-14-a--b", /single dashes/],
    ["2025-10-14-a-", /single dashes/],
    ["2025-10-14-Auth", /lower case/],
    ["KB-2025-10-14-a", /lower case/],
    ["2025-10-14-ä", /single dashes/],
    ["2025-02-29-a", /calendar has no 2025-02-29/],
    ["2025-13-01-a", /calendar has no 2025-13-01/],
    ["2025-00-10-a", /calendar/],
    [`2025-10-14-${"a".repeat(90)}`, /101 characters of at most 100/],
    ["-2025-10-14-a", /Ids look like/],
    ["2025-10-14-a/../b", /single dashes/],
    ["2025-10-14-a\n", /single dashes/],
    ["2025-10-14-a\u202E", /single dashes/],
    ["kb-kb-2025-10-14-a", /Ids look like/],
    ["2025-10-14-a.lock", /single dashes/],
  ])("%j is none", (text, lesson) => {
    expect(isSessionId(text)).toBe(false);
    try {
      sessionId(text);
      expect.unreachable();
    } catch (error) {
      if (!isBerthError(error)) throw error;
      expect(error.code).toBe("INVALID");
      expect(`${error.message} ${error.hint}`).toMatch(lesson);
    }
  });

  test("any title gives a slug that an id can be made of", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.integer({ min: 1, max: 80 }), (title, max) => {
        const slug = slugOf(title, max);
        expect(slug.length).toBeLessThanOrEqual(Math.max(max, "session".length));
        expect(isSessionId(`2025-10-14-${slug}`)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ["Limit login attempts!", "limit-login-attempts"],
    ["Größe & Straße ändern", "grosse-and-strasse-andern"],
    ["Ærø, Łódź, Đà Nẵng", "aero-lodz-da-nang"],
    ["Проверка входа", "proverka-vkhoda"],
    ["Είσοδος", "eisodos"],
    ["it's O’Brien's", "its-obriens"],
    ["日本語", "session"],
    ["", "session"],
    ["../../etc/passwd", "etc-passwd"],
    [
      "one two three four five six seven eight nine ten eleven twelve thirteen",
      "one-two-three-four-five-six-seven-eight-nine-ten-eleven",
    ],
    ["x".repeat(80), "x".repeat(60)],
  ])("%j becomes %s", (title, slug) => {
    expect(slugOf(title)).toBe(slug);
  });
});

const full = `---
id: ${id}
title: Limit login attempts
priority: now
capabilities: [rust, front-end]
depends:
  - 2025-10-12-accounts
paths: ["src/auth/**"]
parent: kb-2025-10-01-merge-auth
created: 2025-10-14T09:30:00Z
team-key: kept
---
# Another heading
`;

describe("[ASP-04] the plan of a session", () => {
  test("is the front matter of its SESSION.md", () => {
    expect(parsePlan(full, id, "SESSION.md")).toEqual({
      id,
      title: "Limit login attempts",
      priority: "now",
      capabilities: ["rust", "front-end"],
      depends: ["2025-10-12-accounts"],
      paths: ["src/auth/**"],
      parent: "kb-2025-10-01-merge-auth",
      created: "2025-10-14T09:30:00Z",
    });
  });

  test("made by hand without front matter is completed from heading and id", () => {
    const bare = {
      id,
      priority: "next",
      capabilities: [],
      depends: [],
      paths: [],
      parent: null,
      created: "2025-10-14",
    };
    expect(parsePlan("Some text\n\n# Limit **logins** #\n", id, "f")).toEqual({ ...bare, title: "Limit logins" });
    expect(parsePlan("", id, "f")).toEqual({ ...bare, title: "auth system" });
    expect(parsePlan("---\npriority: future\nparent:\n---\n", id, "f")).toEqual({
      ...bare,
      title: "auth system",
      priority: "future",
    });
  });

  test("has all its problems told at once, with line, key, what is there and what should be", () => {
    const text = `---\nid: 2025-10-14-auth\ntitle: ""\npriority: urgent\ncapabilities: rust\ndepends: [accounts, ${id}]\npaths: [../x]\nparent: 3\ncreated: tomorrow\n---\n`;
    try {
      parsePlan(text, id, "planned/SESSION.md");
      expect.unreachable();
    } catch (error) {
      if (!isBerthError(error)) throw error;
      expect(error.code).toBe("INVALID");
      expect(error.facts["file"]).toBe("planned/SESSION.md");
      expect(error.facts["problems"]).toMatchObject([
        { line: 2, key: "id", found: '"2025-10-14-auth"', expected: id },
        { line: 3, key: "title" },
        { line: 4, key: "priority", found: '"urgent"', expected: "now, next or future" },
        { line: 5, key: "capabilities" },
        { line: 6, key: "depends" },
        { line: 7, key: "paths" },
        { line: 8, key: "parent", found: "3" },
        { line: 9, key: "created", found: '"tomorrow"' },
      ]);
      expect(error.message).toContain('line 4, priority: found "urgent", expected now, next or future');
    }
  });

  test.each([
    ["title", '"a\\u202Eb"'],
    ["title", '"a\\nb"'],
    ["title", `"${"x".repeat(201)}"`],
    ["paths", "[/etc]"],
    ["paths", "[-x]"],
    ["paths", '["a\\\\b"]'],
    ["capabilities", '["$(x)"]'],
    ["created", "2025-02-30"],
    ["depends", "{a: b}"],
  ])("refuses the %s %s", (key, value) => {
    expect(() => parsePlan(`---\n${key}: ${value}\n---\n`, id, "f")).toThrow(new RegExp(`line 2, ${key}`));
  });
});

describe("[ASP-04] what a draft lacks before it is ready", () => {
  const draft = (context: string, criteria: string): string =>
    `# T\n\n## Context\n\n${context}\n\n## Acceptance Criteria\n\n${criteria}\n`;

  test("is nothing when context and one criterion are filled in", () => {
    expect(planProblems(draft("Passwords can be guessed.", "- [ ] The sixth is refused\n- [ ]"), "f")).toEqual([]);
    expect(planProblems(draft("### Today\n\nIt breaks.", "1. [x] It holds"), "f")).toEqual([]);
  });

  test.each([
    "",
    "<!-- describe it -->",
    "TBD",
    "_todo_",
    "...",
    "[describe the context]",
    "<context>",
    "{{ CONTEXT }}",
    "N/A",
    "### Today",
    "To be defined.",
    "Todo: write",
  ])("is the context when it says %j", (context) => {
    expect(planProblems(draft(context, "- [ ] It holds"), "f")).toEqual([
      'the section "Context" of f is not filled in',
    ]);
  });

  test.each([
    "",
    "It must work.",
    "- It must work",
    "- [ ]",
    "- [ ] <!-- the first result -->",
    "- [ ] todo\n- [ ] ...",
    "- [ ] [criterion]",
    "- [ ] Criterion 1",
  ])("is a criterion when there is only %j", (criteria) => {
    expect(planProblems(draft("It breaks.", criteria), "f")).toEqual([
      'the section "Acceptance Criteria" of f has no criterion (a line "- [ ] text")',
    ]);
  });

  test("names sections that are missing", () => {
    expect(planProblems("# T\n", "f")).toEqual([
      'f has no section "Context"',
      'f has no section "Acceptance Criteria"',
    ]);
  });
});
