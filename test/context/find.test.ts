import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CENTRAL, FENCED } from "../support/contexts.ts";
import { commit, refusal, team, working } from "../support/session.ts";

const FILE = "docs/session-context/ACTIVE_SESSION.md";
const ticket = (name: string, file = "ACTIVE_SESSION.md"): string => `tickets/${name}/${file}`;

test("[CTX-20] contexts of a checkout are searched by text, with their archives and those of old", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.write(home, {
    [FILE]: CENTRAL,
    "docs/session-context/ACTIVE_SESSION.archive.md": "- decisions: Cookies were too large\n",
    "docs/session-context/_legacy/2024.md": "We once had cookies.\n",
    [ticket("training_1")]: CENTRAL.replace("Tokens, not cookies", "No COOKIES here"),
    [ticket("training_2")]: "---\nmode: [build\n---\nCookies in what is damaged\n",
    "tickets/Other/ACTIVE_SESSION.md": "cookies in no ticket\n",
  });
  const { matches } = await berth.contextSearch({ text: "cookies" });
  expect(matches.map(({ file, line }) => `${file}:${line}`)).toEqual([
    `${FILE}:26`,
    "docs/session-context/ACTIVE_SESSION.archive.md:1",
    `${ticket("training_1")}:26`,
    `${ticket("training_2")}:4`,
    "docs/session-context/_legacy/2024.md:1",
  ]);
  expect(matches[0]?.text).toBe("- Tokens, not cookies");
  await refusal(berth.contextSearch({}), "USAGE");
  // Nothing is read through a link.
  symlinkSync(join(home, FILE), join(home, "docs/session-context/_legacy/link.md"));
  expect((await berth.contextSearch({ text: "cookies" })).matches).toHaveLength(5);
});

test("[CTX-20] fields are asked for by key path, in any item of a list, and statuses however they are written", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.write(home, {
    [FILE]: FENCED,
    [ticket("training_1")]: CENTRAL,
    [ticket("training_2")]: CENTRAL.replace("status: active", "status: Blocked").replace("agent: lab", "agent: ops"),
    [ticket("training_3")]: "",
  });
  const files = async (...where: string[]): Promise<string[]> =>
    (await berth.contextSearch({ where })).matches.map(({ file, line }) => `${file.split("/").at(-2)}:${line}`);
  expect(await files("status=in progress")).toEqual(["training_1:8"]);
  expect(await files("status=active", "agent=LAB")).toEqual(["training_1:8", "training_1:11"]);
  expect(await files("task.status=InProgress")).toEqual(["training_1:17", "training_2:17"]);
  expect(await files("todos.status=todo")).toEqual(["session-context:27"]);
  expect(await files("todos.0.id=1", "agent=ops")).toEqual(["training_2:20", "training_2:11"]);
  expect(await files("next_steps=land it", "status=blocked")).toHaveLength(2);
  expect(await files("uncommitted_changes=false", "status=open")).toEqual([]);
  const both = await berth.contextSearch({ text: "write", where: ["agent=ops"] });
  expect(both.matches.map(({ file, line }) => `${file}:${line}`)).toEqual([`${ticket("training_2")}:21`]);
  expect(both.problems).toMatchObject([{ file: ticket("training_3") }]);
  await refusal(berth.contextSearch({ where: ["status"] }), "USAGE");
});

test("[CTX-20] [TKT-08] all branches are searched without a checkout", async () => {
  const { box, home, berth } = await team({ remote: false });
  commit(box, home, "Contexts", { [FILE]: CENTRAL, [ticket("training_1")]: CENTRAL });
  box.git(home, "switch", "--quiet", "-c", "phase/training_2");
  commit(box, home, "Ticket", {
    [ticket("training_2")]: CENTRAL.replace("Tokens, not cookies", "Ask them"),
    [ticket("training_2", "ACTIVE_SESSION.archive.md")]: "- decisions: Tokens long ago\n",
  });
  box.git(home, "switch", "--quiet", "main");
  const { matches } = await berth.contextSearch({ text: "tokens", all: true });
  expect(matches.map(({ file, line }) => `${file}:${line}`).toSorted()).toEqual(
    [
      `main:${FILE}:14`,
      `main:${FILE}:26`,
      `main:${FILE}:34`,
      `main:${ticket("training_1")}:14`,
      `main:${ticket("training_1")}:26`,
      `main:${ticket("training_1")}:34`,
      `phase/training_2:${ticket("training_2", "ACTIVE_SESSION.archive.md")}:1`,
      `phase/training_2:${ticket("training_2")}:14`,
      `phase/training_2:${ticket("training_2")}:34`,
    ].toSorted(),
  );
  expect((await berth.contextSearch({ where: ["decisions=ask them"], all: true })).matches).toHaveLength(1);
});

