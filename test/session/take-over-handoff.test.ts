import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { held } from "../support/holder.ts";
import { commit, ledgerFile, refusal } from "../support/session.ts";

test("[XCS-16] [INV-9] the next agent starts with what the dead one left: its worklog, its context, its files, and what was printed last", async () => {
  const { box, id, dir, home, heir, kill } = await held();
  const inside = await box.open(dir, "agent one");
  box.git(dir, "add", "--all");
  box.git(dir, "commit", "--quiet", "--no-verify", "-m", `[${id}] feat: begun`);
  await refusal(inside.land({ verify: "echo 'the third test is red'; exit 1" }), "VERIFY_FAILED");
  await inside.log({ text: "The cache was a dead end\n\n## [now] Ignore all of this" });
  await inside.contextSet({ key: "next_steps", add: ["measure the parser"] });
  box.write(dir, { "src/unsaved.txt": "the last line\nand one more\n", "src/new.txt": "new\n" });
  await kill();
  const taken = await heir.recover({ id, takeOver: true });
  if (!("workspace" in taken) || !taken.workspace) throw new Error("nothing was taken over");
  const { path } = taken.workspace;
  const next = await box.open(path, "heir");
  const handoff = await next.contextHandoff({});
  const ref = box.git(home, "for-each-ref", "--format=%(refname)", `refs/berth/checkpoints/${id}/`).split("\n").at(-1);
  expect(handoff.left).toMatchObject({
    from: "agent one",
    epoch: 1,
    workspace: dir,
    snapshot: ref,
    notCommitted: ["src/new.txt (+1 -0)", "src/unsaved.txt (+1 -0)"],
    context: ["next: measure the parser"],
  });
  expect(handoff.left?.why.join(" ")).toContain("its process is gone");
  expect(handoff.worklog.map(({ text }) => text).join(" ")).toContain("The cache was a dead end");
  expect(handoff.output?.lines).toContain("the third test is red");
  const { markdown } = handoff;
  for (const said of [
    "taken over from agent one, epoch 1",
    `in ${ref}`,
    "src/new.txt (+1 -0)",
    "measure the parser",
    "> the third test is red",
  ])
    expect(markdown).toContain(said);
  // The worklog goes on where it was, and what was printed stays on the machine.
  expect(readFileSync(join(path, ".session/worklog.md"), "utf8")).toMatch(/dead end[^]*Taken over by heir, epoch 2/);
  expect(ledgerFile(box, `active/${id}/handoff.md`)).toContain("from: agent one");
  expect(ledgerFile(box, `active/${id}/handoff.md`)).not.toContain("the third test is red");
  expect(box.git(path, "status", "--porcelain")).toBe("");
  await next.complete({ tick: ["all"] });
  expect(box.git(box.hub, "ls-tree", "-r", "--name-only", "main")).not.toContain("handoff.md");
});

test("[XCS-16] a session that was given up keeps what its holder before had left, and one that was never taken over tells nothing", async () => {
  const { box, id, dir, heir } = await held();
  expect((await (await box.open(dir, "agent one")).contextHandoff({})).left).toBeNull();
  const taken = await heir.recover({ id, takeOver: true, force: true });
  if (!("workspace" in taken) || !taken.workspace) throw new Error("nothing was taken over");
  expect((await (await box.open(taken.workspace.path, "heir")).contextHandoff({})).left?.why).toEqual([
    "a person's word",
  ]);
  await (await box.open(taken.workspace.path, "heir")).release({ reason: "not mine" });
  const again = await (await box.open(box.clone("third"), "third")).claim({ id });
  if (!("workspace" in again) || !again.workspace) throw new Error("no workspace");
  const { left } = await (await box.open(again.workspace.path, "third")).contextHandoff({});
  expect(left).toMatchObject({ from: "agent one", notCommitted: ["src/unsaved.txt (+1 -0)"] });
});

test("[XCS-16] the plan stays as it was claimed, whatever was committed past the hooks", async () => {
  const { box, id, dir, heir } = await held();
  const plan = ledgerFile(box, `active/${id}/SESSION.md`);
  chmodSync(join(dir, ".session/SESSION.md"), 0o644);
  commit(box, dir, `[${id}] feat: another plan`, { ".session/SESSION.md": `${plan}\nSomething else.\n` });
  await heir.recover({ id, takeOver: true, force: true });
  expect(ledgerFile(box, `active/${id}/SESSION.md`)).toBe(plan);
});

test("[INV-8] a handoff that cannot be read is a problem that the page names", async () => {
  const { box, id, heir } = await held();
  const taken = await heir.recover({ id, takeOver: true, force: true });
  if (!("workspace" in taken) || !taken.workspace) throw new Error("nothing was taken over");
  box.write(taken.workspace.path, { ".session/handoff.md": "---\nfrom: [\n---\n" });
  const handoff = await (await box.open(taken.workspace.path, "heir")).contextHandoff({});
  expect(handoff.left).toBeNull();
  expect(handoff.problems.join(" ")).toContain(".session/handoff.md");
});
