import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { claimed, commit, type Team, team, working } from "../support/session.ts";
import { planned } from "../support/sandbox.ts";

/** Sessions that have work landed, so that completing them has nothing to refuse. */
async function landed(at: Team, title: string): Promise<{ id: string; dir: string }> {
  const made = await working(at.berth, title);
  commit(at.box, made.dir, `[${made.id}] feat: work`, { [`${made.id}.txt`]: "work\n" });
  return made;
}

const IGNORING = {
  "README.md": "# Project\n",
  ".gitignore": "*.log\n*.tmp\ncache/\n",
};

test("[INV-3] a completed session's workspace stays while it holds an ignored file of the agent's, and goes with the team's consent", async () => {
  const at = await team({ files: IGNORING, settings: { workspace: { disposable: ["*.tmp", "cache/"] } } });
  const first = await landed(at, "Keep the log");
  at.box.write(first.dir, { "run.log": "what was measured\n", "a.tmp": "x", "cache/deep/b": "x" });
  const kept = await at.berth.complete({ id: first.id, tick: ["all"] });
  expect(kept).toMatchObject({ workspaceRemoved: false, session: { state: "completed" } });
  expect(textOf(kept)).toContain(`${first.dir} stays: ignored files that Berth did not make: run.log`);
  expect(textOf(kept)).not.toContain("a.tmp");
  expect(readFileSync(join(first.dir, "run.log"), "utf8")).toBe("what was measured\n");
  rmSync(join(first.dir, "run.log"));
  expect(await at.berth.complete({ id: first.id })).toMatchObject({ workspaceRemoved: true, kept: [] });
  expect(existsSync(first.dir)).toBe(false);
});

test("[INV-3] [ASP-16] abandon and release keep a workspace with changes, untracked files or a merge under way, and say so", async () => {
  const at = await team();
  const one = await landed(at, "Changed");
  at.box.write(one.dir, { "src/a.txt": "changed\n" });
  const abandoned = await at.berth.abandon({ id: one.id, reason: "not needed" });
  expect(textOf(abandoned)).toContain(`${one.dir} stays: changes that are not committed: src/a.txt`);
  expect(readFileSync(join(one.dir, "src/a.txt"), "utf8")).toBe("changed\n");
  const two = await landed(at, "Untracked");
  at.box.write(two.dir, { "notes/new file.txt": "mine\n" });
  const released = await at.berth.release({ id: two.id, reason: "later" });
  expect(textOf(released)).toContain(`${two.dir} stays: files that git does not track: notes/new file.txt`);
  const three = await landed(at, "Merging");
  at.box.git(three.dir, "merge", "--quiet", "--no-commit", "--no-ff", "-s", "ours", other(at, three.dir));
  const merging = await at.berth.release({ id: three.id, reason: "later" });
  expect(textOf(merging)).toContain("an operation under way (MERGE_HEAD)");
  expect(existsSync(three.dir)).toBe(true);
});

test("[INV-3] a reference of the work tree alone keeps the workspace, as it would go with it", async () => {
  const at = await team();
  const { id, dir } = await landed(at, "Aside");
  at.box.git(
    dir,
    "update-ref",
    "refs/worktree/aside",
    commit(at.box, dir, `[${id}] feat: aside`, { "aside.txt": "a\n" }),
  );
  at.box.git(dir, "reset", "--quiet", "--hard", "HEAD~1");
  const kept = await at.berth.complete({ id, tick: ["all"] });
  expect(textOf(kept)).toContain(`${dir} stays: refs/worktree/aside, which is nowhere else`);
  at.box.git(dir, "update-ref", "-d", "refs/worktree/aside");
  expect(await at.berth.complete({ id })).toMatchObject({ workspaceRemoved: true });
});

test("[INV-3] edits that git was told not to look at keep the workspace", async () => {
  const at = await team();
  const { id, dir } = await landed(at, "Unseen");
  at.box.git(dir, "update-index", "--assume-unchanged", "src/a.txt");
  at.box.git(dir, "update-index", "--skip-worktree", "src/b.txt");
  at.box.write(dir, { "src/a.txt": "local\n", "src/b.txt": "local too\n" });
  const kept = await at.berth.complete({ id, tick: ["all"] });
  expect(textOf(kept)).toContain("src/a.txt, src/b.txt");
  expect(readFileSync(join(dir, "src/b.txt"), "utf8")).toBe("local too\n");
});

