import { expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { contextSchema } from "../../src/context/schema.ts";
import { validateText } from "../../src/context/validate.ts";
import { vocabularyOf } from "../../src/context/vocabulary.ts";
import { CENTRAL } from "../support/contexts.ts";
import { refusal, team } from "../support/session.ts";

const FILE = "docs/session-context/ACTIVE_SESSION.md";
const link = { issue_number: 7, title: "Parent", url: "https://example.com/7" };

/** Every key of a context: a value it may have, how `--where` finds it, and one that it may not have. */
const FIELDS: readonly (readonly [key: string, value: unknown, where: string, bad: unknown])[] = [
  ["session_id", "2026-04-01-080000", "session_id=2026-04-01-080000", ""],
  ["started_at", "2026-04-01T08:00:00+02:00", "started_at=2026-04-01T08:00:00+02:00", "2026-04-01 08:00"],
  ["operator", "grace", "operator=grace", ["grace"]],
  ["assistant", "heron", "assistant=heron", 7],
  ["status", "Blocked", "status=blocked", "nearly"],
  ["mode", "evaluate", "mode=evaluate", "cook"],
  ["phase", "validation", "phase=validation", "lunch"],
  ["agent", "evaluator", "agent=evaluator", "chef"],
  ["task.issue_number", "ABC-7", "task.issue_number=ABC-7", -1],
  ["task.title", "Other", "task.title=Other", null],
  ["task.url", "https://example.com/8", "task.url=https://example.com/8", "here"],
  ["task.priority", "future", "task.priority=future", "soon"],
  ["task.status", "In review", "task.status=in_review", "nearly"],
  ["branch", "other", "branch=other", ["other"]],
  ["parent_crd", link, "parent_crd.title=Parent", { issue_number: 0 }],
  ["parent_prd", link, "parent_prd.issue_number=7", { url: "here" }],
  ["project", { id: 3, name: "Harbour", url: "https://example.com" }, "project.name=Harbour", "Harbour"],
  ["todos", [{ id: "9", content: "Look", status: "done", priority: "low" }], "todos.status=completed", [{ id: "9" }]],
  ["created_files", ["src/x.ts"], "created_files=src/x.ts", "src/x.ts"],
  ["modified_files", ["src/y.ts"], "modified_files=src/y.ts", [7]],
  ["dependencies", ["left"], "dependencies=left", [""]],
  ["decisions", ["Yes"], "decisions=Yes", "Yes"],
  ["blockers", ["No"], "blockers=No", [null]],
  ["next_steps", ["Go"], "next_steps=Go", { a: 1 }],
  ["handoff_requirements", ["Tell"], "handoff_requirements=Tell", true],
  ["repository", "of/us", "repository=of/us", 7],
  ["current_branch", "main", "current_branch=main", false],
  ["working_directory", "src", "working_directory=src", []],
  ["uncommitted_changes", true, "uncommitted_changes=true", "yes"],
  ["last_commit", "abcdef", "last_commit=abcdef", {}],
  ["allowed_tools", ["Read", "Bash(git:*)"], "allowed_tools=Read", ["(git)"]],
  ["restricted_tools", ["WebFetch"], "restricted_tools=WebFetch", ["a b"]],
];

test("[CTX-02] [CTX-03] [CTX-04] [CTX-05] [CTX-06] [CTX-07] [CTX-08] every field is set, read, found and judged", async () => {
  const { box, home, berth } = await team({ remote: false });
  for (const [key, value, where, bad] of FIELDS) {
    box.write(home, { [FILE]: CENTRAL });
    await berth.contextSet({ key, value });
    const { context, problems } = await berth.contextShow({});
    expect(problems, key).toEqual([]);
    const [top = "", inner] = key.split(".");
    const read = context[top] as Record<string, unknown>;
    expect(inner === undefined ? read : read[inner], key).toEqual(value);
    expect((await berth.contextSearch({ where: [where] })).matches, where).not.toEqual([]);
    await refusal(berth.contextSet({ key, value: bad }), "INVALID");
    expect((await berth.contextShow({})).context, key).toEqual(context);
  }
});

test("[CTX-10] the fields of this test are those of the schema", () => {
  const known = Object.keys(contextSchema(vocabularyOf(parseConfig({}, "config"))).shape);
  const tested = new Set(["last_updated", "task", "session_state", ...FIELDS.map(([key]) => key)]);
  expect(known.filter((key) => !tested.has(key))).toEqual([]);
  expect(
    validateText(
      CENTRAL.replace("2026-03-01T10:00:00+01:00", "now"),
      "f",
      contextSchema(vocabularyOf(parseConfig({}, "config"))),
    ).problems,
  ).toMatchObject([{ key: "last_updated" }]);
});
