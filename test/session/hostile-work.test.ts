import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { planned, program, type Sandbox, sandbox } from "../support/sandbox.ts";

interface Started {
  readonly box: Sandbox;
  readonly clone: string;
  readonly berth: Berth;
  readonly id: string;
  readonly workspace: string;
  readonly commit: (subject: string) => void;
}

async function started(remote = true): Promise<Started> {
  const box = sandbox({ remote });
  const clone = remote ? box.clone("one") : box.hub;
  const berth = await box.open(clone, "agent");
  await berth.init({});
  const id = await planned(berth, "Work");
  await berth.claim({ id });
  const workspace = (await berth.path({ id })).path;
  const commit = (subject: string): void => {
    box.git(workspace, "add", "--all", "--force");
    box.git(workspace, "commit", "--quiet", "--no-verify", "-m", `[${id}] ${subject}`);
  };
  return { box, clone, berth, id, workspace, commit };
}

test("[INV-3] an ignored file of the user's is never overwritten, by a landing or by a sync", async () => {
  const { box, clone, berth, id, workspace, commit } = await started(false);
  writeFileSync(join(clone, ".git/info/exclude"), ".env\ndev.log\n", { flag: "a" });
  box.write(clone, { ".env": "the only copy\n" });
  box.write(workspace, { ".env": "from the session\n" });
  commit("feat: bring settings");
  await expect(berth.land({ id })).rejects.toMatchObject({ code: "CHECKOUT_OVERLAP" });
  expect(readFileSync(join(clone, ".env"), "utf8")).toBe("the only copy\n");
  unlinkSync(join(clone, ".env"));
  expect(await berth.land({ id })).toMatchObject({ landed: { base: "main" } });

  box.write(workspace, { "dev.log": "my log\n" });
  box.write(clone, { "dev.log": "everybody's\n" });
  box.git(clone, "add", "--force", "dev.log");
  box.git(clone, "commit", "--quiet", "-m", "Track a log");
  await expect(berth.sync({ id })).rejects.toMatchObject({ code: "CHECKOUT_OVERLAP" });
  expect(readFileSync(join(workspace, "dev.log"), "utf8")).toBe("my log\n");
});

test("[ASP-15] completing in the midst of a conflict commits no conflict markers", async () => {
  const { box, berth, clone, id, workspace, commit } = await started();
  box.write(workspace, { "src/a.txt": "mine\n" });
  commit("feat: mine");
  box.write(clone, { "src/a.txt": "theirs\n" });
  box.git(clone, "commit", "--quiet", "-a", "-m", "theirs");
  box.git(clone, "push", "--quiet");
  await expect(berth.sync({ id })).rejects.toMatchObject({ code: "MERGE_CONFLICT" });
  await expect(berth.complete({ id, commit: true })).rejects.toMatchObject({ code: "MERGE_CONFLICT" });
  expect(box.git(box.hub, "show", "main:src/a.txt")).toBe("theirs");
});

test("[ASP-12] a merge commit is judged as any other", async () => {
  const { box, berth, id, workspace, commit } = await started();
  box.write(workspace, { "src/new.txt": "new\n" });
  commit("feat: new");
  const tree = box.git(workspace, "rev-parse", "HEAD^{tree}");
  const merge = box.git(workspace, "commit-tree", tree, "-p", "HEAD", "-p", "HEAD~1", "-m", "no prefix");
  box.git(workspace, "reset", "--quiet", "--hard", merge);
  await expect(berth.land({ id })).rejects.toMatchObject({
    code: "GATE_REFUSED",
    facts: { problems: [{ gate: "commit" }] },
  });
});

test("[ASP-09] a plan that is a link, or executable, does not land, and no file outside is touched", async () => {
  const { box, berth, id, workspace, commit } = await started();
  const victim = join(box.dir, "victim");
  writeFileSync(victim, "mine\n");
  chmodSync(victim, 0o600);
  const plan = join(workspace, ".session/SESSION.md");
  unlinkSync(plan);
  symlinkSync(victim, plan);
  commit("feat: link");
  await expect(berth.land({ id })).rejects.toMatchObject({
    code: "GATE_REFUSED",
    facts: { problems: [{ gate: "frozen-plan" }] },
  });
  await berth.release({ id, reason: "enough" });
  await berth.claim({ id });
  expect(statSync(victim).mode & 0o777).toBe(0o600);
});

