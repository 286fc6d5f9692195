import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Step } from "../../src/progress.ts";
import { lines } from "../support/sandbox.ts";
import { commit, refs, refusal, type Team, team, working } from "../support/session.ts";

/** A verification that writes down the tree, the place and the files it sees. */
function witness(at: string): string {
  return `{ git rev-parse HEAD^{tree}; git status --porcelain; pwd; ls -A; } >> '${at}'`;
}

test("[INV-4] verify runs on exactly the tree that lands, in a work tree of its own, without the workspace's other files", async () => {
  const at = await team({ files: { "README.md": "# Project\n", ".gitignore": "*.log\n" } });
  const seen = join(at.box.dir, "seen.txt");
  const berth = await settings(at, { verify: `${witness(seen)}; test ! -e local.log && test ! -e .session` });
  const { id, dir } = await working(berth, "Verified");
  commit(at.box, dir, `[${id}] feat: work`, { "work.txt": "work\n" });
  const other = at.box.clone("other");
  commit(at.box, other, "Somebody's", { "theirs.txt": "theirs\n" });
  at.box.git(other, "push", "--quiet");
  at.box.write(dir, { "local.log": "only here\n" });
  const done = await berth.land({ id });
  expect(done).toMatchObject({ landed: { base: "main" } });
  const [tree, where, ...files] = readFileSync(seen, "utf8").trim().split("\n");
  expect(tree).toBe(at.box.git(at.box.hub, "rev-parse", "main^{tree}"));
  expect(files).toEqual([".git", ".gitignore", "README.md", "theirs.txt", "work.txt"]);
  expect(where).not.toContain(".worktrees");
  expect(existsSync(where ?? "")).toBe(false);
  expect(at.box.git(at.home, "worktree", "list")).not.toContain("verify-");
});

test("[INV-4] a failing verify changes nothing on the hub, names its log, and keeps the session active", async () => {
  const at = await team();
  const berth = await settings(at, { verify: "echo first; echo tests failed >&2; exit 3" });
  const { id, dir } = await working(berth, "Failing");
  commit(at.box, dir, `[${id}] feat: work`, { "work.txt": "work\n" });
  const before = refs(at.box);
  for (const verb of [() => berth.land({ id }), () => berth.complete({ id, tick: ["all"] })]) {
    const error = await refusal(verb(), "VERIFY_FAILED");
    expect(error.facts).toMatchObject({ exitCode: 3, session: id });
    expect(error.hint).toContain(String(error.facts["log"]));
    expect(readFileSync(String(error.facts["log"]), "utf8")).toContain("tests failed");
  }
  expect(refs(at.box)).toBe(before);
  expect(at.box.git(dir, "status", "--porcelain")).toBe("");
  const needs = async (): Promise<string[]> => (await berth.status({})).needsYou.map(({ kind }) => kind);
  expect(await needs()).toEqual(["session.unverified"]);
  const mended = await settings(at, { verify: "true" });
  await mended.land({ id });
  expect(await needs()).toEqual([]);
});

test("[INV-4] a caller adds to the team's verification and cannot replace it; a tree that passed is not verified again", async () => {
  const at = await team();
  const seen = join(at.box.dir, "seen.txt");
  await settings(at, { verify: `echo team >> '${seen}'` });
  const steps: Step[] = [];
  const berth = await at.box.open(at.home, "agent one", { progress: (step) => void steps.push(step) });
  const { id, dir } = await working(berth, "Both");
  commit(at.box, dir, `[${id}] feat: work`, { "work.txt": "work\n" });
  await refusal(berth.land({ id, verify: `echo own >> '${seen}'; exit 1` }), "VERIFY_FAILED");
  await refusal(berth.land({ id, verify: "false" }), "VERIFY_FAILED");
  expect(readFileSync(seen, "utf8")).toBe("team\nown\n");
  steps.length = 0;
  await berth.land({ id, verify: "true" });
  expect(readFileSync(seen, "utf8")).toBe("team\nown\n");
  expect(steps.filter((s) => s.name === "verify.started").map((s) => s.detail)).toEqual(["true"]);
  commit(at.box, dir, `[${id}] feat: more`, { "work.txt": "more\n" });
  await berth.land({ id });
  expect(readFileSync(seen, "utf8")).toBe("team\nown\nteam\n");
});

