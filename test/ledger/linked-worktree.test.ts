import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { once } from "../support/processes.ts";
import { planned } from "../support/sandbox.ts";
import { claimed, commit, ledgerFile, listed, refs, refusal, team, working } from "../support/session.ts";

const shown = "_AGENTS/sessions";

test("[ASP-28] the ledger is shown at _AGENTS/sessions, ignored by the base branch, and follows every verb", async () => {
  const { box, home, berth } = await team();
  const ledger = join(home, shown);
  const { id } = await working(berth, "Shown");
  expect(existsSync(join(ledger, "active", id, "worklog.md"))).toBe(true);
  expect(existsSync(join(ledger, "planned", id))).toBe(false);
  expect(box.git(ledger, "status", "--porcelain")).toBe("");
  expect(box.git(ledger, "rev-parse", "HEAD")).toBe(box.git(box.hub, "rev-parse", "berth/ledger"));
  expect(box.git(home, "status", "--porcelain")).not.toContain(shown);
  const other = await box.open(box.clone("other"), "agent two");
  const theirs = await planned(other, "Theirs");
  expect(existsSync(join(ledger, "planned", theirs))).toBe(false);
  await berth.log({ text: "A verb that fetches", session: id });
  await planned(berth, "And one that publishes");
  expect(existsSync(join(ledger, "planned", theirs, "SESSION.md"))).toBe(true);
});

test("[INV-3] it is brought forward only where no local edit is touched; unrelated edits stay as they are", async () => {
  const { box, home, berth } = await team();
  const ledger = join(home, shown);
  const [one, two] = [await planned(berth, "One"), await planned(berth, "Two")];
  writeFileSync(join(ledger, "planned", one, "SESSION.md"), "half a thought\n");
  writeFileSync(join(ledger, "planned", one, "notes.txt"), "untracked\n");
  await berth.claim({ id: two, noWorkspace: true });
  expect(existsSync(join(ledger, "active", two))).toBe(true);
  expect(readFileSync(join(ledger, "planned", one, "SESSION.md"), "utf8")).toBe("half a thought\n");
  expect(box.git(ledger, "status", "--porcelain").split("\n")).toEqual([
    ` M planned/${one}/SESSION.md`,
    `?? planned/${one}/notes.txt`,
  ]);
  // Somebody else moves exactly what is edited here: the folder stays behind, and a warning says why.
  const other = await box.open(box.clone("other"), "agent two");
  await other.claim({ id: one, noWorkspace: true });
  const released = await berth.release({ id: two, reason: "x" });
  expect("warnings" in released && released.warnings.join()).toMatch(
    /was not brought forward: .*planned\/.*SESSION.md/,
  );
  expect(readFileSync(join(ledger, "planned", one, "SESSION.md"), "utf8")).toBe("half a thought\n");
  box.git(ledger, "checkout", "--quiet", "--", ".");
  await planned(berth, "Three");
  expect(existsSync(join(ledger, "active", one))).toBe(true);
  expect(readFileSync(join(ledger, "planned", one, "notes.txt"), "utf8")).toBe("untracked\n");
});

for (const remote of [true, false]) {
  test(`[ASP-06] [INV-3] what a killed process left half shown is nobody's edit (remote: ${remote})`, async () => {
    const { box, home, berth } = await team({ remote });
    const id = await planned(berth, "Half shown");
    const kill = { step: "ledger.files-shown", occurrence: 1, group: false };
    const killed = await once(box, { dir: home, agent: "worker one" }, "claim", { id }, { kill });
    expect(killed.killed).toBe(true);
    expect(existsSync(join(home, shown, "planned", id))).toBe(false);
    const second = await once(box, { dir: home, agent: "worker two" }, "claim", { id });
    expect(second.error?.code, second.error?.message).toBe("CLAIM_LOST");
    expect(box.git(join(home, shown), "status", "--porcelain")).toBe("");
    await berth.draft({ title: "After" });
    expect(existsSync(join(home, shown, "active", id, "SESSION.md"))).toBe(true);
  });
}

test("[ASP-29] [ASP-04] drafts edited by hand are taken up by ready, edit and claim, and invalid ones are refused by place", async () => {
  const { box, home, berth } = await team();
  const ledger = join(home, shown);
  const drafted = await berth.draft({ title: "By hand" });
  const id = "session" in drafted ? drafted.session.id : "";
  const draft = join(ledger, "drafting", id, "SESSION.md");
  const before = refs(box);
  writeFileSync(draft, "---\npriority: soon\n---\n\n# By hand\n");
  const invalid = await refusal(berth.ready({ id }), "INVALID");
  expect(invalid.message).toContain("line 2, priority");
  expect(invalid.message).toContain(draft);
  expect(refs(box)).toBe(before);
  writeFileSync(draft, "# By hand\n\n## Context\n\nReal.\n\n## Acceptance Criteria\n\n- [ ] It works\n");
  box.write(ledger, { [`drafting/${id}/sketch/a b.txt`]: "kept too\n" });
  await berth.ready({ id });
  expect(ledgerFile(box, `planned/${id}/SESSION.md`)).toContain("Real.");
  expect(ledgerFile(box, `planned/${id}/sketch/a b.txt`)).toBe("kept too");
  expect(box.git(ledger, "status", "--porcelain")).toBe("");

  writeFileSync(
    join(ledger, "planned", id, "SESSION.md"),
    `${ledgerFile(box, `planned/${id}/SESSION.md`)}\n\nAdded before the claim.\n`,
  );
  const dir = await claimed(berth, id);
  expect(readFileSync(join(dir, ".session/SESSION.md"), "utf8")).toContain("Added before the claim.");
  expect(statSync(join(ledger, "active", id, "SESSION.md")).mode & 0o777).toBe(0o444);
});

