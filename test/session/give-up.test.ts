import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planned } from "../support/sandbox.ts";
import { claimed, commit, ledgerFile, listed, refs, refusal, team, working } from "../support/session.ts";

for (const kind of ["worktree", "clone"] as const) {
  for (const verb of ["abandon", "release"] as const) {
    test(`[ASP-16] [INV-3] ${verb} from a ${kind} keeps commits, staged, changed and untracked files reachable by what it names`, async () => {
      const { box, home, berth } = await team();
      const id = await planned(berth, "Given up");
      const dir = await claimed(berth, id, { workspace: kind });
      const tip = commit(box, dir, `[${id}] feat: c`, { "src/c.txt": "committed\n" });
      box.write(dir, { "src/staged.txt": "staged\n", "src/a.txt": "changed\n", "ünï/un tracked": "untracked\n" });
      box.git(dir, "add", "src/staged.txt");
      await refusal(berth[verb]({ id, reason: "  " }), "USAGE");
      const result = await berth[verb]({ id, reason: "superseded\nby the new parser" });
      if (!("kept" in result)) throw new Error("a dry run was not asked for");
      expect(result.workspaceRemoved).toBe(false);
      expect(result.kept[0]).toBe(tip);
      const snapshot = result.kept.find((kept) => kept.startsWith("refs/berth/checkpoints/")) ?? "";
      for (const [path, text] of [
        ["src/c.txt", "committed"],
        ["src/staged.txt", "staged"],
        ["src/a.txt", "changed"],
        ["ünï/un tracked", "untracked"],
      ]) {
        expect(box.git(home, "show", `${snapshot}:${path}`)).toBe(text);
      }
      expect(result.kept.join()).toContain(`${dir} stays`);
      const to = verb === "abandon" ? "abandoned" : "planned";
      expect(ledgerFile(box, `${to}/${id}/worklog.md`)).toContain("superseded\nby the new parser");
      expect(ledgerFile(box, `${to}/${id}/claim.yaml`)).toContain("superseded");
      expect(ledgerFile(box, "sessions.lock")).toBe("");
      // Everything committed is reachable from the hub's ledger alone.
      expect(box.git(box.hub, "merge-base", "--is-ancestor", tip, "berth/ledger")).toBe("");
      expect(box.git(dir, "status", "--porcelain").split("\n")).toHaveLength(3);
    });
  }
}

test("[ASP-16] abandoning clean work removes workspace and branches, and its commits stay in the ledger's history", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Clean");
  const tip = commit(box, dir, `[${id}] feat: c`, { "src/c.txt": "c\n" });
  await berth.log({ text: "Tried", session: id });
  const result = await berth.abandon({ id, reason: "not worth it" });
  expect(result).toMatchObject({ workspaceRemoved: true, session: { state: "abandoned" } });
  expect(existsSync(dir)).toBe(false);
  expect(refs(box)).not.toContain("session/");
  expect(box.git(home, "branch", "--list", "session/*")).toBe("");
  expect(box.git(box.hub, "merge-base", "--is-ancestor", tip, "berth/ledger")).toBe("");
  expect(ledgerFile(box, `abandoned/${id}/worklog.md`)).toMatch(/Tried[^]*Abandoned by agent one\n\nnot worth it$/);
});

test("[ASP-16] drafts and planned sessions are abandoned with a reason too; claimed ones by their holder alone", async () => {
  const { box, home, berth } = await team();
  const drafted = await berth.draft({ title: "Draft" });
  const draft = "session" in drafted ? drafted.session.id : "";
  const plan = await planned(berth, "Plan");
  const { id } = await working(berth, "Held");
  const other = await box.open(home, "agent two");
  await refusal(other.abandon({ id: draft, reason: "" }), "USAGE");
  await other.abandon({ id: draft, reason: "a double of another" });
  await other.abandon({ id: plan, reason: "nobody needs it" });
  const before = refs(box);
  await refusal(other.abandon({ id, reason: "mine now" }), "NOT_HOLDER");
  await refusal(other.release({ id, reason: "mine now" }), "NOT_HOLDER");
  expect(refs(box)).toBe(before);
  expect(listed(box, "berth/ledger:abandoned")).toEqual([".gitkeep", draft, plan].sort());
  expect(ledgerFile(box, `abandoned/${draft}/worklog.md`)).toContain("Abandoned by agent two\n\na double of another");
});

test("[ASP-16] [ASP-26] a release hands the work on: the next claim starts from its tip, at the next epoch", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Handed on");
  const tip = commit(box, dir, `[${id}] feat: half`, { "src/half.txt": "half\n" });
  await berth.release({ id, reason: "needs somebody who knows rust" });
  const other = await box.open(box.clone("other"), "agent two");
  const there = await claimed(other, id);
  expect(box.git(there, "merge-base", "--is-ancestor", tip, "HEAD")).toBe("");
  expect(existsSync(join(there, "src/half.txt"))).toBe(true);
  expect(ledgerFile(box, `active/${id}/worklog.md`)).toContain("needs somebody who knows rust");
  const stale = await refusal(berth.land({ id }), undefined);
  expect(["NOT_HOLDER", "STALE_EPOCH"]).toContain(stale.code);
  commit(box, there, `[${id}] feat: whole`, { "src/half.txt": "whole\n" });
  await other.complete({ id });
  expect(
    box
      .git(box.hub, "log", "-1", "--format=%(trailers:key=Co-authored-by,valueonly)", "main")
      .trim()
      .split("\n")
      .sort(),
  ).toEqual(["agent one <author@berth.test>", "agent two <author@berth.test>"]);
});

test("[INV-2] [ASP-16] a holder whose session was taken over can neither land, complete, release nor abandon it", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Taken");
  commit(box, dir, `[${id}] feat: c`, { "src/c.txt": "c\n" });
  box.write(dir, { "src/unsaved.txt": "unsaved\n" });
  const person = await box.open(home, "a person");
  await refusal(person.recover({ id, takeOver: true }), "GATE_REFUSED");
  const taken = await person.recover({ id, takeOver: true, force: true });
  expect(taken).toMatchObject({ claim: { epoch: 2, holder: "a person" } });
  if (!("warnings" in taken)) throw new Error("nothing was taken over");
  const ref = /refs\/berth\/checkpoints\/\S+?(?=\.?$|\.\s)/.exec(taken.warnings.join(" "))?.[0] ?? "";
  expect(box.git(home, "show", `${ref}:src/unsaved.txt`)).toBe("unsaved");
  const before = refs(box);
  const old = await box.open(dir, "agent one");
  for (const work of [
    () => old.land({}),
    () => old.complete({ commit: true }),
    () => old.release({ reason: "x" }),
    () => old.abandon({ reason: "x" }),
    () => old.sync({}),
  ]) {
    const error = await refusal(work(), "STALE_EPOCH");
    expect(error.facts["winner"]).toMatchObject({ agent: "a person", epoch: 2 });
    expect(error.hint).toContain(dir);
  }
  expect(refs(box)).toBe(before);
  await expect(person.complete({ id })).resolves.toMatchObject({ session: { state: "completed" } });
  expect(box.git(box.hub, "show", "main:src/c.txt")).toBe("c");
});
