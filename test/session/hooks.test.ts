import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lines, planned, type Sandbox } from "../support/sandbox.ts";
import { claimed, commit, refusal, team } from "../support/session.ts";

function tryCommit(
  dir: string,
  message: string,
  env: Record<string, string> = {},
): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync("git", ["commit", "-m", message], {
    cwd: dir,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return { status, said: stdout + stderr };
}

function hook(dir: string, name: string, mark: string): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, name), `#!/bin/sh\necho "${mark} $*" >> "${dir}/ran"\n[ -t 0 ] || cat >> "${dir}/ran"\n`);
  chmodSync(join(dir, name), 0o755);
}

function ran(box: Sandbox, dir: string): string {
  return existsSync(join(dir, "ran")) ? box.git(dir, "hash-object", "--no-filters", "ran") && readAll(dir) : "";
}

function readAll(dir: string): string {
  return spawnSync("cat", [join(dir, "ran")], { encoding: "utf8" }).stdout;
}

for (const kind of ["worktree", "clone"] as const) {
  test(`[ASP-12] a commit in a ${kind} needs the session's form and its agent as author`, async () => {
    const { box, home, berth } = await team();
    const id = await planned(berth, "Hooks");
    const dir = await claimed(berth, id, { workspace: kind });
    box.write(dir, { "src/c.txt": "c\n" });
    box.git(dir, "add", "--all");
    for (const message of ["feat: c", `[${id}] c`, "[2025-01-01-other] feat: c", `[${id}] feat:`]) {
      const refused = tryCommit(dir, message);
      expect(refused.status, message).not.toBe(0);
      expect(refused.said).toContain(`[${id}] type: description`);
    }
    const stranger = tryCommit(dir, `[${id}] feat: c`, { GIT_AUTHOR_NAME: "Mallory", GIT_AUTHOR_EMAIL: "m@x.test" });
    expect(stranger.status).not.toBe(0);
    expect(stranger.said).toContain("Mallory <m@x.test> never held this session");
    expect(box.git(dir, "log", "-1", "--format=%s")).toBe(`[${id}] chore: open the workspace`);
    expect(tryCommit(dir, `[${id}] feat(api)!: c`)).toMatchObject({ status: 0 });
    expect(box.git(dir, "log", "-1", "--format=%an <%ae>")).toBe("agent one <author@berth.test>");
    // The main checkout is nobody's workspace.
    box.write(home, { "src/e.txt": "e\n" });
    box.git(home, "add", "src/e.txt");
    expect(tryCommit(home, "whatever I like").status).toBe(0);
  });
}

test("[ASP-12] past the hooks, the landing refuses what they would have refused, naming each commit", async () => {
  const { box, berth } = await team();
  const id = await planned(berth, "No verify");
  const dir = await claimed(berth, id);
  const bad = commit(box, dir, "no form at all", { "src/c.txt": "c\n" });
  box.git(dir, "-c", "user.name=Mallory", "commit", "--quiet", "--no-verify", "--allow-empty", "-m", `[${id}] feat: x`);
  const error = await refusal(berth.land({ id }), "GATE_REFUSED");
  expect(error.message).toContain(bad.slice(0, 10));
  expect(error.message).toContain("Mallory <author@berth.test>, who never held this session");
  expect(error.facts["problems"]).toHaveLength(2);
});