test("[CTX-19] the audit trail says who changed what and when, over damage and moves", async () => {
  const { box, home, berth } = await team({ remote: false });
  expect(await berth.contextHistory({})).toEqual({ path: FILE, entries: [] });
  commit(box, home, "Begin", { "old/CONTEXT.md": CENTRAL });
  box.git(home, "mv", "old/CONTEXT.md", "context.md");
  box.write(home, { "docs/session-context/x": "" });
  box.git(home, "mv", "context.md", FILE);
  box.git(home, "commit", "--quiet", "-m", "Move");
  const more = CENTRAL.replace("mode: build", "mode: evaluate").replace("in_progress # now", "completed");
  commit(box, home, "Evaluate", { [FILE]: more });
  commit(box, home, "Break", { [FILE]: more.slice(0, 100) });
  const last = `${more.replace("  - Tokens, not cookies", "  - Tokens, not cookies\n  - Short ones")}More.\n`;
  commit(box, home, "Mend", { [FILE]: last });
  await berth.contextSet({ key: "agent", value: "ops" });
  const { entries } = await berth.contextHistory({});
  expect(entries.map(({ subject, problem }) => [subject, problem === null])).toEqual([
    [null, true],
    ["Mend", true],
    ["Break", false],
    ["Evaluate", true],
    ["Move", true],
    ["Begin", true],
  ]);
  expect(entries[0]?.changes).toContainEqual({ key: "agent", before: "lab", after: "ops" });
  expect(entries[1]).toMatchObject({
    body: true,
    changes: [{ key: "decisions", before: ["Tokens, not cookies"], after: ["Tokens, not cookies", "Short ones"] }],
  });
  expect(entries[3]).toMatchObject({
    author: { name: box.git(home, "log", "-1", "--format=%an") },
    changes: [
      { key: "mode", before: "build", after: "evaluate" },
      { key: "todos.1.status", before: "in_progress", after: "completed" },
    ],
  });
  expect(entries[5]?.path).toBe("old/CONTEXT.md");
  expect((await berth.contextHistory({ limit: 2 })).entries.map(({ subject }) => subject)).toEqual([null, "Mend"]);
});

test("[CTX-19] [CTX-20] in a workspace it is the session's context that is followed and found", async () => {
  const { box, berth } = await team({ remote: false });
  const { dir } = await working(berth, "Log in");
  commit(box, dir, "Context", { ".session/ACTIVE_SESSION.md": CENTRAL });
  const there = await box.open(dir);
  expect((await there.contextHistory({ limit: 1 })).path).toBe(".session/ACTIVE_SESSION.md");
  const { matches } = await (await box.open(join(dir, "src"))).contextSearch({ text: "tokens, not" });
  expect(matches.map(({ file }) => file)).toEqual(["../.session/ACTIVE_SESSION.md"]);
  const all = await berth.contextSearch({ text: "tokens, not", all: true });
  expect(all.matches[0]?.file).toMatch(/^session\/.*:\.session\/ACTIVE_SESSION\.md$/);
});

test("[CTX-20] [TKT-03] fields and texts of ticket.yml are found, and what a migration archived", async () => {
  const { box, home, berth } = await team({ remote: false });
  const record =
    "ticket: training_9\nissue_id: 9\ntitle: Nine\nphase: training\nteam: X\nclient: Zed\nstatus: InProgress\n";
  box.write(home, { "docs/ACTIVE_SESSIONS.md": `# Board\n\nINTROWORD\n\n## [#4] Four\n\n${CENTRAL}` });
  commit(box, home, "Begin", {
    "tickets/training_9/ACTIVE_SESSION.md": CENTRAL.replace("agent: lab", "agent: ops"),
    "tickets/training_9/ticket.yml": `${record}exit_criteria:\n  - Accuracy is 0.9\n`,
    // A ticket may have lost its context.
    "tickets/training_8/ticket.yml": record.replaceAll("9", "8").replace("team: X", "team: Y"),
  });
  for (const all of [false, true]) {
    const found = async (where: string[], text?: string): Promise<string[]> =>
      (await berth.contextSearch({ text, where, all })).matches.map(
        ({ file, line }) => `${file.replace(/^.*:/, "").split("/").slice(-2).join("/")}:${line}`,
      );
    expect(await found(["team=X"])).toEqual(["training_9/ticket.yml:5"]);
    expect(await found(["client=zed"])).toHaveLength(2);
    // One document need not say it all.
    expect(await found(["team=X", "agent=ops"])).toEqual([
      "training_9/ACTIVE_SESSION.md:11",
      "training_9/ticket.yml:5",
    ]);
    expect(await found(["team=X", "agent=lab"])).toEqual([]);
    expect(await found([], "accuracy")).toEqual(["training_9/ticket.yml:9"]);
  }
  await berth.migrate({ to: "tickets", from: ["docs"] });
  for (const all of [false, true]) {
    const { matches } = await berth.contextSearch({ text: "introword", all });
    expect(matches.some(({ file }) => file.includes("/_legacy/"))).toBe(true);
  }
});
