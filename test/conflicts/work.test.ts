import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lines } from "../support/sandbox.ts";
import { commit, refusal, working } from "../support/session.ts";
import { pairsIn, scene } from "./scene.ts";

const edited = (line: number, who: string): string => lines(20).replace(`line ${line}\n`, `line of ${who}\n`);

/** All that a look could change in a workspace. */
function stateOf(dir: string): string {
  const git = (...args: string[]): string =>
    execFileSync("git", ["--no-optional-locks", ...args], { cwd: dir, encoding: "utf8" });
  const index = git("rev-parse", "--path-format=absolute", "--git-path", "index").trim();
  const objects = git("count-objects", "-v");
  return [git("status", "--porcelain=v2"), statSync(index).mtimeMs, readFileSync(index, "hex"), objects].join("\n");
}

test("[CFL-01] staged, unstaged and untracked work counts, ignored files do not, and nothing of a workspace changes", async () => {
  const { box, one, alpha, beta } = await scene();
  box.write(alpha.dir, {
    "src/a.txt": edited(3, "alpha"),
    "new.txt": "alpha\n",
    ".gitignore": "cache/\n",
    "cache/x": "1",
  });
  box.git(alpha.dir, "add", "src/a.txt");
  box.write(beta.dir, { "new.txt": "beta\n", "cache/x": "2" });
  commit(box, beta.dir, `[${beta.id}] feat: a`, { "src/a.txt": edited(3, "beta"), ".gitignore": "cache/\n" });
  const before = [stateOf(alpha.dir), stateOf(beta.dir)];
  const found = await one.conflicts({});
  expect(pairsIn(found)).toEqual({ "alpha beta": ["new.txt", "src/a.txt"] });
  expect(found.sessions).toMatchObject([
    { id: alpha.id, agent: "agent one", seen: "workspace", uncommitted: 3 },
    { id: beta.id, agent: "agent two", seen: "workspace", uncommitted: 0 },
  ]);
  expect([stateOf(alpha.dir), stateOf(beta.dir)]).toEqual(before);
});

test("[CFL-01] a merge under way counts as it stands, and is told", async () => {
  const { box, home, one, alpha, beta } = await scene();
  commit(box, alpha.dir, `[${alpha.id}] feat: a`, { "src/a.txt": edited(3, "alpha") });
  box.write(home, { "src/a.txt": edited(3, "main"), "src/b.txt": edited(7, "main") });
  box.git(home, "commit", "--quiet", "-am", "Main moves");
  expect(() => box.git(alpha.dir, "merge", "--quiet", "main")).toThrow();
  box.write(beta.dir, { "src/b.txt": edited(7, "beta") });
  const found = await one.conflicts({});
  expect(found.sessions[0]?.notes.join()).toContain("a merge is under way");
  // What came from the base branch is no change of the session's own.
  expect(pairsIn(found)).toEqual({ "alpha beta": ["src/b.txt"], "beta main": ["src/b.txt"] });
});

