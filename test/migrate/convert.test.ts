import { expect, test } from "vitest";
import fc from "fast-check";
import { unaccounted } from "../../src/migrate/account.ts";
import { convert } from "../../src/migrate/convert.ts";
import { partOf, type Unit } from "../../src/migrate/unit.ts";
import { parseFrontMatter } from "../../src/document/front-matter.ts";
import { parseYaml, writeYaml } from "../../src/document/yaml.ts";
import { CENTRAL } from "../support/contexts.ts";
import { BOARD, FOREIGN, JSON_CONTEXT, KEY_VALUE, NAMED, PROSE, unitsIn, WILD } from "../support/legacy.ts";

const noNext = (): null => null;

/** The one unit that a file is read as. */
function unitOf(text: string, path = "notes/a.md"): Unit {
  const { units, broken } = unitsIn({ [path]: text }, [path]);
  if (units.length !== 1 || !units[0]) throw new Error(`${units.length} units; ${JSON.stringify(broken)}`);
  return units[0];
}

function front(text: string, path?: string): Readonly<Record<string, unknown>> {
  return parseFrontMatter(convert(unitOf(text, path), "tickets", noNext).context, "f").data;
}

test("[CTX-18] of blocks below headings every key becomes front matter with its bytes, and all else the body", () => {
  const { context } = convert(unitOf(WILD), "tickets", noNext);
  const { data, body } = parseFrontMatter(context, "f");
  expect(data).toMatchObject({ session_id: "2025-07-25-120000", task: { issue_number: 142 }, todos: [{ id: "1" }] });
  expect(context).toContain("  issue_number: 142 # the login\n");
  const blocks = WILD.split(/```yaml\n[\s\S]*?```\n/).join("");
  expect(body).toBe(blocks);
  expect(body).toContain("\u00f0\u0178\u017d\u00af Schema Definition");
});

test("[CTX-18] a heading whose emoji was badly decoded is the heading all the same", () => {
  const bad = WILD.replace("## Current Work", "## \u00e2\u0153\u2026 Current Work");
  expect(front(bad)).toMatchObject({ mode: "build", phase: "enablement" });
});

test("[CTX-18] blocks that cannot stand side by side are read, and the text stays whole", () => {
  const odd = WILD.replace("mode: build\nphase: enablement\n", "  mode: build\n  phase: enablement\n").replace(
    "agent: conductor\ntask:\n  issue_number: 142 # the login\n  title: Log in\n  status: Not started\nbranch: main\n",
    "  agent: conductor # first\n",
  );
  const { context } = convert(unitOf(odd), "tickets", noNext);
  expect(parseFrontMatter(context, "f").data).toMatchObject({ mode: "build", agent: "conductor" });
  expect(context).toContain(odd);
});

test("[CTX-18] line ends and a byte-order mark stay as they are", () => {
  const given = `\uFEFF${WILD.replaceAll("\n", "\r\n")}`;
  const { context } = convert(unitOf(given), "tickets", noNext);
  expect(context.startsWith("\uFEFF---\r\n")).toBe(true);
  expect(context.split("\n").every((line, at, all) => at === all.length - 1 || line.endsWith("\r"))).toBe(true);
});

test("[CTX-18] prose stays whole, and only what is certain in it becomes fields", () => {
  const { context } = convert(unitOf(PROSE), "tickets", noNext);
  expect(context.endsWith(`---\n${PROSE}`)).toBe(true);
  expect(parseFrontMatter(context, "f").data).toEqual({
    phase: "training",
    branch: "phase/training_201",
    decisions: ["One file per key", "No expiry yet"],
    next_steps: ["Measure", "[ ] Decide"],
    task: { issue_number: 201, title: "Move the cache" },
  });
  expect(front("Phase: training\nPhase: scope\nMode: cooking\n")).toEqual({ migrated_from: "notes/a.md" });
});

