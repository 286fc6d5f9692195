import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseFrontMatter } from "../../src/document/front-matter.ts";
import { CENTRAL } from "../support/contexts.ts";
import { planned } from "../support/sandbox.ts";
import { claimed, commit, ledgerFile, refusal, team, working } from "../support/session.ts";

const FILE = ".session/ACTIVE_SESSION.md";

function contextIn(dir: string): Record<string, unknown> {
  return parseFrontMatter(readFileSync(join(dir, FILE), "utf8"), FILE).data;
}

for (const kind of ["worktree", "clone"] as const)
  test(`[CTX-01] [CTX-06] [CTX-08] [CTX-14] the context of a session fills itself from claim to completion, in a ${kind}`, async () => {
    const { box, home, berth } = await team({ settings: { workspace: { kind } } });
    const id = await planned(berth, "Log in with tokens", { priority: "now" });
    const dir = await claimed(berth, id);
    expect(contextIn(dir)).toMatchObject({
      session_id: id,
      operator: "Test Author",
      assistant: "agent one",
      status: "active",
      mode: "build",
      task: { title: "Log in with tokens", priority: "now", status: "in_progress" },
      branch: `session/${id}`,
    });
    const opened = box.git(dir, "rev-parse", "HEAD");
    box.write(dir, { "src/c.txt": "new\n", "src/a.txt": "other\n" });
    box.git(dir, "add", "--all");
    box.git(dir, "commit", "--quiet", "-m", `[${id}] feat: c`);
    expect(box.git(dir, "status", "--porcelain")).toBe("");
    expect(contextIn(dir)).toMatchObject({
      created_files: ["src/c.txt"],
      modified_files: ["src/a.txt"],
      current_branch: `session/${id}`,
      uncommitted_changes: false,
      last_commit: opened,
      repository: expect.stringMatching(/hub/) as string,
    });
    const there = await box.open(dir, "agent one");
    await there.contextSet({ key: "decisions", add: ["Tokens, not cookies"] });
    await there.todoAdd({ content: "Test it" });
    const { landed } = (await there.land({})) as { landed: { commit: string } };
    expect(box.git(box.hub, "ls-tree", "-r", "--name-only", landed.commit)).not.toContain("ACTIVE_SESSION");
    expect(ledgerFile(box, `active/${id}/ACTIVE_SESSION.md`)).toContain("Tokens, not cookies");
    box.write(home, { "README.md": "of others\n" });
    box.git(home, "add", "--all");
    box.git(home, "commit", "--quiet", "-m", "docs: others");
    box.git(home, "pull", "--quiet", "--rebase", "origin", "main");
    box.git(home, "push", "--quiet", "origin", "main");
    await there.sync({});
    expect(contextIn(dir)).toMatchObject({ decisions: ["Tokens, not cookies"], todos: [{ id: "1" }] });
    commit(box, dir, `[${id}] feat: d`, { "src/d.txt": "new\n" });
    await there.contextSet({ key: "next_steps", add: ["None"] });
    await berth.complete({ id });
    const last = parseFrontMatter(ledgerFile(box, `completed/${id}/ACTIVE_SESSION.md`), FILE).data;
    expect(last).toMatchObject({ status: "done", next_steps: ["None"], created_files: ["src/d.txt"] });
  });

test("[CTX-14] [INV-3] who takes a released session over finds what its predecessor wrote, committed or not", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Handed on");
  await (await box.open(dir, "agent one")).contextSet({ key: "blockers", add: ["The server"] });
  await berth.release({ id, reason: "going home" });
  const next = await claimed(await box.open(home, "agent two"), id);
  expect(contextIn(next)).toMatchObject({ blockers: ["The server"], assistant: "agent two", status: "active" });
});