test("[INV-3] commits and files made between the landing and the removal stay, where they were", async () => {
  const at = await team();
  const late = (work: (dir: string) => void): Promise<Berth> =>
    at.box.open(at.home, "agent one", {
      progress: (step) => {
        if (step.name === "complete.published") work(join(at.home, ".worktrees", current));
      },
    });
  let current = (await landed(at, "Late commit")).id;
  const berth = await late((dir) => commit(at.box, dir, `[${current}] feat: late`, { "late.txt": "late\n" }));
  const first = await berth.complete({ id: current, tick: ["all"] });
  expect(textOf(first)).toContain("commits that are nowhere else");
  expect(at.box.git(at.home, "show", `session/${current}:late.txt`)).toBe("late");
  current = (await landed(at, "Late file")).id;
  const inside = await at.box.open(at.home, "agent one", {
    progress: (step) => {
      // After the check, before the folder goes: the moment in which a plain removal would lose it.
      if (step.name === "workspace.checked")
        at.box.write(join(at.home, ".worktrees", current), { "late.txt": "saved\n" });
    },
  });
  const second = await inside.complete({ id: current, tick: ["all"] });
  const dir = join(at.home, ".worktrees", current);
  expect(textOf(second)).toContain(`${dir} stays: files that git does not track: late.txt`);
  expect(readFileSync(join(dir, "late.txt"), "utf8")).toBe("saved\n");
  expect(at.box.git(dir, "status", "--porcelain")).toBe("?? late.txt");
});

test.runIf(process.platform === "linux")("[INV-3] a live process keeps its workspace and is named", async () => {
  const at = await team();
  const { id, dir } = await landed(at, "Live");
  mkdirSync(join(dir, "src"), { recursive: true });
  const child = spawn("cat", { cwd: join(dir, "src"), stdio: ["pipe", "pipe", "ignore"] });
  onTestFinished(() => void child.kill());
  child.stdin.write("up\n");
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const kept = await at.berth.complete({ id, tick: ["all"] });
  expect(textOf(kept)).toContain(`a process at work in it: cat (${child.pid})`);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.stdin.end();
  await ended;
  expect(await at.berth.complete({ id })).toMatchObject({ workspaceRemoved: true });
});

test("[INV-3] a clone stays while it has a stash, a branch or a tag that is nowhere else", async () => {
  const at = await team();
  const clone = async (title: string): Promise<{ id: string; dir: string }> => {
    const id = await planned(at.berth, title);
    return { id, dir: await claimed(at.berth, id, { workspace: "clone" }) };
  };
  const one = await clone("Stash");
  at.box.write(one.dir, { "src/a.txt": "stashed\n" });
  at.box.git(one.dir, "stash");
  expect(textOf(await at.berth.abandon({ id: one.id, reason: "no" }))).toContain("refs/stash, which is nowhere else");
  const two = await clone("Branch");
  at.box.git(two.dir, "switch", "--quiet", "-c", "side");
  commit(at.box, two.dir, "On the side", { "side.txt": "side\n" });
  at.box.git(two.dir, "tag", "found");
  at.box.git(two.dir, "switch", "--quiet", `session/${two.id}`);
  const kept = await at.berth.abandon({ id: two.id, reason: "no" });
  expect(textOf(kept)).toContain("refs/heads/side, which is nowhere else");
  expect(textOf(kept)).toContain("refs/tags/found, which is nowhere else");
  expect(at.box.git(two.dir, "show", "side:side.txt")).toBe("side");
  const three = await clone("Plain");
  expect(await at.berth.abandon({ id: three.id, reason: "no" })).toMatchObject({ workspaceRemoved: true });
  expect(existsSync(three.dir)).toBe(false);
});

test("[ASP-14] [INV-3] a removal that was killed after the move aside, or half-way through the files, is finished by a rerun", async () => {
  const at = await team();
  for (const kind of ["worktree", "clone"] as const) {
    for (const killed of ["moved", "half"] as const) {
      const id = await planned(at.berth, `Killed ${kind} ${killed}`);
      const dir = await claimed(at.berth, id, { workspace: kind });
      commit(at.box, dir, `[${id}] feat: work`, { [`${id}.txt`]: "work\n" });
      await at.berth.complete({ id, tick: ["all"], keepWorkspace: true });
      const aside = join(dir, "..", `.${id}.removing`);
      renameSync(dir, aside);
      if (killed === "half") {
        renameSync(aside, join(dir, "..", `.${id}.removed`));
        rmSync(join(dir, "..", `.${id}.removed`, "src"), { recursive: true });
        rmSync(join(dir, "..", `.${id}.removed`, ".git"), { recursive: true });
      }
      expect(await at.berth.complete({ id }), `${kind} ${killed}`).toMatchObject({ session: { state: "completed" } });
      const left = at.box.git(at.home, "worktree", "list", "--porcelain");
      expect([existsSync(dir), existsSync(aside), left.includes(id)], `${kind} ${killed}`).toEqual([
        false,
        false,
        false,
      ]);
      await at.berth.doctor({ fix: true });
      expect(existsSync(join(dir, "..", `.${id}.removed`)), `${kind} ${killed}`).toBe(false);
    }
  }
});

