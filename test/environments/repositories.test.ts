import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sandbox } from "../support/sandbox.ts";
import { commit, refs, refusal, team, working } from "../support/session.ts";

const NAMES = [
  "with space.txt",
  "ünïcødé/日本.txt",
  `quote"'.txt`,
  "-dash.txt",
  "new\nline.txt",
  "back\\slash.txt",
  "tab\t.txt",
];

test("[ASP-27] [INV-3] spaces, other scripts, quotes, dashes and line ends in paths and names go through a whole life", async () => {
  const start = Object.fromEntries(NAMES.map((name) => [name, "start\n"]));
  for (const remote of [true, false]) {
    const at = await team({ name: `bérth "it's" a`, files: { "README.md": "# P\n", ...start }, remote });
    const { id, dir } = await working(at.berth, "Odd names");
    commit(at.box, dir, `[${id}] feat: edit`, Object.fromEntries(NAMES.map((name) => [name, "edited\n"])));
    await at.berth.land({ id });
    for (const name of NAMES) expect(at.box.git(at.box.hub, "cat-file", "blob", `main:${name}`), name).toBe("edited");
    if (!remote) for (const name of NAMES) expect(readFileSync(join(at.home, name), "utf8"), name).toBe("edited\n");
    at.box.write(dir, { "left\nover.txt": "mine\n" });
    const given = await at.berth.release({ id, reason: "later" });
    expect(given).toMatchObject({ workspaceRemoved: false });
    const ref = ("kept" in given ? given.kept : []).find((k) => k.startsWith("refs/berth/checkpoints/")) ?? "";
    expect(at.box.git(at.home, "cat-file", "blob", `${ref}:left\nover.txt`)).toBe("mine");
  }
});

test("a repository with a submodule lands changes of it, and a workspace with commits that only its submodule has stays", async () => {
  const box = sandbox();
  const library = sandbox();
  const home = box.clone("home");
  box.git(home, "submodule", "--quiet", "add", library.hub, "lib");
  commit(box, home, "Add the library");
  box.git(home, "push", "--quiet");
  const first = await box.open(home, "agent one");
  await first.init({ landing: { verify: "test -f README.md" } });
  const berth = await box.open(home, "agent one");
  const { id, dir } = await working(berth, "Library");
  box.git(dir, "submodule", "--quiet", "update", "--init");
  const made = commit(box, join(dir, "lib"), "Change the library", { "src/a.txt": "changed\n" });
  commit(box, dir, `[${id}] feat: take the library's change`);
  const done = await berth.complete({ id, tick: ["all"] });
  expect(box.git(box.hub, "rev-parse", "main:lib")).toBe(made);
  // The library's hub does not have the commit: with the workspace it would be gone.
  expect(done).toMatchObject({ workspaceRemoved: false });
  expect(JSON.stringify(done)).toContain("commits of the submodule lib that are nowhere else");
  box.git(join(dir, "lib"), "push", "--quiet", "origin", "HEAD:refs/heads/changed");
  expect(await berth.complete({ id })).toMatchObject({ kept: [], workspaceRemoved: true });
  expect(existsSync(dir)).toBe(false);
});

test("a shallow clone works as the user's repository, and what it lacks is said or fetched", async () => {
  const box = sandbox();
  const other = box.clone("other");
  for (const n of [1, 2, 3]) commit(box, other, `Commit ${n}`, { [`${n}.txt`]: `${n}\n` });
  box.git(other, "push", "--quiet");
  const home = join(box.dir, "shallow");
  box.git(box.dir, "clone", "--quiet", "--depth=1", `file://${box.hub}`, home);
  await (await box.open(home, "agent one")).init({});
  const berth = await box.open(home, "agent one");
  const { id, dir } = await working(berth, "Shallow");
  commit(box, dir, `[${id}] feat: work`, { "work.txt": "work\n" });
  commit(box, other, "Meanwhile", { "4.txt": "4\n" });
  box.git(other, "push", "--quiet");
  await berth.land({ id });
  commit(box, dir, `[${id}] feat: more`, { "work.txt": "more\n" });
  expect(await berth.complete({ id, tick: ["all"] })).toMatchObject({ workspaceRemoved: true });
  expect(box.git(box.hub, "show", "main:work.txt")).toBe("more");
  expect(box.git(box.hub, "log", "--format=%s", "main").split("\n")).toHaveLength(7);
  expect(box.git(box.hub, "fsck", "--connectivity-only")).toBe("");
});

test("a SHA-256 repository goes through a whole life", async () => {
  const box = sandbox();
  const home = join(box.dir, "sha256");
  const hub = join(box.dir, "sha256.git");
  box.git(box.dir, "init", "--quiet", "-b", "main", "--object-format=sha256", home);
  commit(box, home, "Start", { "README.md": "# P\n" });
  box.git(box.dir, "clone", "--quiet", "--bare", home, hub);
  box.git(home, "remote", "add", "origin", hub);
  await (await box.open(home, "agent one")).init({});
  const berth = await box.open(home, "agent one");
  const { id, dir } = await working(berth, "Long names");
  commit(box, dir, `[${id}] feat: work`, { "work.txt": "work\n" });
  await berth.land({ id });
  commit(box, dir, `[${id}] feat: more`, { "work.txt": "more\n" });
  expect(await berth.complete({ id, tick: ["all"] })).toMatchObject({ workspaceRemoved: true });
  expect(box.git(hub, "rev-parse", "main")).toHaveLength(64);
  expect(box.git(hub, "show", "main:work.txt")).toBe("more");
});

test("a hub whose base branch has no commit refuses a claim with what to do, and nothing has changed", async () => {
  const box = sandbox();
  const hub = join(box.dir, "empty.git");
  box.git(box.dir, "init", "--quiet", "--bare", "-b", "main", hub);
  const home = join(box.dir, "home");
  box.git(box.dir, "clone", "--quiet", hub, home);
  const berth = await box.open(home, "agent one");
  await berth.init({});
  const drafted = await berth.draft({ title: "Early", context: "Now.", criteria: ["It works"] });
  const id = "session" in drafted ? drafted.session.id : "";
  await berth.ready({ id });
  const before = refs({ ...box, hub });
  expect((await refusal(berth.claim({ id }), "NO_BASE")).hint).toContain("push");
  expect(refs({ ...box, hub })).toBe(before);
  expect(existsSync(join(home, ".worktrees"))).toBe(false);
});