for (const kind of ["worktree", "clone"] as const) {
  test(`[ASP-12] a team's hooks in .git/hooks run beside ours in a ${kind}, with their arguments and input`, async () => {
    const { box, home, berth } = await team();
    const hooks = join(home, ".git", "hooks");
    for (const name of ["pre-commit", "commit-msg", "post-commit", "pre-push"]) hook(hooks, name, name);
    const id = await planned(berth, "Team hooks");
    const dir = await claimed(berth, id, { workspace: kind });
    expect(ran(box, hooks)).toBe("");
    box.write(dir, { "src/c.txt": "c\n" });
    box.git(dir, "add", "--all");
    expect(tryCommit(dir, `[${id}] feat: c`)).toMatchObject({ status: 0 });
    expect(ran(box, hooks)).toMatch(/^pre-commit \ncommit-msg .*COMMIT_EDITMSG\npost-commit \n$/);
    box.git(dir, "push", "--quiet", "origin", `session/${id}`);
    expect(ran(box, hooks)).toMatch(new RegExp(`pre-push origin .*\\nrefs/heads/session/${id} [0-9a-f]+ refs/heads/`));
    writeFileSync(join(hooks, "pre-commit"), "#!/bin/sh\necho 'our linter says no' >&2\nexit 1\n");
    box.write(dir, { "src/c.txt": "cc\n" });
    box.git(dir, "add", "--all");
    const refused = tryCommit(dir, `[${id}] feat: cc`);
    expect(refused.status).not.toBe(0);
    expect(refused.said).toContain("our linter says no");
  });

  test(`[ASP-12] hooks that core.hooksPath names (as husky does) run in a ${kind}, and stay as they were when it goes`, async () => {
    const { box, home, berth } = await team({
      files: { "README.md": "x\n", ".husky/commit-msg": "#!/bin/sh\ntouch ran-husky\n" },
    });
    box.git(home, "config", "core.hooksPath", ".husky");
    chmodSync(join(home, ".husky/commit-msg"), 0o755);
    box.git(home, "commit", "--quiet", "-a", "-m", "Make it executable");
    box.git(home, "push", "--quiet", "origin", "main");
    const id = await planned(berth, "Husky");
    const dir = await claimed(berth, id, { workspace: kind });
    box.write(dir, { "src/c.txt": "c\n" });
    box.git(dir, "add", "src/c.txt");
    expect(tryCommit(dir, "no form").status).not.toBe(0);
    expect(tryCommit(dir, `[${id}] feat: c`)).toMatchObject({ status: 0 });
    expect(existsSync(join(dir, "ran-husky"))).toBe(true);
    box.git(dir, "clean", "--quiet", "-f");
    expect(await berth.complete({ id })).toMatchObject({ workspaceRemoved: true });
    expect(box.git(home, "config", "--get-all", "core.hooksPath")).toBe(".husky");
    expect(existsSync(join(home, ".git/worktrees", id))).toBe(false);
  });
}

test("[ASP-12] [ASP-09] a workspace pushes its own branch alone: base and ledger are refused", async () => {
  const { box, berth } = await team();
  const id = await planned(berth, "Push");
  const dir = await claimed(berth, id);
  for (const target of ["main", "berth/ledger"]) {
    const { status, stderr } = spawnSync("git", ["push", "origin", `+HEAD:${target}`], { cwd: dir, encoding: "utf8" });
    expect(status).not.toBe(0);
    expect(stderr).toContain(target);
    expect(stderr).toMatch(/berth land|verbs/);
  }
  box.git(dir, "push", "--quiet", "origin", `session/${id}`);
});

test("[ASP-12] [ASP-17] a sync that conflicts is committed by git with the hooks on, knowledge from the base included", async () => {
  const { box, home, berth } = await team();
  const id = await planned(berth, "Sync");
  const dir = await claimed(berth, id);
  commit(box, dir, `[${id}] feat: a`, { "src/a.txt": lines(20).replace("line 3", "mine") });
  box.write(home, { "src/a.txt": lines(20).replace("line 3", "theirs"), "_AGENTS/knowledge/auth.md": "Known.\n" });
  box.git(home, "add", "src", "_AGENTS/knowledge");
  box.git(home, "commit", "--quiet", "-m", "By hand");
  box.git(home, "push", "--quiet", "origin", "main");
  await refusal(berth.sync({ id }), "MERGE_CONFLICT");
  box.write(dir, { "src/a.txt": lines(20).replace("line 3", "both") });
  box.git(dir, "add", "src/a.txt");
  const { status, stderr } = spawnSync("git", ["commit", "--no-edit"], { cwd: dir, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(await berth.complete({ id })).toMatchObject({ session: { state: "completed" } });
});
