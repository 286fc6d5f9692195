import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planned, type Sandbox } from "../support/sandbox.ts";
import { claimed, commit, refusal, team, working } from "../support/session.ts";
import { closed, opened } from "../support/tickets.ts";

function commits(box: Sandbox, dir: string, files: Readonly<Record<string, string>>, message: string): () => void {
  return () => {
    box.write(dir, files);
    box.git(dir, "add", "--all");
    try {
      box.git(dir, "commit", "--quiet", "-m", message);
    } finally {
      box.git(dir, "reset", "--quiet", "--hard");
    }
  };
}

test("[TKT-09] [TKT-04] in a ticket's workspace a commit cannot touch another ticket, nor take a tick back", async () => {
  const { box, home, berth } = await team();
  const other = await opened(berth, { issue: "7" });
  const { dir } = await opened(berth);
  box.git(home, "merge", "-q", "--no-edit", "origin/phase/training_7");
  box.git(home, "push", "-q", "origin", "main");
  box.git(dir, "merge", "-q", "--no-edit", "main");
  const foreign = "tickets/training_7/ACTIVE_SESSION.md";
  const text = readFileSync(join(other.dir, foreign), "utf8");
  expect(commits(box, dir, { [foreign]: `${text}more\n` }, "other")).toThrow(
    /berth: tickets\/training_7\/ACTIVE_SESSION\.md:1:1: this belongs to the ticket training_7/,
  );
  const inside = await box.open(dir);
  await inside.ticketTick({ items: ["1"] });
  const list = "tickets/training_142/checklist.md";
  const ticked = readFileSync(join(dir, list), "utf8");
  expect(commits(box, dir, { [list]: ticked }, "ticked")).not.toThrow();
  expect(commits(box, dir, { [list]: ticked.replace("[x]", "[ ]") }, "back")).toThrow(/checklist\.md:\d+:\d+: /);
  expect(commits(box, dir, { "tickets/training_142/artifacts/big.txt": "x".repeat(600_000) }, "big")).toThrow(/500 KB/);
  expect(commits(box, dir, { "src/new.txt": "new\n" }, "work")).not.toThrow();
});

test("[TKT-09] [TKT-04] past the hooks the landing refuses it, of a session that works a ticket and of one that works none", async () => {
  const { box, home, berth } = await team();
  const { dir } = await opened(berth);
  await (await box.open(dir)).ticketTick({ items: ["1", "2", "3", "5"] });
  await closed(await box.open(dir));
  await opened(berth, { issue: "7", noWorkspace: true });
  for (const name of ["training_142", "training_7"]) box.git(home, "merge", "-q", "--no-edit", `origin/phase/${name}`);
  box.git(home, "push", "-q", "origin", "main");
  const id = await planned(berth, "Train seven");
  const plan = readFileSync(join(home, "_AGENTS/sessions/planned", id, "SESSION.md"), "utf8");
  await berth.edit({ id, text: plan.replace("---\n", "---\nticket: training_7\n") });
  const own = await claimed(berth, id);
  const context = "tickets/training_7/ACTIVE_SESSION.md";
  expect(readFileSync(join(own, context), "utf8")).toMatch(/assistant: agent one/);
  const frozen = readFileSync(join(own, "tickets/training_142/ticket.yml"), "utf8");
  commit(box, own, `[${id}] docs: late`, { "tickets/training_142/ticket.yml": `${frozen}late: 1\n` });
  const refused = await refusal(berth.land({ id: id }), "GATE_REFUSED");
  expect(refused.message).toContain("belongs to the ticket training_142");
  commit(box, own, `[${id}] docs: as it was`, {
    "tickets/training_142/ticket.yml": frozen,
    "src/c.txt": "c\n",
  });
  await berth.complete({ id: id });
  const { id: tidy, dir: none } = await working(berth, "Tidy");
  commit(box, none, `[${tidy}] docs: late`, { "tickets/training_142/ticket.yml": `${frozen}late: 1\n` });
  expect((await refusal(berth.land({ id: tidy }), "GATE_REFUSED")).message).toContain("frozen");
});

