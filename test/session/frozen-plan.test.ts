import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { planned } from "../support/sandbox.ts";
import { claimed, commit, ledgerFile, refs, refusal, team, working } from "../support/session.ts";

function mode(...path: string[]): string {
  return (statSync(join(...path)).mode & 0o777).toString(8);
}

/** What the hooks of a workspace ask, with what git hands them. */
async function commitGate(berth: Berth, dir: string, message: string): Promise<unknown> {
  const file = join(dir, "..", "message.txt");
  writeFileSync(file, `${message}\n`);
  return berth.gate({ hook: "commit-msg", args: [file] });
}

test("[ASP-09] SESSION.md is 0644 in drafting and planned, 0444 in active and completed and in the workspace", async () => {
  const { home, berth } = await team();
  const shown = join(home, "_AGENTS/sessions");
  const drafted = await berth.draft({ title: "Modes", context: "c", criteria: ["x"] });
  if (!("session" in drafted)) throw new Error("no session");
  const { id } = drafted.session;
  expect(mode(shown, "drafting", id, "SESSION.md")).toBe("644");
  await berth.ready({ id });
  expect(mode(shown, "planned", id, "SESSION.md")).toBe("644");
  const dir = await claimed(berth, id);
  expect(mode(shown, "active", id, "SESSION.md")).toBe("444");
  expect(mode(dir, ".session/SESSION.md")).toBe("444");
  await berth.release({ id, reason: "later" });
  expect(mode(shown, "planned", id, "SESSION.md")).toBe("644");
  expect(mode(await claimed(berth, id, { workspace: "clone" }), ".session/SESSION.md")).toBe("444");
  await berth.complete({ id, tick: ["all"], notes: "Went well." });
  expect(mode(shown, "completed", id, "SESSION.md")).toBe("444");
  expect(readFileSync(join(shown, "completed", id, "SESSION.md"), "utf8")).toMatch(/- \[x\] It works|- \[x\] x/);
});

test("[ASP-09] a frozen plan that was changed is refused at the commit hook and, past it, at the landing", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Frozen");
  const plan = join(dir, ".session/SESSION.md");
  chmodSync(plan, 0o644);
  writeFileSync(plan, `${readFileSync(plan, "utf8")}\n- [ ] Something easier\n`);
  box.git(dir, "add", "--all");
  const inside = await box.open(dir);
  const early = await refusal(commitGate(inside, dir, `[${id}] docs: easier`), "GATE_REFUSED");
  expect(early.message).toContain("frozen");
  expect(early.hint).toContain("OVERRIDE");
  await refusal(commitGate(inside, dir, `[${id}] OVERRIDE: the criterion was wrong`), "GATE_REFUSED");
  commit(box, dir, `[${id}] docs: easier`, { "src/c.txt": "c\n" });
  const before = refs(box);
  for (const end of ["land", "complete"] as const) {
    const late = await refusal(berth[end]({ id }), "GATE_REFUSED");
    expect(late.message).toContain(".session/SESSION.md is frozen");
  }
  expect(refs(box)).toBe(before);
  // An override of another commit does not cover this one.
  await berth.log({ text: "OVERRIDE: the criterion was wrong", session: id });
  await refusal(berth.land({ id }), "GATE_REFUSED");
});

test("[ASP-09] an OVERRIDE with its reason in the worklog passes hook and landing, and the ledger has the new plan", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Emergency");
  const plan = join(dir, ".session/SESSION.md");
  chmodSync(plan, 0o644);
  writeFileSync(plan, readFileSync(plan, "utf8").replace("It works", "It works on Tuesdays"));
  box.git(dir, "add", ".session/SESSION.md");
  const inside = await box.open(dir);
  const subject = `[${id}] OVERRIDE: the criterion named the wrong day`;
  await refusal(commitGate(inside, dir, subject), "GATE_REFUSED");
  await berth.log({ text: "OVERRIDE: the criterion named the wrong day", session: id });
  await expect(commitGate(inside, dir, subject)).resolves.toEqual({ passed: true });
  commit(box, dir, subject, { "src/c.txt": "c\n" });
  await berth.land({ id });
  expect(ledgerFile(box, `active/${id}/SESSION.md`)).toContain("It works on Tuesdays");
  expect((await berth.drift({ id })).planChanged).toBe(true);
  commit(box, dir, `[${id}] feat: d`, { "src/d.txt": "d\n" });
  await berth.complete({ id, tick: [1] });
  expect(ledgerFile(box, `completed/${id}/SESSION.md`)).toContain("- [x] It works on Tuesdays");
});

test("[ASP-09] a removed or replaced plan, and one put back as it was, are told apart", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Removed");
  box.git(dir, "rm", "--quiet", ".session/SESSION.md");
  commit(box, dir, `[${id}] chore: away with it`, { "src/c.txt": "c\n" });
  const gone = await refusal(berth.land({ id }), "GATE_REFUSED");
  expect(gone.message).toContain("is missing");
  box.git(dir, "checkout", "--quiet", "HEAD~1", "--", ".session/SESSION.md");
  commit(box, dir, `[${id}] chore: put it back`);
  await expect(berth.land({ id })).resolves.toMatchObject({ landed: { base: "main" } });
});

test("[ASP-09] completion ticks and annotates; a wrong number is refused with nothing changed", async () => {
  const { box, berth } = await team();
  const id = await planned(berth, "Ticks", { criteria: ["One", "Two", "Three"] });
  const dir = await claimed(berth, id);
  commit(box, dir, `[${id}] feat: c`, { "src/c.txt": "c\n" });
  const before = refs(box);
  const error = await refusal(berth.complete({ id, tick: [4] }), "INVALID");
  expect(error.message).toContain("3 boxes");
  expect(refs(box)).toBe(before);
  await berth.complete({ id, tick: [1, 3], notes: "Two is a session of its own." });
  const text = ledgerFile(box, `completed/${id}/SESSION.md`);
  expect(text).toContain("- [x] One\n- [ ] Two\n- [x] Three");
  expect(text).toContain("Two is a session of its own.");
});
