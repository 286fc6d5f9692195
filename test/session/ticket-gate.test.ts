import { readFileSync } from "node:fs";
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
  expect(commits(box, dir, { [foreign]: `${text}more\n` }, "other")).toThrow(/belongs to the ticket training_7/);
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
