import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Step } from "../../src/progress.ts";
import { lines, planned } from "../support/sandbox.ts";
import { claimed, commit, listed, refs, refusal, team, working } from "../support/session.ts";

test("[ASP-19] [ASP-21] canonical knowledge and others' learnings are refused at commit, at push and at the landing", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Wise");
  const inside = await box.open(dir);
  for (const [path, why] of [
    ["_AGENTS/knowledge/auth.md", "only kb- sessions change canonical knowledge"],
    ["_AGENTS/knowledge/sessions/2025-01-01-other/learnings.md", "learnings of another session"],
  ] as const) {
    box.write(dir, { [path]: "Mine.\n", "../message": `[${id}] docs: wise\n` });
    box.git(dir, "add", "--all");
    const early = await refusal(inside.gate({ hook: "commit-msg", args: [join(dir, "../message")] }), "GATE_REFUSED");
    expect(early.message).toContain(why);
    const tip = commit(box, dir, `[${id}] docs: wise`);
    const input = `refs/heads/x ${tip} refs/heads/session/${id} ${"0".repeat(40)}\n`;
    expect((await refusal(inside.gate({ hook: "pre-push", args: [], input }), "GATE_REFUSED")).message).toContain(why);
    const before = refs(box);
    for (const end of ["land", "complete"] as const) {
      const late = await refusal(berth[end]({ id }), "GATE_REFUSED");
      expect(late.message).toContain(why);
      expect(late.message).toContain(path);
    }
    expect(refs(box)).toBe(before);
    box.git(dir, "rm", "--quiet", path);
    commit(box, dir, `[${id}] docs: not mine`);
  }
  await berth.learn({ text: "One's own learnings are fine", session: id });
  await expect(berth.land({ id })).resolves.toMatchObject({ landed: { base: "main" } });
});

test("[ASP-21] [ASP-26] a kb- session changes canonical knowledge, and nobody's learnings", async () => {
  const { box, berth } = await team();
  const id = await planned(berth, "Merge", { id: "kb-2025-10-14-merge-auth" });
  const dir = await claimed(berth, id);
  commit(box, dir, `[${id}] docs: merge`, { "_AGENTS/knowledge/auth.md": "Known.\n" });
  await expect(berth.land({ id })).resolves.toMatchObject({ landed: { base: "main" } });
  commit(box, dir, `[${id}] docs: tidy`, { "_AGENTS/knowledge/sessions/2025-01-01-other/learnings.md": "x\n" });
  await refusal(berth.land({ id }), "GATE_REFUSED");
});

test("[ASP-09] a base branch that holds .session/ takes no landing until it is removed there", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Folder");
  commit(box, dir, `[${id}] feat: c`, { "src/c.txt": "c\n" });
  box.write(home, { ".session/SESSION.md": "# Not here\n" });
  box.git(home, "add", ".session");
  box.git(home, "commit", "--quiet", "-m", "By mistake");
  box.git(home, "push", "--quiet", "origin", "main");
  const error = await refusal(berth.land({ id }), /* whichever comes first */ undefined);
  expect(["GATE_REFUSED", "MERGE_CONFLICT"]).toContain(error.code);
  expect(error.message).toContain(".session");
  box.git(home, "rm", "-r", "--quiet", ".session");
  box.git(home, "commit", "--quiet", "-m", "Away");
  box.git(home, "push", "--quiet", "origin", "main");
  await expect(berth.land({ id })).resolves.toMatchObject({ landed: { base: "main" } });
});

