import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { criteria, section } from "../../src/document/checklist.ts";
import { parseFrontMatter } from "../../src/document/front-matter.ts";
import { parsePlan, planProblems, type SessionPlan } from "../../src/ledger/plan.ts";
import { bundledTemplate, ensureFrontMatter, renderTemplate, templateNames } from "../../src/ledger/template.ts";

const plan: SessionPlan = {
  id: "2025-10-14-feature-x",
  title: "Limit logins",
  priority: "now",
  capabilities: ["rust"],
  depends: ["2025-10-12-accounts"],
  paths: ["src/auth/**"],
  parent: null,
  created: "2025-10-14T09:30:00Z",
};

const variables = {
  ...plan,
  SESSION_SLUG: plan.id,
  CONTEXT: "Passwords can be guessed.",
  PROBLEM_STATEMENT: "Three accounts were taken over.",
  ACCEPTANCE_CRITERIA: ["The sixth is refused", "A correct one works\n## later"],
  SUBSESSIONS: ["Count", "Refuse"],
  RISKS: ["Locked-out users: a mail unlocks"],
  DEPENDENCIES: ["2025-10-12-accounts"],
  EDGE_CASES: ["Two at once"],
  NOTES: "See the report of May.",
};

const session = async (given: Record<string, unknown>): Promise<string> =>
  renderTemplate(await bundledTemplate("session"), given, "SESSION.md.j2");

