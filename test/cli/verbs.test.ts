import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { planned, program, type Sandbox, sandbox } from "../support/sandbox.ts";
import { type Run, runBerth, type RunOptions, runShell } from "./run-berth.ts";

/** A clone that is set up, and the program in it. */
async function setUp(): Promise<{
  box: Sandbox;
  clone: string;
  berth: (args: readonly string[], more?: RunOptions) => Promise<Run>;
}> {
  const box = sandbox();
  const clone = box.clone("one");
  const berth = (args: readonly string[], more: RunOptions = {}): Promise<Run> =>
    runBerth(args, { cwd: clone, ...more, env: { BERTH_HOME: join(box.dir, "machine"), ...more.env } });
  expect((await berth(["init", "--yes"])).code).toBe(0);
  return { box, clone, berth };
}

/** The one document on standard output. */
function documentOf(run: Run): Record<string, unknown> & { error?: Record<string, unknown> } {
  expect(run.stdout.trimEnd().split("\n")).toHaveLength(1);
  expect(run.stdout).toMatch(/^\{"schemaVersion":1,/);
  return JSON.parse(run.stdout) as Record<string, unknown>;
}

test("every verb of a session's life answers --json with one document of the contract's fields", async () => {
  const { box, berth } = await setUp();
  const json = async (args: readonly string[], more?: RunOptions): Promise<Record<string, unknown>> => {
    const run = await berth([...args, "--json"], more);
    expect({ args, code: run.code, stderr: run.stderr }).toEqual({ args, code: 0, stderr: "" });
    return documentOf(run);
  };
  const id = "2026-11-21-limit-logins";
  const drafted = await json([
    "draft",
    "Limit logins",
    "--id",
    id,
    "--context",
    "c",
    "--criterion",
    "k",
    "--path",
    "src/*",
  ]);
  expect(drafted).toMatchObject({ session: { id, state: "drafting", paths: ["src/*"], priority: "next" } });
  expect(await json(["ready", id])).toMatchObject({ session: { state: "planned" } });
  expect(await json(["list", "--state", "planned"])).toMatchObject({
    sessions: [{ id }],
    ledger: { commit: expect.any(String) },
  });
  const claimed = (await json(["claim", id, "--agent", "codex-1"])) as { workspace: { path: string } };
  expect(claimed).toMatchObject({
    session: { state: "active" },
    claim: { epoch: 1, holder: "codex-1", commit: expect.stringMatching(/^[0-9a-f]{40}$/) },
    workspace: { branch: `session/${id}`, kind: "worktree" },
    warnings: [],
  });
  const cwd = claimed.workspace.path;
  expect(await json(["path"], { cwd })).toEqual({ schemaVersion: 1, path: cwd });
  expect(await json(["env"], { cwd })).toMatchObject({ text: expect.stringContaining("GIT_AUTHOR_NAME='codex-1'") });
  expect(await json(["log", "Chose tokens"], { cwd })).toMatchObject({ entry: { session: id, text: "Chose tokens" } });
  expect(await json(["plan", "-"], { cwd, input: "Next\n\nsteps\n" })).toMatchObject({
    entry: { text: "Next\n\nsteps" },
  });
  expect(await json(["subsession", "Show what is left"], { cwd })).toMatchObject({ session: { parent: id } });
  box.write(cwd, { "src/a.txt": "new\n" });
  box.git(cwd, "commit", "-qam", `[${id}] feat: new`);
  expect(await json(["sync"], { cwd })).toMatchObject({ merged: { changed: false } });
  expect(await json(["land"], { cwd })).toMatchObject({ landed: { base: "main" }, session: { state: "active" } });
  expect(await json(["show"], { cwd })).toMatchObject({ session: { id }, claim: { epoch: 1 } });
  expect(await json(["drift", id], { cwd })).toMatchObject({ session: id, markdown: expect.any(String) });
  expect(await json(["learn", "TZ matters"], { cwd })).toMatchObject({ entry: { session: id } });
  const done = await json(["complete", "--tick", "all"], { cwd });
  expect(done).toMatchObject({
    session: { state: "completed" },
    landed: { base: "main" },
    kbSession: expect.stringMatching(/^kb-/),
    workspaceRemoved: true,
  });
  expect(await json(["trace", "src/a.txt"])).toMatchObject({
    entries: expect.arrayContaining([expect.objectContaining({ session: id, agent: "codex-1" })]),
  });
  expect(await json(["recover"])).toEqual({ schemaVersion: 1, sessions: [] });
  expect(await json(["doctor"])).toMatchObject({
    checks: expect.arrayContaining([expect.objectContaining({ ok: true })]),
  });
  expect(await json(["config", "base"])).toMatchObject({ key: "base", value: "main" });
});

test("a lost claim ends with 4, and says who won and since when", async () => {
  const { box, clone, berth } = await setUp();
  const id = await planned(await box.open(clone), "Limit logins");
  expect((await berth(["claim", id, "--agent", "winner"])).code).toBe(0);
  const lost = await berth(["claim", id, "--agent", "loser"]);
  expect(lost).toMatchObject({ code: 4, stdout: "" });
  expect(lost.stderr).toMatch(
    /held by winner, epoch 1, since \d{4}-\d\d-\d\dT[\d:]+Z \(.*\)\n {2}next: .*berth claim --next/,
  );
  const { error } = documentOf(await berth(["claim", id, "--agent", "loser", "--json"]));
  expect(error).toMatchObject({ code: "CLAIM_LOST", winner: { agent: "winner", epoch: 1, at: expect.any(String) } });
});

test("text goes to people: what happened, where, and what to type next", async () => {
  const { box, clone, berth } = await setUp();
  const drafted = await berth([
    "draft",
    "Limit logins",
    "--id",
    "2026-11-21-limit",
    "--context",
    "c",
    "--criterion",
    "k",
  ]);
  expect(drafted.stdout).toContain("Drafted 2026-11-21-limit: Limit logins\nnext:\n  berth edit 2026-11-21-limit ");
  await berth(["ready", "2026-11-21-limit"]);
  const workspace = join(clone, ".worktrees/2026-11-21-limit");
  const claimed = await berth(["claim", "--next"]);
  expect(claimed.stdout).toContain("Claimed 2026-11-21-limit as Test Author: Limit logins\n");
  expect(claimed.stdout).toContain(`  cd ${workspace} `);
  expect(claimed.stdout).toContain("  source .session/.session-env ");
  box.write(workspace, { "src/a.txt": "new\n" });
  const dirty = await berth(["complete"], { cwd: workspace });
  expect(dirty).toMatchObject({ code: 7, stdout: "" });
  expect(dirty.stderr).toMatch(/\n {2}next: .*--commit/);
  const completed = await berth(["complete", "--commit", "--tick", "all"], { cwd: workspace });
  expect(completed.stdout).toMatch(/^Completed 2026-11-21-limit: Limit logins\n {2}landed {5}[0-9a-f]{10} on main\n/);
  expect(completed.stdout).toContain(`  cd ${clone} `);
  const gone = await berth(["list", "--all"]);
  expect(gone.stdout).toMatch(
    /^STATE +ID +AGENT +AGE +TITLE\ncompleted +2026-11-21-limit +Test Author +\S+ \S+( ago)? +Limit logins\n$/,
  );
  expect(gone.stderr).toMatch(/^ledger [0-9a-f]{10}, fetched .*\n$/);
});

test("--quiet leaves the one value that a script wants", async () => {
  const { clone, berth } = await setUp();
  const quiet = async (args: readonly string[], more?: RunOptions): Promise<string> => {
    const run = await berth([...args, "--quiet"], more);
    expect({ args, code: run.code, stderr: run.stderr }).toEqual({ args, code: 0, stderr: "" });
    return run.stdout;
  };
  const id = (await quiet(["draft", "Limit logins", "--context", "c", "--criterion", "k"])).trimEnd();
  expect(id).toMatch(/^\d{4}-\d\d-\d\d-limit-logins$/);
  expect(await quiet(["ready", id])).toBe(`${id}\n`);
  expect(await quiet(["list"])).toBe(`${id}\n`);
  const workspace = await quiet(["claim", id]);
  expect(workspace).toBe(`${join(clone, ".worktrees", id)}\n`);
  expect(await quiet(["log", "An entry"], { cwd: workspace.trimEnd() })).toBe("");
  expect(await quiet(["complete", "--keep-workspace"], { cwd: workspace.trimEnd() })).toMatch(/^([0-9a-f]{40})?\n?$/);
  expect(await quiet(["list"])).toBe("");
});

describe("--dry-run shows what would be done, and does nothing", () => {
  test("on every verb that writes", async () => {
    const { box, clone, berth } = await setUp();
    const opened = await box.open(clone);
    const [id, other] = [await planned(opened, "Limit logins"), await planned(opened, "Other work")];
    const draft = await opened.draft({ title: "A draft", context: "c", criteria: ["k"] });
    const workspace = (await berth(["claim", id, "--quiet"])).stdout.trimEnd();
    box.write(workspace, { "src/a.txt": "new\n" });
    box.git(workspace, "commit", "-qam", `[${id}] feat: new`);
    const state = (): string =>
      [
        box.git(box.hub, "for-each-ref", "--format=%(refname) %(objectname)"),
        box.git(clone, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/berth"),
        box.git(clone, "worktree", "list"),
        box.git(workspace, "status", "--porcelain"),
        readFileSync(join(clone, ".berth/config.yaml"), "utf8"),
      ].join("\n");
    const before = state();
    const draftId = "session" in draft ? draft.session.id : "";
    const calls: readonly (readonly string[])[] = [
      ["init"],
      ["draft", "New"],
      ["edit", draftId, "--file", "-"],
      ["ready", draftId],
      ["claim", other],
      ["claim", "--next"],
      ["release", id, "--reason", "r"],
      ["abandon", id, "--reason", "r"],
      ["abandon", other, "--reason", "r"],
      ["log", "x", "--session", id],
      ["plan", "x", "--session", id],
      ["learn", "x", "--session", id],
      ["subsession", "x", "--session", id],
      ["sync", id],
      ["land", id],
      ["complete", id],
      ["recover", id, "--take-over", "--force"],
      ["config", "base", "trunk"],
    ];
    const plan = box.git(clone, "show", `origin/berth/ledger:drafting/${draftId}/SESSION.md`);
    for (const call of calls) {
      const input = { input: plan };
      const run = await berth([...call, "--dry-run", "--json"], input);
      expect({ call, code: run.code, error: documentOf(run).error }).toEqual({ call, code: 0, error: undefined });
      expect(documentOf(run), call.join(" ")).toHaveProperty("plan");
      expect((await berth([...call, "--dry-run"], input)).stdout, call.join(" ")).toMatch(
        /^Nothing was done. This would be:\n {2}\S/,
      );
    }
    expect(state()).toBe(before);
  });
});

test("edit takes its text from a file, from standard input, and from an editor's hands only on a terminal", async () => {
  const { box, clone, berth } = await setUp();
  const opened = await box.open(clone);
  const drafted = await opened.draft({ title: "Old title" });
  const id = "session" in drafted ? drafted.session.id : "";
  const { text } = (await opened.edit({ id })) as { text: string };
  const file = join(mkdtempSync(join(box.dir, "edit-")), "plan.md");
  writeFileSync(file, text.replaceAll("Old title", "From a file"));
  expect((await berth(["edit", id, "--file", file])).stdout).toContain("From a file");
  expect((await berth(["edit", id], { input: text.replaceAll("Old title", "From input") })).stdout).toContain(
    "From input",
  );
  expect(
    (await berth(["edit", id, "--file", "-"], { input: text.replaceAll("Old title", "By dash") })).stdout,
  ).toContain("By dash");
  const empty = await berth(["edit", id]);
  expect(empty).toMatchObject({ code: 2, stdout: "" });
  expect(empty.stderr).toContain("nothing was changed");
  const latin = join(box.dir, "latin1.md");
  writeFileSync(latin, Buffer.from([0x63, 0x61, 0x66, 0xe9]));
  expect((await berth(["edit", id, "--file", latin])).stderr).toContain("is not UTF-8 text");
  expect(await berth(["edit", id, "--file", "no/such/file"])).toMatchObject({ code: 3 });
  expect((await berth(["show", id, "--json"])).stdout).toContain('"title":"By dash"');
});

test("what an agent wrote is shown without its escape sequences, and told as data unchanged", async () => {
  const { berth } = await setUp();
  const title = "\u001b[31mred\u001b[0m \u202eevil\u0007";
  const { code, stderr } = await berth([
    "draft",
    "Fine",
    "--agent",
    "ok",
    "--context",
    `c ${title}`,
    "--criterion",
    title,
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const id = (await berth(["list", "--quiet"])).stdout.trimEnd();
  const shown = await berth(["show", id]);
  expect(shown.stdout).toContain("red");
  expect(shown.stdout).not.toMatch(/[^\P{Cc}\n\t]|\p{Cf}/u);
  const json = await berth(["show", id, "--json"]);
  expect(json.stdout.trimEnd()).not.toMatch(/\p{Cc}|\p{Cf}/u);
  expect(JSON.stringify(JSON.parse(json.stdout))).toContain("\u202e");
});

test("standing in a folder that was removed is told plainly", async () => {
  const { box, berth } = await setUp();
  const gone = mkdtempSync(join(box.dir, "gone-"));
  const said = await runShell('rmdir "$PWD"; exec "$@"', [...program, "list"], { cwd: gone });
  expect(said).toMatchObject({ code: 3, stdout: "" });
  expect(said.stderr).toContain("The folder you stand in does not exist any more.");
  expect((await berth(["doctor"])).code).toBe(0);
});
