import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Handoff, handoffPage } from "../../src/context/handoff-page.ts";
import { CENTRAL } from "../support/contexts.ts";
import { commit, refusal, team, working } from "../support/session.ts";

const titles = (page: string): string[] => page.split("\n").filter((line) => line.startsWith("#"));

test("[CTX-15] one page has all the next agent needs, in a session's workspace", async () => {
  const { box, berth } = await team({ remote: false });
  const { dir } = await working(berth, "Log in", { criteria: ["It logs in", "It logs out"] });
  const there = await box.open(dir);
  await there.log({ text: "Chose tokens" });
  const full = CENTRAL.replace(
    "blockers: []",
    "blockers:\n  - The server\nhandoff_requirements: [Run it]\nmodified_files: [src/b.ts]",
  )
    .replace("todos:\n", 'todos:\n  - { id: "0", content: Done before, status: completed }\n')
    .replace("  - Tokens, not cookies", "  - Cookies\n  - Tokens, not cookies");
  commit(box, dir, "Context", { ".session/ACTIVE_SESSION.md": full });
  box.write(dir, { "src/open.ts": "x" });
  const { markdown, ...data } = await there.contextHandoff({});
  expect(titles(markdown)).toEqual([
    "# Handoff: Log in with tokens",
    "## Plan",
    "## Blockers",
    "## Decisions",
    "## Next steps",
    "## Todos",
    "## Required for the handoff",
    "## Open files",
    "## Branch",
    "## Worklog",
  ]);
  expect(data).toMatchObject({
    path: ".session/ACTIVE_SESSION.md",
    status: "active",
    plan: {
      criteria: [
        { text: "It logs in", done: false },
        { text: "It logs out", done: false },
      ],
    },
    decisions: ["Tokens, not cookies", "Cookies"],
    todos: [
      { id: "1", over: false },
      { id: "0", over: true },
    ],
    files: { uncommitted: ["src/open.ts"], modified: ["src/b.ts"], created: ["src/login.ts"] },
    git: { branch: data.session === null ? null : `session/${data.session}`, commit: { subject: "Context" } },
    problems: [],
  });
  expect(data.worklog[0]).toMatchObject({ text: "Chose tokens" });
  expect(markdown).toContain("- [ ] It logs in\n");
  expect(markdown).not.toContain("Left out");
});

test("[CTX-15] [INV-8] a context that is missing or damaged is told, and the rest of the page stays", async () => {
  const { box, home, berth } = await team({ remote: false });
  await refusal(berth.contextHandoff({}), "NOT_FOUND");
  box.write(home, { "docs/session-context/ACTIVE_SESSION.md": "x" });
  writeFileSync(join(home, "docs/session-context/ACTIVE_SESSION.md"), "---\nmode: [\n---\n");
  const { problems, markdown } = await berth.contextHandoff({});
  expect(problems).toHaveLength(1);
  expect(markdown).toContain("- Problem: docs/session-context/ACTIVE_SESSION.md:");
  box.write(home, { "tickets/training_1/checklist.md": "# List\n\n- [x] Read *\n- [ ] Write *\n" });
  const ticket = await berth.contextHandoff({ ticket: "training_1" });
  expect(ticket.plan?.criteria).toEqual([
    { text: "Read *", done: true },
    { text: "Write *", done: false },
  ]);
  expect(ticket.problems).toHaveLength(1);
});

test("[CTX-15] a page is never longer than 8,000 characters, begins every section, and names what it leaves out", () => {
  const texts = fc.array(fc.string({ maxLength: 900, unit: "binary" }), { maxLength: 120 });
  const all = fc.record({
    blockers: texts,
    decisions: texts,
    nextSteps: texts,
    requirements: texts,
    path: fc.string({ maxLength: 500 }),
  });
  const given: Handoff = {
    path: "f",
    session: null,
    ticket: "training_1",
    task: { title: "T".repeat(9000), issue: "1", url: null, priority: null, status: null },
    state: null,
    status: "active",
    mode: "build",
    phase: "x".repeat(9000),
    agent: null,
    operator: null,
    updated: null,
    plan: { title: null, context: "c".repeat(9000), criteria: [] },
    blockers: [],
    decisions: [],
    nextSteps: [],
    todos: Array.from({ length: 300 }, (_, n) => ({
      id: String(n),
      content: "todo",
      status: "pending",
      priority: null,
      over: false,
    })),
    requirements: [],
    files: { uncommitted: Array.from({ length: 500 }, (_, n) => `file-${n}`), modified: [], created: [] },
    git: { branch: "main", commit: null },
    worklog: Array.from({ length: 500 }, (_, n) => ({ at: "now", text: `entry ${n}` })),
    left: null,
    output: null,
    problems: ["p".repeat(9000)],
  };
  fc.assert(
    fc.property(all, (some) => {
      const page = handoffPage({ ...given, ...some });
      expect(page.length).toBeLessThanOrEqual(8000);
      expect(page.endsWith("All of it: `berth context handoff --json`\n")).toBe(true);
      for (const title of ["## Plan", "## Todos", "## Open files", "## Branch", "## Worklog"])
        expect(page).toContain(`\n${title}\n`);
      expect(page).toMatch(/- todos: \d+ more\n/);
      expect(page).toContain("- plan: 1 shortened\n");
      // Nothing begins a section but the page itself.
      expect(titles(page).length).toBeLessThanOrEqual(11);
    }),
    { numRuns: 200 },
  );
  expect(handoffPage(given).length).toBeGreaterThan(6500);
});