describe("[ASP-03] the bundled templates", () => {
  test("put every variable of a session into its section", async () => {
    const text = await session(variables);
    expect(parsePlan(text, plan.id, "f")).toEqual(plan);
    expect(planProblems(text, "f")).toEqual([]);
    const { body } = parseFrontMatter(text, "f");
    expect(section(body, "Context")).toBe(variables.CONTEXT);
    expect(section(body, "Problem Statement")).toBe(variables.PROBLEM_STATEMENT);
    expect(criteria(body).map((box) => box.text)).toEqual(["The sixth is refused", "A correct one works ## later"]);
    expect(section(body, "Subsessions")).toMatch(
      /### 1\. Count[\s\S]*RED[\s\S]*GREEN[\s\S]*REFACTOR[\s\S]*### 2\. Refuse[\s\S]*RED/,
    );
    expect(section(body, "Risks & Mitigation")).toBe("- Locked-out users: a mail unlocks");
    expect(section(body, "Dependencies")).toBe("- 2025-10-12-accounts");
    expect(section(body, "Edge Cases")).toBe("- Two at once");
    expect(section(body, "Notes")).toBe("See the report of May.");
  });

  test("[ASP-04] leave a draft that was given nothing not ready", async () => {
    const text = await session({ SESSION_SLUG: plan.id });
    expect(planProblems(text, "f")).toHaveLength(2);
    expect(parsePlan(text, plan.id, "f").title).toBe(plan.id);
  });

  test("name source and topic in a knowledge session, ready to be planned", async () => {
    const given = {
      SESSION_SLUG: "kb-2025-10-15-merge-auth",
      TOPIC: "auth",
      SOURCE_SESSION: plan.id,
      TIMESTAMP: "2025-10-15T08:00:00Z",
    };
    const text = await renderTemplate(await bundledTemplate("kb-merge"), given, "kb-merge-SESSION.md.j2");
    expect(parsePlan(text, given.SESSION_SLUG, "f")).toMatchObject({
      title: "Merge what was learned about auth",
      created: given.TIMESTAMP,
    });
    expect(planProblems(text, "f")).toEqual([]);
    expect(text).toContain(`sessions/${plan.id}/learnings.md`);
  });

  test("hold hostile titles where they belong", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({
          unit: fc.constantFrom("\n", "---", '"', "'", ": ", "#", "{{ id }}", "\\", "a", "\u202E", "]", "!!x", "&a"),
        }),
        async (title) => {
          const { data } = parseFrontMatter(await session({ ...variables, title: `x${title}` }), "f");
          expect(data).toEqual({ ...plan, title: `x${title}` });
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("[ASP-28] templates of a team", () => {
  test("are found with and without .j2", () => {
    expect(templateNames("session")).toEqual(["SESSION.md.j2", "SESSION.md"]);
    expect(templateNames("kb-merge")).toEqual(["kb-merge-SESSION.md.j2", "kb-merge-SESSION.md"]);
    expect(templateNames("session-env")).toEqual(["session-env.template.j2", "session-env.template"]);
  });

  test("[ASP-03] need no front matter", async () => {
    const text = await renderTemplate(
      "# {{ SESSION_SLUG }}\n\n{% for c in ACCEPTANCE_CRITERIA %}* [ ] {{ c }}\n{% endfor %}",
      variables,
      "f",
    );
    expect(parsePlan(ensureFrontMatter(text, plan), plan.id, "f")).toEqual(plan);
  });

  test("[ASP-03] keep what they say of their own, except what the session says", () => {
    const text = "---\npriority: future # usual here\ncapabilities: [sql]\nteam: red\n---\n# T\n";
    const set = ensureFrontMatter(text, { ...plan, priority: "next", capabilities: [] });
    expect(set).toContain("priority: future # usual here\ncapabilities: [sql]\nteam: red\n");
    expect(parsePlan(set, plan.id, "f")).toEqual({ ...plan, priority: "future", capabilities: ["sql"] });
    expect(parsePlan(ensureFrontMatter(text, plan), plan.id, "f")).toEqual(plan);
  });

  test("[ASP-03] have conditions, loops and filters; what is undefined renders empty", async () => {
    const text =
      "{{ nobody.at.home }}{% if RISKS | length > 0 and not X %}{{ RISKS | join(', ') | upper }}{% endif %}{% for k, v in m %}{{ k }}={{ v }}{% endfor %}{# note #}";
    expect(await renderTemplate(text, { RISKS: ["a", "<b>"], m: { x: 1 } }, "f")).toBe("A, <B>x=1\n");
  });

  test.each([
    ["text\n{% if %}", /^t\.j2:2: /],
    ["\n\n{{ a b }}", /^t\.j2:3: /],
    ["{% for x in y %}", /^t\.j2:1: unexpected end of file/],
    ["a\n{{ x | shout }}", /^t\.j2:2: there is no filter "shout"/],
  ])("[ASP-03] with an error in %j say where", async (source, message) => {
    await expect(renderTemplate(source, {}, "t.j2")).rejects.toMatchObject({
      code: "INVALID",
      message: expect.stringMatching(message) as string,
    });
  });
});

describe("[ASP-03] a template can run nothing and read nothing", () => {
  test.each([
    "{{ range(1000000000) }}",
    "{{ ''.constructor.constructor('return process')() }}",
    "{{ ''['constr' ~ 'uctor'] }}",
    "{{ x.__proto__ }}",
    "{{ {constructor: 1} }}",
    "{% set x %}{{ ''.constructor }}{% endset %}",
    "{% set f = x.y %}{{ f(1) }}",
    "{% macro m() %}{% endmacro %}",
    "{% call m() %}{% endcall %}",
    "{% include '/etc/passwd' %}",
    "{% extends 'x' %}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% block a %}{% endblock %}",
    "{% asyncEach a in b %}{% endeach %}",
    "{{ r/(a+)+b/g }}",
    // Names that a template engine copying them into its code would run.
    '{{ x"^Function`alert`^"y }}',
    `{% set "a+process.exit(1)+" = 1 %}`,
    `{% for a, "b+process.exit(1)+" in c %}{% endfor %}`,
    `{{ 1 is "x+process.exit(1)+" }}`,
  ])("%s", async (source) => {
    await expect(renderTemplate(source, { x: "a" }, "t.j2")).rejects.toMatchObject({
      code: "INVALID",
      message: expect.stringMatching(/^t\.j2:1: /) as string,
    });
  });

  test("it may not take for ever, nor write without end, nor nest without end", async () => {
    const loops = `${"{% for a in L %}".repeat(12)}${"{% endfor %}".repeat(12)}`;
    await expect(renderTemplate(loops, { L: Array<number>(20).fill(1) }, "f")).rejects.toThrow(/takes longer/);
    const doubling =
      "{% set x = 'a' %}{% for a in L %}{% for b in L %}{% set x = x ~ x %}{% endfor %}{% endfor %}{{ x }}";
    await expect(renderTemplate(doubling, { L: [1, 2, 3, 4, 5] }, "f")).rejects.toThrow(/writes more than/);
    await expect(renderTemplate(doubling, { L: [1, 2, 3, 4, 5, 6] }, "f")).rejects.toMatchObject({ code: "INVALID" });
    await expect(renderTemplate(`{{ ${"(".repeat(20_000)}1${")".repeat(20_000)} }}`, {}, "f")).rejects.toMatchObject({
      code: "INVALID",
    });
    await expect(renderTemplate("x".repeat(300_000), {}, "f")).rejects.toThrow(/more than 256000/);
  });
});
