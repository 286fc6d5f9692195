import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planned, sandbox } from "../support/sandbox.ts";
import { claimed, commit, refs, refusal, type Team, team, working } from "../support/session.ts";

/** A repository without a remote, and a session with an edit of the first line of src/a.txt and a new file. */
async function local(): Promise<Team & { id: string; dir: string }> {
  const at = await team({ remote: false });
  at.box.git(at.home, "add", ".berth", ".gitignore");
  commit(at.box, at.home, "Set up Berth");
  const { id, dir } = await working(at.berth, "Local work");
  const text = readFileSync(join(dir, "src/a.txt"), "utf8").replace("line 1\n", "line one\n");
  commit(at.box, dir, `[${id}] feat: work`, { "src/a.txt": text, "src/new.txt": "new\n" });
  return { ...at, id, dir };
}

test("[INV-3] without a remote, a checked-out base branch comes along and keeps a dirty index and unrelated edits", async () => {
  const { box, home, berth, id } = await local();
  box.write(home, { "src/b.txt": "my edit\n", "README.md": "staged\n", "untracked.txt": "mine\n" });
  box.git(home, "add", "README.md");
  await berth.complete({ id, tick: ["all"] });
  expect(box.git(home, "status", "--porcelain")).toBe("M  README.md\n M src/b.txt\n?? untracked.txt");
  expect(readFileSync(join(home, "src/new.txt"), "utf8")).toBe("new\n");
  expect(readFileSync(join(home, "src/a.txt"), "utf8")).toMatch(/^line one\n/);
  // The user's next commit holds his own change, and takes nothing of the landing back.
  box.git(home, "commit", "--quiet", "-m", "Mine");
  expect(box.git(home, "show", "--format=", "--name-only", "HEAD")).toBe("README.md");
});

test("[INV-3] edits in the way of a landing refuse it, staged, unstaged or untracked, with nothing changed", async () => {
  const { box, home, berth, id, dir } = await local();
  const edits: readonly (readonly [string, () => void])[] = [
    ["src/a.txt", () => box.write(home, { "src/a.txt": "mine\n" })],
    ["src/a.txt", () => box.git(home, "add", "src/a.txt")],
    ["src/new.txt", () => box.write(home, { "src/new.txt": "untracked\n" })],
  ];
  for (const [path, edit] of edits) {
    if (path === "src/new.txt") box.git(home, "reset", "--quiet", "--hard");
    edit();
    const before = [refs(box), box.git(home, "status", "--porcelain"), readFileSync(join(home, path), "utf8")];
    const error = await refusal(berth.complete({ id, tick: ["all"] }), "CHECKOUT_OVERLAP");
    expect(error.facts).toMatchObject({ checkout: home, paths: [path] });
    expect([refs(box), box.git(home, "status", "--porcelain"), readFileSync(join(home, path), "utf8")]).toEqual(before);
  }
  expect(existsSync(dir)).toBe(true);
  box.git(home, "clean", "--quiet", "--force", "src");
  expect(await berth.complete({ id, tick: ["all"] })).toMatchObject({ session: { state: "completed" } });
});

test("[INV-3] a base branch checked out in a second work tree made by hand comes along there; a detached main checkout stays", async () => {
  const { box, home, berth, id } = await local();
  box.git(home, "switch", "--quiet", "--detach");
  const second = join(box.dir, "second");
  box.git(home, "worktree", "add", "--quiet", second, "main");
  box.write(second, { "src/b.txt": "edited there\n" });
  const at = box.git(home, "rev-parse", "HEAD");
  await berth.complete({ id, tick: ["all"] });
  expect(box.git(second, "status", "--porcelain")).toBe(" M src/b.txt");
  expect(existsSync(join(second, "src/new.txt"))).toBe(true);
  expect([box.git(home, "rev-parse", "HEAD"), existsSync(join(home, "src/new.txt"))]).toEqual([at, false]);
  expect(box.git(home, "status", "--porcelain")).toBe("");
});

test("a repository without a commit is set up, and a claim says what it lacks", async () => {
  const box = sandbox({ remote: false });
  const home = join(box.dir, "unborn");
  box.git(box.dir, "init", "--quiet", "-b", "main", home);
  const berth = await box.open(home, "agent one");
  const made = await berth.init({});
  expect(made.next[0]).toContain("The base branch main has no commit");
  const id = await planned(berth, "Too early");
  const error = await refusal(berth.claim({ id }), "NO_BASE");
  expect(error.hint).not.toContain("origin");
  expect(await berth.list({})).toMatchObject({ sessions: [{ id, state: "planned" }] });
  box.git(home, "add", ".berth", ".gitignore");
  commit(box, home, "Start");
  expect(existsSync(await claimed(berth, id))).toBe(true);
});

test("a bare repository without a remote is worked in through workspaces alone", async () => {
  const box = sandbox();
  box.git(box.hub, "remote", "remove", "origin");
  box.git(box.hub, "branch", "--quiet", "-m", "main", "master");
  const berth = await box.open(box.hub, "agent one");
  const made = await berth.init({});
  expect(made.config.base).toBe("master");
  const again = await box.open(box.hub, "agent one");
  const { id, dir } = await working(again, "In a bare repository");
  commit(box, dir, `[${id}] feat: work`, { "work.txt": "work\n" });
  expect(await again.complete({ id, tick: ["all"] })).toMatchObject({ workspaceRemoved: true });
  expect(box.git(box.hub, "show", "master:work.txt")).toBe("work");
  expect(box.git(box.hub, "rev-parse", "--is-bare-repository")).toBe("true");
});