test("[INV-4] the command is the main checkout's: a workspace that changes the settings lands under the old ones", async () => {
  const at = await team();
  const berth = await settings(at, { verify: "test ! -e bad.txt" });
  at.box.git(at.home, "add", ".berth");
  commit(at.box, at.home, "Settings");
  at.box.git(at.home, "push", "--quiet");
  const { id, dir } = await working(berth, "Sly");
  commit(at.box, dir, `[${id}] chore: weaken`, {
    ".berth/config.yaml": "landing: {verify: 'true'}\n",
    "bad.txt": "bad\n",
  });
  const inside = await at.box.open(dir);
  await refusal(inside.land({}), "VERIFY_FAILED");
});

test("[INV-4] attributes, renames and the caller's merge settings give the same tree wherever the landing runs", async () => {
  const files = {
    ".gitattributes": "CHANGES.md merge=union\n",
    "CHANGES.md": "# Changes\n",
    "old/a.txt": lines(8),
    "old/b.txt": lines(9),
    "other.txt": lines(10),
  };
  const trees: string[] = [];
  const others: string[] = [];
  for (const hostile of [false, true]) {
    const at = await team({ files });
    const { id, dir } = await working(at.berth, "Merge");
    commit(at.box, dir, `[${id}] feat: move`, { "CHANGES.md": "# Changes\n- mine\n" });
    at.box.git(dir, "mv", "old", "new");
    commit(at.box, dir, `[${id}] feat: move the folder`);
    const theirs = at.box.clone("theirs");
    commit(at.box, theirs, "Theirs", { "CHANGES.md": "# Changes\n- theirs\n", "old/c.txt": "new in old\n" });
    at.box.git(theirs, "push", "--quiet");
    if (hostile) disturb(at);
    const berth = hostile ? await at.box.open(dir) : at.berth;
    await berth.land({ id });
    trees.push(at.box.git(at.box.hub, "rev-parse", "main^{tree}"));
    others.push(await conflict(at, hostile));
  }
  expect(trees[0]).toBe(trees[1]);
  expect(others).toEqual(["MERGE_CONFLICT", "MERGE_CONFLICT"]);
});

/** Edits of one line on both sides: a conflict for everybody, whatever the user's own settings say. */
async function conflict(at: Team, hostile: boolean): Promise<string> {
  const { id, dir } = await working(at.berth, "Conflict");
  commit(at.box, dir, `[${id}] feat: edit`, { "other.txt": `mine\n${lines(9)}` });
  const third = at.box.clone("third");
  commit(at.box, third, "Edit", { "other.txt": `theirs\n${lines(9)}` });
  at.box.git(third, "push", "--quiet");
  return (await refusal((hostile ? await at.box.open(dir) : at.berth).land({ id }))).code;
}

/** Everything a user may have set up that changes what git's merges do. */
function disturb(at: Team): void {
  at.box.git(at.home, "switch", "--quiet", "-c", "elsewhere");
  commit(at.box, at.home, "Other attributes", { ".gitattributes": "CHANGES.md -merge\nother.txt merge=union\n" });
  at.box.write(at.box.dir, { attributes: "CHANGES.md -merge\nother.txt merge=union\n" });
  const hostile = {
    "merge.directoryRenames": "true",
    "merge.renames": "false",
    "merge.default": "union",
    "merge.conflictStyle": "merge",
    "merge.renormalize": "true",
    "diff.renames": "false",
    "core.attributesFile": join(at.box.dir, "attributes"),
  };
  for (const [key, value] of Object.entries(hostile)) at.box.git(at.home, "config", key, value);
}

async function settings(at: Team, landing: Readonly<Record<string, unknown>>): Promise<Team["berth"]> {
  at.box.write(at.home, { ".berth/config.yaml": `landing: ${JSON.stringify(landing)}\n` });
  return at.box.open(at.home, "agent one");
}