test("[CTX-18] JSON and key=value become front matter, and what has no home keeps its own key", () => {
  expect(front(JSON_CONTEXT, "notes/a.json")).toEqual({
    session_id: "2025-08-01-101500",
    started_at: "2025-08-01T10:15:00Z",
    mode: "build",
    phase: "training",
    task: { issue_number: 301, title: "Read the file once" },
    todos: [
      { id: "1", content: "Write the test", status: "pending" },
      { id: "2", content: "Read it", done: true, status: "completed" },
    ],
    next_steps: ["Land it"],
    team: "readers",
    effort_hours: 3,
    ours: { deep: [1, 2, null, "x"] },
  });
  expect(front(KEY_VALUE, "notes/a.env")).toEqual({
    mode: "operate",
    phase: "monitoring",
    operator: "ada",
    next_steps: ["Watch the numbers"],
    color: "green",
    task: { issue_number: 401 },
  });
  expect(convert(unitOf(KEY_VALUE, "notes/a.env"), "central", noNext).context).toContain("# exported by a script\n");
  expect(front('{"session metadata": {"session_id": "s", "operator": "ada"}, "mode": "build"}')).toEqual({
    session_id: "s",
    operator: "ada",
    mode: "build",
  });
});

test("[CTX-18] foreign front matter keeps its bytes but for the names of keys that are known", () => {
  const { context } = convert(unitOf(FOREIGN), "tickets", noNext);
  expect(context).toContain("# written by another tool\nsession_id: abc-501   # theirs\nstarted_at: 2025-09-01");
  expect(context).toContain("tags: [a, b]\n");
  expect(parseFrontMatter(context, "f").data).toEqual({
    session_id: "abc-501",
    started_at: "2025-09-01T08:00:00+02:00",
    phase: "training",
    decisions: ["Keep the old names"],
    tags: ["a", "b"],
    task: { issue_number: 501 },
  });
  // Two that could be it, or one that is there: nothing is certain.
  expect(front("---\nsessionId: a\nsession-id: b\nphase: x\ncurrentPhase: y\n---\n")).toEqual({
    sessionId: "a",
    "session-id": "b",
    phase: "x",
    currentPhase: "y",
  });
});

test("[CTX-01] a context that is as Berth writes it moves with its very bytes", () => {
  expect(convert(unitOf(CENTRAL), "tickets", noNext).context).toBe(CENTRAL);
});

/** Every key of origins A1 with a value, and every one of A3 that is not among them. */
const A1: Readonly<Record<string, unknown>> = {
  session_id: "2025-07-25-120000",
  started_at: "2025-07-25T12:00:00Z",
  last_updated: "2025-07-25T13:00:00Z",
  operator: "ada",
  assistant: "otter",
  mode: "build",
  phase: "training",
  agent: "lab",
  task: { issue_number: 142, title: "Log in", url: "https://example.com/142", priority: "now", status: "Ready" },
  branch: "phase/training_142",
  parent_crd: { issue_number: 7, title: "crd", url: "https://example.com/7" },
  parent_prd: { issue_number: 8, title: "prd", url: "https://example.com/8" },
  project: { id: 9, name: "train", url: "https://example.com/9" },
  todos: [{ id: "1", content: "Write", status: "in_progress", priority: "high" }],
  created_files: ["/a"],
  modified_files: ["/b"],
  dependencies: ["/c"],
  decisions: ["d"],
  blockers: ["e"],
  next_steps: ["f"],
  handoff_requirements: ["g"],
  repository: "r",
  current_branch: "main",
  working_directory: "/w",
  uncommitted_changes: true,
  last_commit: "abc",
  allowed_tools: ["Read", "Bash(git:*)"],
  restricted_tools: ["WebFetch"],
};
const A3: Readonly<Record<string, unknown>> = {
  ticket: "training_142",
  issue_id: 142,
  title: "Log in",
  description: "With tokens",
  operator: "ada",
  team: "readers",
  project: "train",
  client: "own",
  prd_issue: 8,
  crd_issue: 7,
  phase: "training",
  stage: "first",
  mode: "/drive",
  status: "InProgress",
  checklist: [{ name: "review", required: true }],
  artifacts: [{ path: "/docs/a.md", required: false }],
  entry_criteria: ["data is there"],
  exit_criteria: ["numbers are good"],
  next_phase: "validation",
  started_at: "2025-07-25T12:00:00Z",
  completed_at: null,
  duration_estimate: "6h",
  revenue_value: 100,
  effort_hours: 3,
  evaluation: { checklist: { status: true, eval: "a.md", notes: "n", required: true } },
};

