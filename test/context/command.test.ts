import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Run, runBerth } from "../cli/run-berth.ts";
import { CENTRAL } from "../support/contexts.ts";
import { commit, team } from "../support/session.ts";

const FILE = "docs/session-context/ACTIVE_SESSION.md";

test("[CTX-15] [CTX-19] [CTX-20] [CTX-21] [TKT-08] what finds things in contexts speaks to people and to programs", async () => {
  const { box, home } = await team({ remote: false });
  const berth = (...args: readonly string[]): Promise<Run> =>
    runBerth(args, { cwd: home, env: { BERTH_HOME: join(box.dir, "machine") } });
  const json = async (...args: readonly string[]): Promise<unknown> =>
    JSON.parse((await berth(...args, "--json")).stdout);
  commit(box, home, "Begin", { [FILE]: CENTRAL, "tickets/training_1/ACTIVE_SESSION.md": CENTRAL });
  commit(box, home, "Go on", {
    [FILE]: CENTRAL.replace("  - Tokens, not cookies", '  - Tokens, not cookies\n  - "\\e[31mRed"'),
  });

  const list = await berth("ticket", "list", "--todo", "test");
  expect(list.stdout).toMatch(/TICKET.*\ntraining_1 +active +build +lab +now +1 of 1 +main +Log in with tokens/);
  expect(await json("ticket", "list")).toMatchObject({
    schemaVersion: 1,
    tickets: [{ ticket: "training_1", branches: ["main"] }],
  });
  rmSync(join(home, ".git", "berth", "cache"), { recursive: true });
  const three = await Promise.all([1, 2, 3].map(() => berth("ticket", "list")));
  expect(new Set(three.map(({ stdout }) => stdout))).toEqual(new Set([(await berth("ticket", "list")).stdout]));
  expect((await berth("ticket", "list", "--status", "done")).stdout).toBe("No such tickets.\n");

  expect((await berth("context", "search", "NOT cookies")).stdout).toContain(`${FILE}:26: - Tokens, not cookies\n`);
  expect(await json("context", "search", "--where", "agent=lab")).toMatchObject({
    matches: [{ file: FILE, line: 11 }, {}],
    problems: [],
  });
  expect((await berth("context", "search")).code).toBe(2);

  const history = await berth("context", "history", "--limit", "1");
  expect(history.stdout).toMatch(/^[0-9a-f]{10} .*Go on\n {2}decisions: \+ Red\n$/);
  expect(await json("context", "history")).toMatchObject({
    path: FILE,
    entries: [{ subject: "Go on" }, { subject: "Begin" }],
  });

  expect((await berth("context", "handoff")).stdout).toContain("# Handoff: Log in with tokens\n");
  expect(await json("context", "handoff")).toMatchObject({ markdown: expect.any(String) as string, mode: "build" });

  expect((await berth("context", "archive", "--keep", "1")).stdout).toBe(
    "Moved to docs/session-context/ACTIVE_SESSION.archive.md: 1 of decisions.\n",
  );
  expect(await json("context", "archive")).toMatchObject({ path: FILE, moved: {} });

  expect((await berth("context", "repair")).stdout).toBe(`${FILE} is whole.\n`);
  writeFileSync(join(home, FILE), "");
  expect((await berth("context", "repair", "--dry-run")).stdout).toContain("Nothing was done.");
  const repaired = await berth("context", "repair");
  expect(repaired.stdout).toContain(`Brought ${FILE} back.`);
  expect(repaired.stdout).toMatch(/kept +git show refs\/berth\/kept\/context\/[0-9a-f]{64}\n/);
  writeFileSync(
    join(home, FILE),
    CENTRAL.replace("mode: build\n", "<<<<<<< a\nmode: build\n=======\nmode: scope\n>>>>>>> b\n"),
  );
  const merged = await berth("context", "repair");
  expect(merged.code).toBe(4);
  expect(merged.stdout).toContain('mode: "build" stands, the other side has "scope"');
});

test("[CTX-12] a refused value that was read as JSON says how it is text, and one that looks like an option is quoted", async () => {
  const { box, home } = await team({ remote: false });
  commit(box, home, "Begin", { [FILE]: CENTRAL });
  const berth = (...args: readonly string[]): Promise<Run> =>
    runBerth(["context", "set", ...args], { cwd: home, env: { BERTH_HOME: join(box.dir, "machine") } });
  for (const args of [
    ["decisions", "--add", "42"],
    ["decisions", "--add", "null"],
    ["task.title", "123"],
  ]) {
    const refused = await berth(...args);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain(`${args.at(-1)} was read as JSON; if it is meant as text, add --text.`);
    expect((await berth(...args, "--text")).code).toBe(0);
  }
  expect((await berth("mode", "cook")).stderr).not.toContain("--text");
  expect((await berth("decisions", "--add", "- x: y")).stderr).toContain("Write --add='- x: y' if");
});