test("[ASP-29] a draft written by hand from nothing is taken up; edits of one somebody changed meanwhile are not lost", async () => {
  const { box, home, berth } = await team();
  const ledger = join(home, shown);
  const id = "2025-10-14-from-nothing";
  box.write(ledger, {
    [`drafting/${id}/SESSION.md`]: "# New\n\n## Context\n\nc\n\n## Acceptance Criteria\n\n- [ ] x\n",
  });
  await berth.ready({ id });
  expect(listed(box, "berth/ledger:planned")).toContain(id);
  const other = await box.open(box.clone("other"), "agent two");
  await other.edit({ id, text: "# Theirs\n" });
  writeFileSync(join(ledger, "planned", id, "SESSION.md"), "# Mine\n");
  await berth.list({ fetch: true });
  const both = await refusal(berth.edit({ id }), "MERGE_CONFLICT");
  expect(both.message).toContain(`planned/${id}/SESSION.md`);
  expect(readFileSync(join(ledger, "planned", id, "SESSION.md"), "utf8")).toBe("# Mine\n");
  expect(ledgerFile(box, `planned/${id}/SESSION.md`)).toBe("# Theirs");
});

test("[ASP-29] [INV-3] a hand-made commit that conflicts, is invalid or meddles is kept under a named reference", async () => {
  const { box, home, berth } = await team();
  const ledger = join(home, shown);
  const { id: held } = await working(berth, "Held");
  const conflicting = await planned(berth, "Conflicting");
  const other = await box.open(box.clone("other"), "agent two");
  const cases: Readonly<Record<string, () => Promise<void> | void>> = {
    "it conflicts": async () => {
      box.write(ledger, { [`planned/${conflicting}/SESSION.md`]: "# Mine\n" });
      await other.edit({ id: conflicting, text: "# Theirs\n" });
    },
    "is not usable": () =>
      box.write(ledger, { "drafting/2025-10-14-bad/SESSION.md": "---\npriority: soon\n---\n# Bad\n" }),
    "is not changed by hand": () => box.write(ledger, { [`active/${held}/notes.txt`]: "x\n" }),
    "is not a session id": () => box.write(ledger, { "planned/whatever/SESSION.md": "# x\n" }),
    "does not belong": () => box.write(ledger, { "somewhere/else.txt": "x\n" }),
  };
  for (const [why, make] of Object.entries(cases)) {
    await make();
    const made = commit(box, ledger, `By hand: ${why}`);
    const result = await berth.draft({ title: why });
    const said = "warnings" in result ? result.warnings.join("\n") : "";
    expect(said).toContain(why);
    const ref = /refs\/berth\/kept\/\S+[0-9a-f]/.exec(said)?.[0] ?? "";
    expect(box.git(home, "rev-parse", ref), why).toBe(made);
    expect(box.git(box.hub, "log", "--format=%s", "berth/ledger")).not.toContain("By hand");
    expect(box.git(ledger, "rev-parse", "HEAD")).toBe(box.git(box.hub, "rev-parse", "berth/ledger"));
    expect(statSync(join(ledger, "active", held, "SESSION.md")).mode & 0o777).toBe(0o444);
  }
});

test("[ASP-28] with more finished sessions than are to be seen, completed/ is left out and nothing breaks", async () => {
  const { home, box, berth } = await team({ settings: { ledger: { visible: 2 } } });
  const ledger = join(home, shown);
  const done: string[] = [];
  for (const n of [1, 2, 3, 4]) {
    const id = await planned(berth, `Number ${n}`);
    await berth.claim({ id, noWorkspace: true });
    if (n % 2 === 0) await berth.complete({ id });
    else await berth.abandon({ id, reason: "enough" });
    done.push(id);
  }
  expect(existsSync(join(ledger, "completed"))).toBe(false);
  expect(existsSync(join(ledger, "_bin/claim-session"))).toBe(true);
  expect(existsSync(join(ledger, "sessions.lock"))).toBe(true);
  expect(box.git(ledger, "status", "--porcelain")).toBe("");
  const { id, dir } = await working(berth, "Living");
  expect(existsSync(join(ledger, "active", id, "SESSION.md"))).toBe(true);
  writeFileSync(join(ledger, "sessions.lock"), `${readFileSync(join(ledger, "sessions.lock"), "utf8")}# a remark\n`);
  commit(box, dir, `[${id}] feat: c`, { "src/c.txt": "c\n" });
  await berth.subsession({ session: id, title: "More" });
  box.git(ledger, "checkout", "--quiet", "--", "sessions.lock");
  await berth.complete({ id });
  const drafted = await berth.draft({ title: "After", context: "c", criteria: ["x"] });
  expect("warnings" in drafted && drafted.warnings).toEqual([]);
  expect((await berth.list({ all: true })).sessions).toHaveLength(7);
  expect((await berth.show({ id: done[1] })).session.state).toBe("completed");
  const hand = commit(box, ledger, "Tend the templates", { "_templates/extra.md": "x\n" });
  await planned(berth, "Takes it up");
  expect(box.git(box.hub, "merge-base", "--is-ancestor", hand, "berth/ledger")).toBe("");
  expect(listed(box, "berth/ledger:completed")).toHaveLength(4);
});