test("[CTX-17] [TKT-10] every field of a context and of a ticket is carried over, there and back", () => {
  const files = {
    "tickets/training_142/ACTIVE_SESSION.md": `---\n${writeYaml(A1)}---\n`,
    "tickets/training_142/ticket.yml": writeYaml(A3),
  };
  const [unit] = unitsIn(files).units;
  if (!unit) throw new Error("no unit");
  const central = convert(unit, "central", noNext).context;
  expect(parseFrontMatter(central, "f").data).toEqual({ ...A1, ticket: A3 });
  const [back] = unitsIn({ "docs/session-context/ACTIVE_SESSION.md": central }).units;
  if (!back) throw new Error("no unit");
  const made = convert(back, "tickets", noNext);
  expect(made.context).toBe(files["tickets/training_142/ACTIVE_SESSION.md"]);
  expect(parseYaml(made.ticket ?? "", "f")).toEqual(A3);
});

test("[CTX-18] [TKT-10] every field of a context is read from each form, and what a ticket has of it goes there", () => {
  const fenced = Object.entries(A1).map(([key, value]) => ({ key, text: writeYaml({ [key]: value }) }));
  const headings = ["Session Metadata", "Current Work", "Task Context", "Work Progress"];
  const blocks = headings.map((heading, at) => {
    const own = fenced.filter((_, index) => index % headings.length === at).map(({ text }) => text);
    return `## ${heading}\n\`\`\`yaml\n${own.join("")}\`\`\`\n`;
  });
  expect(front(`# Active Session Context\n\n${blocks.join("\n")}`)).toEqual(A1);
  expect(front(JSON.stringify(A1), "notes/a.json")).toEqual(A1);
  const { ticket: _ticket, issue_id: _issue, mode: _mode, ...more } = A3;
  const unit = unitOf(JSON.stringify({ ...more, ...A1, description: "With tokens" }), "notes/a.json");
  const { ticket } = convert(unit, "tickets", () => "validation");
  const { completed_at: _at, ...wanted } = A3;
  const said = { ...wanted, mode: "build", status: "active" };
  expect(parseYaml(ticket ?? "", "f")).toEqual(said);
});

test("[TKT-10] [INV-3] whatever a source holds, what it becomes accounts for all of it, and one lost line is seen", () => {
  const line = fc.oneof(
    fc.constantFrom("## Decisions", "- one", "- [x] two", "Phase: scope", "---", "```yaml", "mode: build", "```"),
    fc.constantFrom("## Current Work", "key=value", "# c", "a: [1, 2]", "", "\u00e2\u20ac\u201c dash", "\tx\r"),
    fc.string({ maxLength: 12 }),
  );
  const text = fc.array(line, { minLength: 1, maxLength: 14 }).map((all) => all.join("\n"));
  const known = fc.constantFrom(...Object.values(NAMED), JSON_CONTEXT, KEY_VALUE, BOARD, CENTRAL);
  fc.assert(
    fc.property(fc.oneof(text, known), fc.nat(), (given, pick) => {
      const part = partOf({ path: "notes/a.md", oid: "0", mode: "100644", text: given }, "context");
      fc.pre("anatomy" in part);
      const unit = unitsIn({ "notes/a.md": given }, ["notes/a.md"]).units[0];
      if (!("anatomy" in part) || !unit) return;
      const { context, ticket } = convert(unit, "central", noNext);
      expect(ticket).toBeNull();
      expect(unaccounted([part], [{ path: "c.md", text: context }])).toEqual([]);
      const lines = part.text.replace(/^\uFEFF/, "").split("\n");
      const texts = lines.filter((one, at) => one.trim() !== "" && !part.anatomy.carriers.has(at));
      const lost = texts[pick % Math.max(texts.length, 1)];
      if (lost === undefined) return;
      const at = context.split("\n").lastIndexOf(lost);
      const without = context.split("\n").toSpliced(at, 1).join("\n");
      fc.pre(!lost.startsWith("---"));
      expect(unaccounted([part], [{ path: "c.md", text: without }]), lost).not.toEqual([]);
    }),
    { numRuns: 400 },
  );
});
