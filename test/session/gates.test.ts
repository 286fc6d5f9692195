import { join } from "node:path";
import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import type { GateProblem } from "../../src/session/land/gate-problem.ts";
import type { BerthError } from "../../src/errors.ts";
import { planned } from "../support/sandbox.ts";
import { claimed, commit, refs, refusal, type Team, team, working } from "../support/session.ts";

function problems(error: BerthError): readonly GateProblem[] {
  return error.facts["problems"] as readonly GateProblem[];
}

/** A landing that is refused by the gates, with nothing changed on the hub. */
async function refused(at: Team, id: string): Promise<BerthError> {
  const before = refs(at.box);
  const error = await refusal(at.berth.land({ id }), "GATE_REFUSED");
  expect(refs(at.box)).toBe(before);
  return error;
}

/** Changes the frozen plan on disk, as somebody with an editor would. */
function plan(at: Team, dir: string, text: string): void {
  chmodSync(join(dir, ".session/SESSION.md"), 0o644);
  at.box.write(dir, { ".session/SESSION.md": text });
}

test("a base branch that holds .session/ lets nothing land until it is taken out there", async () => {
  const at = await team();
  const { id, dir } = await working(at.berth, "Base with a session folder");
  commit(at.box, dir, `[${id}] feat: work`, { "work.txt": "work\n" });
  const other = at.box.clone("other");
  commit(at.box, other, "Add by mistake", { ".session/SESSION.md": "what is this\n" });
  at.box.git(other, "push", "--quiet");
  // Both sides added the folder, so the merge itself cannot say what is wrong; the gate's words must win.
  const before = refs(at.box);
  const error = await refusal(at.berth.land({ id }), "GATE_REFUSED");
  expect(problems(error).map((p) => [p.gate, p.paths])).toEqual([["session-folder", [".session"]]]);
  expect(refs(at.box)).toBe(before);
  at.box.git(other, "rm", "-r", "--quiet", ".session");
  commit(at.box, other, "Take it out");
  at.box.git(other, "push", "--quiet");
  await at.berth.land({ id });
  expect(at.box.git(at.box.hub, "show", "main:work.txt")).toBe("work");
});

test("[ASP-21] [ASP-19] canonical knowledge and other sessions' learnings do not land, whatever hooks were passed by; a kb- session may", async () => {
  const at = await team();
  const { id, dir } = await working(at.berth, "Overreach");
  commit(at.box, dir, `[${id}] docs: rewrite the rules`, {
    "_AGENTS/knowledge/rules.md": "mine\n",
    "_AGENTS/knowledge/sessions/2026-01-01-other/learnings.md": "forged\n",
    [`_AGENTS/knowledge/sessions/${id}/learnings.md`]: "my own\n",
    "work.txt": "work\n",
  });
  const error = await refused(at, id);
  expect(problems(error).map((p) => [p.gate, p.paths])).toEqual([
    ["knowledge", ["_AGENTS/knowledge/rules.md"]],
    ["knowledge", ["_AGENTS/knowledge/sessions/2026-01-01-other/learnings.md"]],
  ]);
  at.box.git(dir, "rm", "-r", "--quiet", "_AGENTS/knowledge/rules.md", "_AGENTS/knowledge/sessions/2026-01-01-other");
  commit(at.box, dir, `[${id}] docs: take it back`);
  const done = await at.berth.complete({ id, tick: ["all"] });
  if (!("kbSession" in done) || done.kbSession === null) throw new Error("no knowledge session was planned");
  const kb = await claimed(at.berth, done.kbSession);
  commit(at.box, kb, `[${done.kbSession}] docs: agree`, { "_AGENTS/knowledge/rules.md": "agreed\n" });
  await at.berth.land({ id: done.kbSession });
  expect(at.box.git(at.box.hub, "show", "main:_AGENTS/knowledge/rules.md")).toBe("agreed");
});