test("[TKT-04] the context of a done ticket is frozen as well: for verbs, at the commit and at the landing", async () => {
  const { box, home, berth } = await team();
  const { dir } = await opened(berth);
  const inside = await box.open(dir);
  await inside.ticketTick({ items: ["1", "2", "3", "5"] });
  await closed(inside);
  for (const late of [
    () => inside.contextSet({ key: "decisions", add: ["Late"] }),
    () => inside.todoAdd({ content: "Late" }),
    () => inside.contextArchive({ keep: 1 }),
  ])
    expect((await refusal(late(), "WRONG_STATE")).message).toMatch(/training_142 is done, and its context is frozen/);
  const context = "tickets/training_142/ACTIVE_SESSION.md";
  const text = readFileSync(join(dir, context), "utf8");
  const late = text.replace("decisions: []", "decisions: [Late]");
  expect(late).not.toBe(text);
  expect(commits(box, dir, { [context]: late }, "late")).toThrow(/ACTIVE_SESSION\.md:1:1: the ticket is done/);
  expect(() => {
    box.git(dir, "rm", "--quiet", context);
    try {
      box.git(dir, "commit", "--quiet", "-m", "gone");
    } finally {
      box.git(dir, "reset", "--quiet", "--hard");
    }
  }).toThrow(/ACTIVE_SESSION\.md:1:1: the ticket is done/);
  box.git(home, "merge", "-q", "--no-edit", "origin/phase/training_142");
  box.git(home, "push", "-q", "origin", "main");
  const { id, dir: own } = await working(berth, "Tidy");
  commit(box, own, `[${id}] docs: late`, { [context]: late });
  expect((await refusal(berth.land({ id }), "GATE_REFUSED")).message).toContain("frozen");
});

test("[TKT-04] [CTX-14] who closed the ticket of a session goes on in it, and nothing writes the frozen context", async () => {
  const { box, home, berth } = await team();
  await opened(berth, { noWorkspace: true });
  box.git(home, "merge", "-q", "--no-edit", "origin/phase/training_142");
  box.git(home, "push", "-q", "origin", "main");
  const id = await planned(berth, "Train");
  const plan = readFileSync(join(home, "_AGENTS/sessions/planned", id, "SESSION.md"), "utf8");
  await berth.edit({ id, text: plan.replace("---\n", "---\nticket: training_142\n") });
  const dir = await claimed(berth, id);
  const inside = await box.open(dir);
  await inside.ticketTick({ items: ["1", "2", "3", "5"] });
  const { commit: end } = await closed(inside);
  const context = "tickets/training_142/ACTIVE_SESSION.md";
  const frozen = box.git(dir, "rev-parse", `${end}:${context}`);
  expect(commits(box, dir, { "src/c.txt": "c\n" }, `[${id}] feat: c`)).not.toThrow();
  await berth.land({ id });
  expect(commits(box, dir, { "src/d.txt": "d\n" }, `[${id}] feat: d`)).not.toThrow();
  await berth.sync({ id });
  await berth.complete({ id });
  expect(box.git(box.hub, "rev-parse", `main:${context}`)).toBe(frozen);
  expect(box.git(box.hub, "show", "main:src/d.txt")).toBe("d");
});

test("[TKT-09] [CTX-16] what a conflicting merge of the base brings is no change of the ticket's own", async () => {
  const { box, home, berth } = await team();
  const { dir } = await opened(berth);
  const central = "docs/session-context/ACTIVE_SESSION.md";
  commit(box, home, "elsewhere", {
    "tickets/scope_99/notes.txt": "x\n",
    [central]: "---\nmode: cook\n---\n",
    "src/a.txt": "theirs\n",
  });
  commit(box, dir, "[training_142] feat: a", { "src/a.txt": "mine\n" });
  const merged = (files: Readonly<Record<string, string>>) => () => {
    try {
      box.git(dir, "merge", "-q", "--no-edit", "main");
    } catch {
      // It conflicts.
    }
    commits(box, dir, { "src/a.txt": "both\n", ...files }, "merge of main")();
  };
  expect(merged({ "tickets/scope_99/notes.txt": "changed\n" })).toThrow(/belongs to the ticket scope_99/);
  expect(merged({ [central]: "---\nmode: cook\nphase: lunch\n---\n" })).toThrow(/phase: found "lunch"/);
  expect(merged({})).not.toThrow();
  expect(box.git(dir, "rev-list", "--count", "--merges", "HEAD")).toBe("1");
});

test("[TKT-03] what cannot be read is named once, and a link in its place is no ticket.yml", async () => {
  const { box, berth } = await team();
  const { dir } = await opened(berth);
  const file = "tickets/training_142/ticket.yml";
  const refused = (): string => {
    try {
      commits(box, dir, {}, "broken")();
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
  box.write(dir, { [file]: "just words\n" });
  expect(refused()).toContain(`berth: ${file}:1:1: this is not a map of keys.\n`);
  rmSync(join(dir, file));
  symlinkSync("checklist.md", join(dir, file));
  expect(refused()).toContain(`berth: ${file}:1:1: the ticket has no ticket.yml that can be read.\n`);
});