test("[CTX-16] an invalid context is refused at the commit and, past the hooks, at the landing, with its places", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Broken");
  const whole = readFileSync(join(dir, FILE), "utf8");
  box.write(dir, { [FILE]: whole.replace("mode: build", "mode: cook"), "src/c.txt": "new\n" });
  box.git(dir, "add", "--all");
  expect(() => box.git(dir, "commit", "--quiet", "-m", `[${id}] feat: c`)).toThrow(
    /mode: found "cook", expected one of/,
  );
  box.git(dir, "commit", "--quiet", "--no-verify", "-m", `[${id}] feat: c`);
  const refused = await refusal(berth.land({ id }), "GATE_REFUSED");
  expect(refused.message).toMatch(/ACTIVE_SESSION\.md:\d+:7: mode: found "cook"/);
  writeFileSync(join(dir, FILE), whole.slice(0, 200));
  box.git(dir, "commit", "--quiet", "--no-verify", "-am", `[${id}] docs: torn`);
  expect((await refusal(berth.complete({ id }), "GATE_REFUSED")).message).toContain("never closed");
  expect(readFileSync(join(dir, FILE), "utf8")).toBe(whole.slice(0, 200));
  writeFileSync(join(dir, FILE), whole);
  await berth.complete({ id });
});

for (const kind of ["worktree", "clone"] as const)
  test(`[CTX-16] a commit in a ${kind} is judged by what it changes there, wherever the main checkout has gone`, async () => {
    const { box, home, berth } = await team({ settings: { workspace: { kind } } });
    const { id, dir } = await working(berth, "Apart");
    const file = join(dir, FILE);
    writeFileSync(file, readFileSync(file, "utf8").replace("mode: build", "mode: cook"));
    box.git(dir, "commit", "--quiet", "--no-verify", "-am", `[${id}] docs: past the hooks`);
    commit(box, home, "docs: of others", { "README.md": "more\n" });
    box.write(dir, { "src/c.txt": "new\n" });
    box.git(dir, "add", "--all");
    box.git(dir, "commit", "--quiet", "-m", `[${id}] feat: c`);
    expect(contextIn(dir)).toMatchObject({ created_files: ["src/c.txt"], mode: "cook" });
  });

test("[CTX-14] a commit takes nothing else along than it was told to, and none is made of the context alone", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Careful");
  box.write(dir, { "src/a.txt": "mine\n", "src/c.txt": "new\n" });
  box.git(dir, "add", "src/c.txt");
  box.git(dir, "commit", "--quiet", "-m", `[${id}] feat: a`, "--", "src/a.txt");
  // A commit of some files alone leaves the index as it was.
  expect(box.git(dir, "status", "--porcelain")).toBe("A  src/c.txt");
  expect(box.git(dir, "show", "--format=", "--name-only", "HEAD")).toBe("src/a.txt");
  box.git(dir, "commit", "--quiet", "-am", `[${id}] feat: c`);
  expect(box.git(dir, "show", "--format=", "--name-only", "HEAD")).toBe(`${FILE}\nsrc/c.txt`);
  expect(() => box.git(dir, "commit", "--quiet", "-m", `[${id}] feat: nothing`)).toThrow();
  box.git(dir, "commit", "--quiet", "--amend", "-m", `[${id}] feat: c, better`);
  expect(box.git(dir, "status", "--porcelain")).toBe("");
  rmSync(join(dir, FILE));
  box.write(dir, { "src/d.txt": "new\n" });
  box.git(dir, "add", "src/d.txt");
  box.git(dir, "commit", "--quiet", "-m", `[${id}] feat: d`);
  expect(box.git(dir, "status", "--porcelain")).toBe(` D ${FILE}`);
});

test("[CTX-01] [CTX-10] each layout that can be chosen for sessions is a place of its own", async () => {
  const { box, home, berth } = await team({ settings: { context: { layout: "central" } } });
  const file = "docs/session-context/ACTIVE_SESSION.md";
  commit(box, home, "docs: the context of all", { [file]: CENTRAL });
  box.git(home, "push", "-q", "origin", "main");
  const { dir } = await working(berth, "Log in");
  expect((await (await box.open(dir)).contextShow({})).path).toBe(file);
  await refusal(berth.config({ key: "context.layout", value: "tickets" }), "INVALID");
  await berth.config({ key: "context.layout", value: "sessions" });
  const other = await working(await box.open(home, "agent one"), "Log out");
  expect((await (await box.open(other.dir)).contextShow({})).path).toBe(FILE);
});
