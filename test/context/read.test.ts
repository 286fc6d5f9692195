import { expect, test } from "vitest";
import { readContext } from "../../src/context/read.ts";
import { contextSchema } from "../../src/context/schema.ts";
import { statusOf, TASK_STATUS, TODO_STATUS, WORK_STATUS } from "../../src/context/status-word.ts";
import { validateText } from "../../src/context/validate.ts";
import { vocabularyOf } from "../../src/context/vocabulary.ts";
import { parseConfig } from "../../src/config.ts";
import { CENTRAL, FENCED } from "../support/contexts.ts";

const schema = contextSchema(vocabularyOf(parseConfig({}, "config")));
const problems = (text: string): readonly string[] =>
  validateText(text, "f", schema).problems.map(({ line, column, key }) => `${line}:${column} ${key}`);

test("[CTX-01] [CTX-18] every form is told apart, and its keys are read as they were written", () => {
  expect(readContext(CENTRAL, "f")).toMatchObject({ format: "front-matter", data: { mode: "build", agent: "lab" } });
  expect(readContext(FENCED, "f")).toMatchObject({
    format: "fenced",
    data: { session_id: "2025-07-25-120000", mode: "build", task: { title: "Log in" }, todos: [{ id: "1" }] },
  });
  expect(readContext('{"mode": "build", "n": [1]}', "f")).toMatchObject({
    format: "json",
    data: { mode: "build", n: [1] },
  });
  expect(readContext("# old\nmode = build\nphase=scope\n", "f")).toMatchObject({
    format: "key-value",
    data: { mode: "build", phase: "scope" },
  });
  expect(readContext("We log in.\nmode: build\n", "f")).toMatchObject({
    format: "prose",
    data: {},
    body: expect.any(String) as string,
  });
});

test("[CTX-01] [INV-8] what is not whole is refused with its place, and is no context without keys", () => {
  for (const [text, place] of [
    ["", "f:1:1"],
    [" \n", "f:1:1"],
    ["---\nmode: build\n", "f:1:1"],
    ["---\nmode: [build\n---\n", "f:3:1"],
    ["---\n<<<<<<< a\nmode: build\n=======\nmode: scope\n>>>>>>> b\n---\n", "f:2:1"],
    ['{"mode": "build"', "f:1:1"],
    ['{"mode": 1, "mode": 2}', "f:1:1"],
    ["## Current Work\n```yaml\nmode: build\n", "f:2:1"],
    ["## Current Work\n```yaml\nmode: build\n```\n## Git Context\n```yaml\nmode: scope\n```\n", "f:7:7"],
    ["mode=build\0", "f:1:1"],
  ] as const) {
    expect(() => readContext(text, "f"), text).toThrow(place);
    expect(validateText(text, "f", schema)).toMatchObject({ valid: false, format: null });
  }
});

test("[CTX-10] [CTX-11] all problems come at once, each with line, column, key, what was found and what was expected", () => {
  expect(validateText(CENTRAL, "f", schema)).toEqual({ file: "f", valid: true, format: "front-matter", problems: [] });
  const bad = CENTRAL.replace("mode: build", "mode: cook")
    .replace("issue_number: 142", "issue_number: -1")
    .replace("status: in_progress # now", "status: nearly")
    .replace("operator: ada", "operator: [ada]")
    .replace("2026-03-01T09:30:00Z", "2026-03-01 09:30:00");
  const judged = validateText(bad, "f", schema);
  expect(judged.problems.map(({ line, column, key, found }) => [line, column, key, found])).toEqual([
    [4, 13, "started_at", '"2026-03-01 09:30:00"'],
    [6, 1, "operator", '["ada"]'],
    [9, 7, "mode", '"cook"'],
    [13, 17, "task.issue_number", "-1"],
    [22, 13, "todos.0.status", '"nearly"'],
  ]);
  expect(judged.problems[2]?.expected).toBe(
    "one of intake, discover, scope, design, build, evaluate, deliver, operate, improve",
  );
  expect(problems("---\nmode: build\n---\n")).toEqual(
    ["session_id", "started_at", "operator", "phase", "agent", "task"].map((key) => `2:1 ${key}`),
  );
  expect(validateText(FENCED, "f", schema).problems.map(({ line, key }) => [line, key])).toEqual([[6, "started_at"]]);
  expect(validateText("We log in.", "f", schema)).toMatchObject({ valid: false, format: "prose" });
});

test("[CTX-10] modes, phases and agents are the project's own where it has any, and keys of its own are kept", () => {
  const own = parseConfig(
    { context: { modes: { cook: {} }, phases: { lunch: { mode: "cook", owner: "chef" } }, agents: ["chef"] } },
    "config",
  );
  const text = CENTRAL.replace("mode: build", "mode: cook")
    .replace("phase: training", "phase: lunch")
    .replace("agent: lab", "agent: chef\nmine: 1");
  expect(validateText(text, "f", contextSchema(vocabularyOf(own)))).toMatchObject({ valid: true });
  expect(validateText(text, "f", schema).problems).toHaveLength(3);
});

test("[CTX-03] [CTX-05] a status is the same however it is written", () => {
  for (const text of ["In progress", "InProgress", "in-progress", "IN_PROGRESS", " in progress "])
    expect(statusOf(TASK_STATUS, text)).toBe("in_progress");
  expect(statusOf(TASK_STATUS, "Not started")).toBe("backlog");
  expect(statusOf(TODO_STATUS, "Done")).toBe("completed");
  expect(statusOf(WORK_STATUS, "Completed")).toBe("done");
  for (const text of ["nearly", "", 1, null, "constructor", "__proto__"])
    expect(statusOf(WORK_STATUS, text)).toBeNull();
});