test("[CFL-02] only what changed is merged again, in one process for all pairs", async () => {
  const { box, home, one, alpha, beta } = await scene();
  const gamma = await working(one, "Gamma");
  // Work that is the same is compared once.
  for (const { id, dir } of [alpha, beta, gamma]) box.write(dir, { [`${id}.txt`]: id });
  const first = await one.conflicts({});
  expect(first.compared).toEqual({ pairs: 6, merged: 6 });
  expect((await one.conflicts({})).compared.merged).toBe(0);
  box.write(gamma.dir, { "src/b.txt": edited(2, "gamma") });
  expect((await one.conflicts({})).compared.merged).toBe(3);
  expect((await one.conflicts({})).compared.merged).toBe(0);
  // The same work, committed: its code is the same, and so is what it goes back to.
  commit(box, gamma.dir, `[${gamma.id}] feat: b`);
  expect((await one.conflicts({})).compared.merged).toBe(0);
  box.write(alpha.dir, { "src/a.txt": edited(2, "alpha") });
  box.write(beta.dir, { "src/a.txt": edited(2, "beta") });
  expect((await one.conflicts({})).compared.merged).toBe(5);
  // A git in front of git that writes down what it is asked.
  const bin = join(box.dir, "bin");
  const log = join(box.dir, "git.log");
  const real = execFileSync("which", ["git"], { encoding: "utf8" }).trim();
  box.write(bin, { git: `#!/bin/sh\necho "$*" >> '${log}'\nexec '${real}' "$@"\n` });
  chmodSync(join(bin, "git"), 0o755);
  rmSync(join(home, ".git", "berth", "conflicts"), { recursive: true });
  const counted = await box.open(home, "agent one", { env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}` } });
  expect((await counted.conflicts({})).compared.merged).toBe(6);
  expect(readFileSync(log, "utf8").match(/merge-tree --stdin/g)).toHaveLength(1);
});

test("[CFL-02] what is remembered may be damaged or gone", async () => {
  const { box, home, one, alpha, beta } = await scene();
  const memory = join(home, ".git", "berth", "conflicts");
  box.write(alpha.dir, { "src/a.txt": edited(3, "alpha") });
  box.write(beta.dir, { "src/a.txt": edited(3, "beta") });
  const expected = { "alpha beta": ["src/a.txt"] };
  expect(pairsIn(await one.conflicts({}))).toEqual(expected);
  writeFileSync(join(memory, "pairs"), readFileSync(join(memory, "pairs"), "utf8").replace("src/a.txt", "src/x.txt"));
  expect(pairsIn(await one.conflicts({}))).toEqual(expected);
  // Trees whose objects are gone, with what remembers them still there.
  for (const name of execFileSync("find", [memory, "-type", "d", "-name", "objects"], { encoding: "utf8" }).split("\n"))
    if (name !== "") rmSync(name, { recursive: true });
  rmSync(join(memory, "pairs"));
  expect(pairsIn(await one.conflicts({}))).toEqual(expected);
  // Remembered anew.
  expect(pairsIn(await one.conflicts({}))).toEqual(expected);
  for (const file of execFileSync("find", [memory, "-type", "f"], { encoding: "utf8" }).split("\n"))
    if (file !== "") {
      chmodSync(file, 0o644);
      writeFileSync(file, "damaged");
    }
  expect(pairsIn(await one.conflicts({}))).toEqual(expected);
  rmSync(memory, { recursive: true, force: true });
  const atOnce = await Promise.all([1, 2, 3].map(() => one.conflicts({})));
  for (const found of atOnce) expect(pairsIn(found)).toEqual(expected);
  expect(execFileSync("ls", [join(home, ".git", "berth", "tmp")], { encoding: "utf8" })).toBe("");
});

test("[CFL-05] of a session on another machine only what it pushed is compared, and that is said", async () => {
  const { box, one, alpha } = await scene({ remote: true });
  const far = await box.open(box.clone("far"), "agent far");
  const away = await working(far, "Zeta");
  box.write(alpha.dir, { "src/a.txt": edited(3, "alpha") });
  commit(box, away.dir, `[${away.id}] feat: a`, { "src/a.txt": edited(3, "zeta") });
  box.write(away.dir, { "src/b.txt": edited(3, "zeta") });
  await one.list({ fetch: true });
  const before = await one.conflicts({});
  expect(before.sessions.at(-1)).toMatchObject({ id: away.id, seen: "nowhere" });
  expect(pairsIn(before)).toEqual({});
  box.git(away.dir, "push", "--quiet", "origin", `HEAD:session/${away.id}`);
  const after = await one.conflicts({ fetch: true });
  expect(after.sessions.at(-1)).toMatchObject({ id: away.id, seen: "pushed", uncommitted: 0 });
  expect(after.sessions.at(-1)?.notes).toEqual(["only what was pushed is known here"]);
  expect(pairsIn(after)).toEqual({ "alpha zeta": ["src/a.txt"] });
});

test("[CFL-01] clones as workspaces are read where their objects are", async () => {
  const { box, one, two, alpha } = await scene({ remote: true });
  const drafted = await two.draft({ title: "Omega", context: "Needed.", criteria: ["It works"] });
  if (!("session" in drafted)) throw new Error("a dry run was not asked for");
  const { id } = drafted.session;
  await two.ready({ id });
  const claim = await two.claim({ id, workspace: "clone" });
  const dir = "workspace" in claim ? (claim.workspace?.path ?? "") : "";
  commit(box, dir, `[${id}] feat: a`, { "src/a.txt": edited(3, "omega") });
  box.write(dir, { "new.txt": "omega\n" });
  box.write(alpha.dir, { "src/a.txt": edited(3, "alpha"), "new.txt": "alpha\n" });
  expect(pairsIn(await one.conflicts({}))).toEqual({ "alpha omega": ["new.txt", "src/a.txt"] });
});

test("[CFL-01] a session whose files cannot be read goes in with its branch, and one that is not active is refused", async () => {
  const { box, one, alpha, beta } = await scene();
  await refusal(one.conflicts({ ids: ["2026-01-01-nobody"] }), "NOT_FOUND");
  box.write(alpha.dir, { "src/a.txt": edited(3, "alpha") });
  box.write(beta.dir, { "src/a.txt": edited(3, "beta") });
  box.git(alpha.dir, "config", "filter.broken.clean", "false");
  box.git(alpha.dir, "config", "filter.broken.required", "true");
  box.write(alpha.dir, { ".gitattributes": "*.txt filter=broken\n" });
  const found = await one.conflicts({});
  expect(found.sessions[0]).toMatchObject({ id: alpha.id, seen: "branch" });
  expect(found.sessions[0]?.notes[0]).toContain("could not be read");
  expect(pairsIn(found)).toEqual({});
});