test("[INV-3] a repository inside the workspace keeps it: tracked by its commit alone, untracked, or made by setup", async () => {
  const at = await team({
    files: { ...IGNORING, ".gitignore": "deps/\n" },
    settings: { workspace: { setup: "git init -q deps/made" } },
  });
  const inner = (dir: string): void => {
    at.box.write(dir, { "p.txt": "precious\n" });
    at.box.git(dir, "init", "--quiet");
    commit(at.box, dir, "Inner");
  };
  const one = await landed(at, "Linked");
  inner(join(one.dir, "tools"));
  await expect(at.berth.complete({ id: one.id, tick: ["all"], commit: true })).rejects.toMatchObject({ code: "DIRTY" });
  commit(at.box, one.dir, `[${one.id}] feat: tools`);
  const kept = await at.berth.release({ id: one.id, reason: "later" });
  expect(textOf(kept)).toContain("a repository of its own: tools");
  expect(at.box.git(join(one.dir, "tools"), "show", "HEAD:p.txt")).toBe("precious");
  const two = await landed(at, "Made");
  inner(join(two.dir, "deps/made"));
  expect(textOf(await at.berth.complete({ id: two.id, tick: ["all"] }))).toContain("deps/made/");
  expect(existsSync(join(two.dir, "deps/made/p.txt"))).toBe(true);
});

test("[INV-3] what a clone's log alone remembers gets a name in the parent", async () => {
  const at = await team();
  const id = await planned(at.berth, "Discarded");
  const dir = await claimed(at.berth, id, { workspace: "clone" });
  const gone = commit(at.box, dir, `[${id}] feat: gone`, { "gone.txt": "gone\n" });
  at.box.git(dir, "reset", "--quiet", "--hard", "HEAD~1");
  const released = await at.berth.release({ id, reason: "later" });
  expect(released).toMatchObject({ workspaceRemoved: true });
  const ref = /refs\/berth\/kept\/\S+/.exec(textOf(released))?.[0] ?? "";
  expect(at.box.git(at.home, "for-each-ref", "--contains", gone, "--format=%(refname)")).toBe(ref);
  expect(at.box.git(at.home, "show", `${gone}:gone.txt`)).toBe("gone");
});

test("[INV-3] files in a submodule keep the workspace, ignored and unseen ones too", async () => {
  const at = await team();
  const lib = at.box.clone("lib");
  commit(at.box, lib, "Library", { ".gitignore": "*.log\n", "d.txt": "d\n" });
  const one = await working(at.berth, "With a library");
  const add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", lib, "lib sm"];
  at.box.git(one.dir, ...add);
  commit(at.box, one.dir, `[${one.id}] feat: library`);
  at.box.write(one.dir, { "lib sm/important.log": "notes\n" });
  expect(textOf(await at.berth.release({ id: one.id, reason: "r" }))).toContain(
    "files in the submodule lib sm: important.log",
  );
  expect(existsSync(join(one.dir, "lib sm/important.log"))).toBe(true);
});

test("[INV-3] a killed removal whose folder got a new file meanwhile comes back with that file", async () => {
  const at = await team();
  const { id, dir } = await landed(at, "Came back");
  await at.berth.complete({ id, tick: ["all"], keepWorkspace: true });
  renameSync(dir, join(dir, "..", `.${id}.removing`));
  writeFileSync(join(dir, "..", `.${id}.removing`, "new.txt"), "new\n");
  const again = await at.berth.complete({ id });
  expect(textOf(again)).toContain("files that git does not track: new.txt");
  expect(readFileSync(join(dir, "new.txt"), "utf8")).toBe("new\n");
});

/** A commit beside HEAD. */
function other(at: Team, dir: string): string {
  return at.box.git(dir, "commit-tree", "-p", "HEAD~1", "-m", "Other", "HEAD^{tree}");
}

function textOf(result: unknown): string {
  return (result as { kept: readonly string[] }).kept.join("\n");
}