test("[ASP-12] [ASP-09] subject, author and frozen plan are judged at landing, and all problems are listed at once", async () => {
  const at = await team();
  const { id, dir } = await working(at.berth, "Everything wrong");
  const first = commit(at.box, dir, "wip", { "a.txt": "a\n" });
  at.box.git(dir, "config", "--worktree", "user.name", "Somebody Else");
  plan(at, dir, "# Easier now\n");
  const second = commit(at.box, dir, `[${id}] feat: another name`, { "_AGENTS/knowledge/rules.md": "x\n" });
  const error = await refused(at, id);
  expect(
    problems(error)
      .map((p) => p.gate)
      .toSorted(),
  ).toEqual(["commit", "commit", "frozen-plan", "knowledge"]);
  expect(error.message).toContain(`commit ${first.slice(0, 10)} is not "[${id}] type: description"`);
  expect(error.message).toContain(`commit ${second.slice(0, 10)} is authored by Somebody Else <`);
  expect(error.message).toContain(
    `.session/SESSION.md is frozen since the claim and was changed in ${second.slice(0, 10)}`,
  );
});

test("[ASP-09] a forged opening commit does not unfreeze the plan, and does not stand for the next claim's opening", async () => {
  const at = await team();
  const { id, dir } = await working(at.berth, "Forged");
  plan(at, dir, "# Easier now\n");
  commit(at.box, dir, `[${id}] chore: open the workspace\n\nBerth-Session: ${id}\nBerth-Opens: 1\nBerth-Opens: 2`);
  const error = await refused(at, id);
  expect(problems(error).map((p) => p.gate)).toEqual(["frozen-plan"]);
  await at.berth.log({ session: id, text: "This pushes the branch" });
  await at.berth.release({ id, reason: "take it" });
  const next = await at.box.open(at.home, "agent two");
  const again = await claimed(next, id);
  expect(at.box.git(again, "log", "-1", "--format=%an %s")).toBe(`agent two [${id}] chore: open the workspace`);
  expect(at.box.git(again, "show", "HEAD:.session/.session-env")).toContain("agent two");
});

test("[ASP-09] a merge that changes the plan by itself is refused, also behind a proper override", async () => {
  const at = await team();
  const { id, dir } = await working(at.berth, "Evil merge");
  const evil = (text: string): void => {
    const other = at.box.git(dir, "commit-tree", "-p", "HEAD~1", "-m", `[${id}] feat: side`, "HEAD~1^{tree}");
    at.box.git(dir, "merge", "--quiet", "--no-commit", "--no-ff", "-s", "ours", other);
    plan(at, dir, text);
    at.box.git(dir, "add", "--all");
    at.box.git(dir, "commit", "--quiet", "--no-verify", "-m", "Merge side");
  };
  const frozen = at.box.git(dir, "show", "HEAD:.session/SESSION.md");
  commit(at.box, dir, `[${id}] feat: work`, { "work.txt": "work\n" });
  evil("# Changed in the merge\n");
  expect((await refused(at, id)).message).toContain("frozen since the claim");
  plan(at, dir, `${frozen}\nEmergency.\n`);
  commit(at.box, dir, `[${id}] docs: back`);
  await at.berth.log({ session: id, text: "OVERRIDE: the law changed" });
  plan(at, dir, `${frozen}\nThe law changed.\n`);
  commit(at.box, dir, `[${id}] OVERRIDE: the law changed`);
  evil("# Changed once more\n");
  expect((await refused(at, id)).message).toContain("frozen since the claim");
});

test("[ASP-09] an override with its reason in the worklog passes, and its plan is the new one", async () => {
  const at = await team();
  const id = await planned(at.berth, "Override");
  const dir = await claimed(at.berth, id);
  const frozen = at.box.git(dir, "show", "HEAD:.session/SESSION.md");
  plan(at, dir, `${frozen}\nThe law changed.\n`);
  commit(at.box, dir, `[${id}] OVERRIDE: the law changed`, { "work.txt": "work\n" });
  expect((await refused(at, id)).message).toContain("the same reason in the worklog");
  await at.berth.log({ session: id, text: "OVERRIDE: the law changed" });
  await at.berth.land({ id });
  expect(at.box.git(at.box.hub, "show", `berth/ledger:active/${id}/SESSION.md`)).toContain("The law changed.");
});
