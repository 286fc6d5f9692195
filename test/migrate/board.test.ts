import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BOARD, LEGACY, unitsIn } from "../support/legacy.ts";
import { commit, team } from "../support/session.ts";

const DOCS = Object.fromEntries(
  Object.entries(LEGACY).filter(([path]) => path.startsWith("docs/") && path.split("/").length === 2),
);

test("[CTX-18] a board is a unit for each section that tells of a session, notes of a folder are one", () => {
  const { units } = unitsIn({ "ACTIVE_SESSIONS.md": BOARD, ...DOCS });
  expect(units.map(({ name, fields }) => [name, fields["task"]])).toEqual([
    ["enablement_601", { issue_number: 601, title: "Parser" }],
    ["enablement_printer", { title: "Printer" }],
    ["enablement_docs", undefined],
  ]);
  const tasks = "# Next Tasks\n\n## Now\n- [ ] A\n\n## Future\n- [x] B\n- C\n";
  expect(unitsIn({ "docs/NEXT_TASKS.md": tasks }).units[0]?.fields).toEqual({
    todos: [
      { id: "1", content: "A", status: "pending" },
      { id: "2", content: "B", status: "completed" },
    ],
  });
  expect(units[2]?.fields).toMatchObject({
    blockers: ["The licence"],
    todos: [{ status: "completed" }, { content: "Wait" }],
  });
});

test("[CTX-18] sections of a board may have blocks of their own, and one that is broken stays on it", async () => {
  const section = (name: string, yaml: string): string =>
    `## ${name}\n\n### Current Work\n\`\`\`yaml\n${yaml}\n\`\`\`\nStatus: active\n`;
  const board = `# Board\n${section("A", "mode: build")}${section("B", "mode: scope")}${section("C", "[1]")}`;
  const { units, broken } = unitsIn({ "ACTIVE_SESSIONS.md": board });
  expect(units.map(({ fields }) => fields["mode"])).toEqual(["build", "scope"]);
  expect(broken).toMatchObject([{ path: "ACTIVE_SESSIONS.md", line: 20 }]);
  expect(broken[0]?.message).toContain("ACTIVE_SESSIONS.md:20:");
  const { box, home, berth } = await team({ remote: false });
  commit(box, home, "Board", { "ACTIVE_SESSIONS.md": board });
  const { plan, verified } = await berth.migrate({ to: "tickets" });
  expect(plan.map(({ action }) => action)).toEqual(["convert", "convert", "broken"]);
  expect(verified).toBe(true);
  expect(readFileSync(join(home, "ACTIVE_SESSIONS.md"), "utf8")).toBe(`# Board\n${section("C", "[1]")}`);
});

test("[CTX-18] [INV-8] what cannot be read is listed with its place, and stops nothing else", () => {
  const { units, broken } = unitsIn({
    ...LEGACY,
    "docs/session-context/handoff.md": "a\n<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n",
    "docs/session-context/session.txt": "a\0b",
    "tickets/scope_1/ACTIVE_SESSION.md": '{"a": 1, "a": 2}',
    "tickets/scope_2/ACTIVE_SESSION.md": "---\na: !!binary 1\n---\n",
    "tickets/scope_3/ACTIVE_SESSION.md": "",
  });
  expect(broken.map(({ path, line }) => `${path}:${line}`)).toEqual([
    "docs/session-context/handoff.md:2",
    "docs/session-context/session.txt:1",
    "tickets/scope_1/ACTIVE_SESSION.md:1",
    "tickets/scope_2/ACTIVE_SESSION.md:2",
    "tickets/scope_3/ACTIVE_SESSION.md:1",
    "tickets/training_999/ACTIVE_SESSION.md:4",
  ]);
  expect(units.length).toBe(unitsIn(LEGACY).units.length);
});