test("[INV-4] verify runs on exactly the tree that lands, elsewhere, and its result is remembered by that tree", async () => {
  const { box, home } = await team({
    files: { "README.md": "x\n", ".gitignore": "*.log\n.env\n", ".worktreeinclude": ".env\n" },
  });
  box.write(home, { ".env": "KEY=1\n" });
  const steps: Step[] = [];
  const berth = await box.open(home, "agent one", { progress: (step) => void steps.push(step) });
  const { id, dir } = await working(berth, "Verified");
  commit(box, dir, `[${id}] feat: c`, { "c.txt": "c\n" });
  box.write(dir, { "made-here.log": "x" });
  const counter = join(box.dir, "runs");
  const verify = `test -f c.txt && test ! -e made-here.log && test ! -e .session && test "$PWD" != '${dir}' && test -f .env && test "$BERTH_SESSION" = ${id} && git diff --quiet HEAD && echo run >> '${counter}'`;
  await berth.land({ id, verify });
  expect(readFileSync(counter, "utf8")).toBe("run\n");
  expect(steps.map((s) => s.name)).toEqual(expect.arrayContaining(["merge.made", "verify.started", "verify.passed"]));
  // Nothing new: the tree of the completion is the one that passed.
  await berth.log({ text: "The journal does not land", session: id });
  const done = await berth.complete({ id, verify });
  expect(readFileSync(counter, "utf8")).toBe("run\n");
  expect("kept" in done && done.kept.join()).toContain("ignored files that Berth did not make: made-here.log");
  expect(box.git(home, "worktree", "list").split("\n")).toHaveLength(3);
});

test("[INV-4] a verify that fails lands nothing and says where its output is; a second one passes", async () => {
  const { box, home, berth } = await team({ settings: { landing: { verify: "echo checking; test -f needed.txt" } } });
  const { id, dir } = await working(berth, "Failing");
  commit(box, dir, `[${id}] feat: c`, { "src/c.txt": "c\n" });
  const before = refs(box);
  const error = await refusal(berth.complete({ id }), "VERIFY_FAILED");
  expect(error.message).toContain("exit 1");
  expect(error.facts["tail"]).toBe("checking");
  expect(readFileSync(String(error.facts["log"]), "utf8")).toBe("checking\n");
  expect(refs(box)).toBe(before);
  expect(existsSync(dir)).toBe(true);
  expect(box.git(home, "worktree", "list").split("\n")).toHaveLength(3);
  // A command of the caller's own comes on top of the team's and replaces nothing of it.
  await refusal(berth.complete({ id, verify: "true" }), "VERIFY_FAILED");
  commit(box, dir, `[${id}] feat: needed`, { "needed.txt": "x\n" });
  await expect(berth.complete({ id })).resolves.toMatchObject({ session: { state: "completed" } });
});

test("[ASP-17] [INV-4] a merge comes out the same from any clone: union driver, renamed folders, settings of the user's", async () => {
  const results: string[] = [];
  for (const settings of [
    {},
    {
      "merge.renames": "false",
      "merge.directoryRenames": "true",
      "merge.conflictStyle": "merge",
      "diff.renames": "false",
    },
  ]) {
    const { box, home, berth } = await team({
      files: {
        ".gitattributes": "*.log merge=union\n",
        "CHANGES.log": "one\n",
        "old/a.txt": lines(20),
        "old/b.txt": lines(30),
      },
    });
    for (const [key, value] of Object.entries(settings)) box.git(home, "config", key, value);
    const [id, other] = [await planned(berth, "Here", { id: "2025-10-14-here" }), await planned(berth, "There")];
    const dir = await claimed(berth, id);
    const elsewhere = await claimed(berth, other);
    box.git(elsewhere, "mv", "old", "new");
    commit(box, elsewhere, `[${other}] feat: move`, { "CHANGES.log": "one\ntheirs\n" });
    await berth.complete({ id: other });
    commit(box, dir, `[${id}] feat: edit`, {
      "CHANGES.log": "one\nmine\n",
      "old/a.txt": lines(20).replace("line 3", "mine"),
      "old/c.txt": "new here\n",
    });
    await berth.complete({ id });
    expect(box.git(box.hub, "show", "main:CHANGES.log")).toBe("one\ntheirs\nmine");
    expect(box.git(box.hub, "show", "main:new/a.txt")).toContain("mine");
    results.push(box.git(box.hub, "rev-parse", "main^{tree}"));
    expect(listed(box, "main")).toContain("old");
  }
  expect(new Set(results).size).toBe(1);
});
