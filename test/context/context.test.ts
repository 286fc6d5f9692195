import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CENTRAL, FENCED } from "../support/contexts.ts";
import { refusal, team } from "../support/session.ts";

const FILE = "docs/session-context/ACTIVE_SESSION.md";

test("[CTX-01] [CTX-12] in a checkout without a session it is the central context that is made, shown and changed", async () => {
  const { box, home } = await team({ remote: false });
  const berth = await box.open(home, "otter");
  await refusal(berth.contextShow({}), "NOT_FOUND");
  expect(await berth.contextInit({ title: "Log in" })).toEqual({ path: FILE });
  await refusal(berth.contextInit({ title: "Again" }), "WRONG_STATE");
  expect(await berth.contextShow({})).toMatchObject({
    layout: "central",
    format: "front-matter",
    context: { mode: "build", phase: "enablement", agent: "conductor", assistant: "otter", task: { title: "Log in" } },
    problems: [],
  });
  expect((await berth.contextValidate({})).files).toMatchObject([{ file: FILE, valid: true }]);
});

test("[CTX-12] a change leaves every other byte as it is, and sets the time", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.write(home, { [FILE]: CENTRAL });
  await berth.contextSet({ key: "task.status", value: "In review" });
  await berth.contextSet({ key: "decisions", add: ["Short ones", "Tokens, not cookies"] });
  await berth.contextSet({ key: "blockers", add: ["The server"] });
  await berth.contextSet({ key: "uncommitted_changes" });
  const { context } = await berth.contextShow({});
  expect(context).toMatchObject({
    task: { status: "In review", issue_number: 142 },
    decisions: ["Tokens, not cookies", "Short ones"],
    blockers: ["The server"],
  });
  expect(context).not.toHaveProperty("uncommitted_changes");
  expect(Date.parse(String(context["last_updated"]))).toBeGreaterThan(Date.parse("2026-03-01T10:00:00Z"));
  const text = readFileSync(join(home, FILE), "utf8");
  for (const kept of ["# who and when\n", "status: in_progress # now\n", "created_files: [src/login.ts]\n"])
    expect(text).toContain(kept);
  const unchanged = await berth.contextSet({ key: "mode", value: "build" });
  expect(unchanged.changed).toEqual([]);
  expect(readFileSync(join(home, FILE), "utf8")).toBe(text);
});

test("[CTX-10] [CTX-12] what the schema does not take is refused with what it expects, and nothing is changed", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.write(home, { [FILE]: CENTRAL.replace("phase: training", "phase: elsewhere") });
  const before = readFileSync(join(home, FILE), "utf8");
  const error = await refusal(berth.contextSet({ key: "mode", value: "cook" }), "INVALID");
  expect(error.message).toContain("expected one of intake, discover");
  await refusal(berth.contextSet({ key: "decisions", value: "one" }), "INVALID");
  await refusal(berth.contextSet({ key: "mode.deep", value: 1 }), "INVALID");
  await refusal(berth.contextSet({ key: "operator" }), "INVALID");
  expect(readFileSync(join(home, FILE), "utf8")).toBe(before);
  // What was wrong before stands in nobody's way.
  expect(await berth.contextSet({ key: "mine.own", value: [1] })).toMatchObject({ changed: ["last_updated", "mine"] });
  expect(await berth.contextSet({ key: "agent", value: "ops", dryRun: true })).toMatchObject({ value: "ops" });
  expect((await berth.contextShow({})).context).toMatchObject({ agent: "lab", mine: { own: [1] } });
});

test("[CTX-12] of many changes at once, by processes that know nothing of each other, none is lost", async () => {
  const { box, home } = await team({ remote: false });
  box.write(home, { [FILE]: CENTRAL });
  const texts = Array.from({ length: 8 }, (_, n) => `decision ${n}`);
  await Promise.all(texts.map(async (text) => (await box.open(home)).contextSet({ key: "decisions", add: [text] })));
  const { context } = await (await box.open(home)).contextShow({});
  expect([...(context["decisions"] as string[])].toSorted()).toEqual(["Tokens, not cookies", ...texts].toSorted());
});

test("[CTX-09] [CTX-14] who goes on to another mode has its tools, unless somebody has chosen others", async () => {
  const { berth } = await team({ remote: false });
  await berth.contextInit({ title: "Log in" });
  await berth.contextSet({ key: "mode", value: "discover" });
  expect((await berth.contextShow({})).context["allowed_tools"]).toContain("WebFetch");
  await berth.contextSet({ key: "allowed_tools", value: ["Read"] });
  await berth.contextSet({ key: "mode", value: "build" });
  expect((await berth.contextShow({})).context["allowed_tools"]).toEqual(["Read"]);
});

test("[CTX-18] a context in fenced blocks is changed where it stands", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.write(home, { [FILE]: FENCED });
  await berth.contextSet({ key: "task.status", value: "In progress" });
  const text = readFileSync(join(home, FILE), "utf8");
  expect(text.replace(/last_updated:.*\n/, "")).toBe(FENCED.replace("Not started", "In progress"));
  await refusal(berth.contextSet({ key: "blockers", add: ["x"] }), "INVALID");
  box.write(home, { [FILE]: "mode=build\nphase=scope\n" });
  await refusal(berth.contextSet({ key: "mode", value: "scope" }), "INVALID");
});

test("[CTX-01] [INV-8] a damaged context is reported, and nothing is put in its place", async () => {
  const { box, home, berth } = await team({ remote: false });
  for (const damage of ["", CENTRAL.slice(0, 120), CENTRAL.replace("mode: build", "<<<<<<< a\nmode: build\n=======")]) {
    box.write(home, { [FILE]: "x" });
    writeFileSync(join(home, FILE), damage);
    await refusal(berth.contextSet({ key: "mode", value: "scope" }), "INVALID");
    await refusal(berth.contextShow({}), "INVALID");
    expect(readFileSync(join(home, FILE), "utf8")).toBe(damage);
  }
});

test("[CTX-05] todos are added with numbers, changed and listed, whatever their status is called", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.write(home, { [FILE]: CENTRAL });
  expect((await berth.todoAdd({ content: "Land it", priority: "low" })).todo).toEqual({
    id: "2",
    content: "Land it",
    status: "pending",
    priority: "low",
  });
  await berth.todoSet({ id: "1", status: "Done" });
  expect((await berth.todoList({ status: "completed" })).todos.map(({ id }) => id)).toEqual(["1"]);
  await refusal(berth.todoSet({ id: "9", status: "done" }), "NOT_FOUND");
  await refusal(berth.todoAdd({ content: "x", priority: "huge" }), "INVALID");
  await refusal(berth.todoList({ status: "huge" }), "USAGE");
});

test("[CTX-12] [CTX-18] a key of any name is changed in the block that has it", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.write(home, { [FILE]: FENCED.replace("branch: main\n", 'branch: main\nc++: 1\na(b: 2\n"mode.x": 4\n') });
  await berth.contextSet({ key: "c++", value: 3 });
  await berth.contextSet({ key: "a(b", value: null });
  await berth.contextSet({ key: '"mode.x"', value: 5 });
  expect(readFileSync(join(home, FILE), "utf8")).toContain('branch: main\nc++: 3\na(b: null\n"mode.x": 5\n');
});