test("[ASP-21] a link in the place of the knowledge folder does not land, and learnings are not written through one", async () => {
  const { box, berth, id, workspace, commit } = await started();
  box.write(box.dir, { "outside/keep": "" });
  box.write(workspace, { "_AGENTS/keep": "" });
  symlinkSync(join(box.dir, "outside"), join(workspace, "_AGENTS/knowledge"));
  commit("feat: link");
  await expect(berth.learn({ text: "secret", session: id })).rejects.toMatchObject({ code: "INVALID" });
  expect(existsSync(join(box.dir, "outside/sessions"))).toBe(false);
  await expect(berth.land({ id })).rejects.toMatchObject({
    code: "GATE_REFUSED",
    facts: { problems: [{ gate: "knowledge" }] },
  });
});

test("[ASP-12] a replacement of a bad commit does not fool the gates", async () => {
  const { box, berth, id, workspace } = await started();
  box.write(workspace, { "src/new.txt": "new\n" });
  box.git(workspace, "add", "--all");
  box.git(workspace, "commit", "--quiet", "--no-verify", "-m", "no prefix");
  const bad = box.git(workspace, "rev-parse", "HEAD");
  const good = box.git(workspace, "commit-tree", "HEAD^{tree}", "-p", "HEAD~1", "-m", `[${id}] feat: new`);
  box.git(workspace, "replace", bad, good);
  await expect(berth.land({ id })).rejects.toMatchObject({ code: "GATE_REFUSED" });
});

test("[INV-3] a submodule's commits that are nowhere else keep the workspace; others do not", async () => {
  const { box, clone, berth } = await started();
  const library = join(box.dir, "library");
  box.git(box.dir, "init", "--quiet", library);
  box.git(library, "commit", "--quiet", "--allow-empty", "-m", "one");
  box.git(clone, "submodule", "--quiet", "add", library, "sub");
  box.git(clone, "commit", "--quiet", "-m", "Add a submodule");
  box.git(clone, "push", "--quiet");
  for (const precious of [false, true]) {
    const id = await planned(berth, precious ? "Precious" : "Plain");
    await berth.claim({ id });
    const { path } = await berth.path({ id });
    box.git(path, "submodule", "--quiet", "update", "--init");
    if (precious) {
      box.git(join(path, "sub"), "commit", "--quiet", "--allow-empty", "-m", "two");
      box.git(path, "commit", "--quiet", "-a", "--no-verify", "-m", `[${id}] feat: move the submodule`);
    }
    const done = await berth.complete({ id });
    expect(done).toMatchObject({ workspaceRemoved: !precious });
    expect(existsSync(path)).toBe(precious);
    if (precious) expect(JSON.stringify(done)).toContain("commits of the submodule sub that are nowhere else");
  }
});

test("[ASP-13] what the caller is piped into does not keep the workspace", async () => {
  const { workspace } = await started();
  const said = execFileSync("sh", ["-c", `${program.map((w) => `'${w}'`).join(" ")} complete --json | cat | cat`], {
    cwd: workspace,
    encoding: "utf8",
    timeout: 60_000,
  });
  expect(JSON.parse(said)).toMatchObject({ workspaceRemoved: true });
});

test("a claim without a workspace is repeatable, and gets one when it is asked for", async () => {
  const box = sandbox();
  const berth = await box.open(box.clone("one"), "agent");
  await berth.init({});
  const id = await planned(berth, "Light");
  expect(await berth.claim({ id, noWorkspace: true })).toMatchObject({ workspace: null, claim: { epoch: 1 } });
  expect(await berth.claim({ id, noWorkspace: true })).toMatchObject({ workspace: null, claim: { epoch: 1 } });
  expect(await berth.claim({ id })).toMatchObject({ workspace: { kind: "worktree" }, claim: { epoch: 1 } });
  expect(await berth.complete({ id })).toMatchObject({ workspaceRemoved: true });
});
