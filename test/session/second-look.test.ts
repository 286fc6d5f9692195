import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { claimed, commit, ledgerFile, refs, refusal, team, working } from "../support/session.ts";
import { planned } from "../support/sandbox.ts";

const FOLDER = "_AGENTS/sessions";

test("[INV-3] [INV-8] a ledger that the hub has lost is kept here, and not begun anew", async () => {
  const { box, berth } = await team();
  await planned(berth, "Remembered");
  const other = box.clone("other");
  const last = box.git(other, "rev-parse", "origin/berth/ledger");
  box.git(box.hub, "update-ref", "-d", "refs/heads/berth/ledger");
  const late = await box.open(other, "late");
  for (const work of [() => late.list({ fetch: true }), () => late.init({}), () => berth.draft({ title: "More" })]) {
    const refused = await refusal(work(), "UNREADABLE");
    expect(refused.message).toContain(last.slice(0, 10));
    expect(refused.hint).toContain("git push origin refs/remotes/origin/berth/ledger:refs/heads/berth/ledger");
  }
  expect(box.git(other, "rev-parse", "origin/berth/ledger")).toBe(last);
  box.git(other, "push", "--quiet", "origin", "refs/remotes/origin/berth/ledger:refs/heads/berth/ledger");
  expect((await late.list({ fetch: true })).sessions).toHaveLength(1);
});

test("[ASP-29] [INV-1] a claim made by hand elsewhere is not adopted for having the same address", async () => {
  const { box, home, berth } = await team();
  const id = await planned(berth, "By hand");
  const hand = box.clone("hand");
  await (await box.open(hand, "otter")).init({});
  const shown = join(hand, FOLDER);
  mkdirSync(join(shown, "active"), { recursive: true });
  box.git(shown, "mv", `planned/${id}`, `active/${id}`);
  writeFileSync(join(shown, "sessions.lock"), `${id}:1790000000\n`);
  box.git(shown, "add", "--all");
  box.git(shown, "commit", "--quiet", "-m", "Claim by hand");
  box.git(shown, "push", "--quiet", "origin", "HEAD:berth/ledger");
  expect(box.git(home, "config", "user.email")).toBe(box.git(hand, "config", "user.email"));
  const refused = await refusal(berth.claim({ id }), "CLAIM_LOST");
  expect(refused.hint).toContain(`berth recover ${id} --take-over --force`);
  expect(await (await box.open(hand)).claim({ id })).toMatchObject({ claim: { epoch: 1 } });
});

test("[ASP-09] a plan that was changed past the hooks does not reach the ledger by giving up", async () => {
  const { box, berth } = await team();
  for (const verb of ["release", "abandon"] as const) {
    const { id, dir } = await working(berth, `Tampered ${verb}`);
    const frozen = ledgerFile(box, `active/${id}/SESSION.md`);
    chmodSync(join(dir, ".session/SESSION.md"), 0o644);
    commit(box, dir, `[${id}] docs: easier`, { ".session/SESSION.md": frozen.replace("- [ ] ", "- [ ] TAMPERED ") });
    await berth[verb]({ id, reason: "r" });
    expect(ledgerFile(box, `${verb === "release" ? "planned" : "abandoned"}/${id}/SESSION.md`)).toBe(frozen);
  }
});

test("[ASP-04] an edit tells whose text it replaced, and with the text it was made from it is refused", async () => {
  const { box, berth } = await team();
  const id = await planned(berth, "Edited twice");
  const was = `${ledgerFile(box, `planned/${id}/SESSION.md`)}\n`;
  const [a, b] = ["A", "B"].map((word) => was.replace("## Context\n", `## Context\n\n${word}\n`));
  expect(await berth.edit({ id, text: a ?? "" })).toMatchObject({ warnings: [] });
  const refused = await refusal(berth.edit({ id, text: b ?? "", was }), "MERGE_CONFLICT");
  expect(refused.message).toContain("changed by somebody else");
  const replaced = await berth.edit({ id, text: b ?? "" });
  const command = /git show (\S+)/.exec((replaced as { warnings: readonly string[] }).warnings.join(" "));
  expect(`${box.git(box.hub, "show", command?.[1] ?? "")}\n`).toBe(a);
});

test("[ASP-04] sessions that wait for each other are not ready", async () => {
  const { berth } = await team();
  const first = await berth.draft({ title: "First", context: "c", criteria: ["x"] });
  if (!("session" in first)) throw new Error("no session");
  const second = await planned(berth, "Second", { depends: [first.session.id] });
  const { text } = (await berth.edit({ id: first.session.id })) as { text: string };
  await berth.edit({ id: first.session.id, text: text.replace(/^depends:.*$/m, `depends: [${second}]`) });
  const refused = await refusal(berth.ready({ id: first.session.id }), "GATE_REFUSED");
  expect(refused.message).toContain(`depends on itself: ${first.session.id} -> ${second} -> ${first.session.id}`);
});

test("[ASP-22] [ASP-29] claiming the next takes up what was edited by hand in its plan", async () => {
  const { box, home, berth } = await team();
  const id = await planned(berth, "Edited");
  const file = join(home, FOLDER, "planned", id, "SESSION.md");
  writeFileSync(file, readFileSync(file, "utf8").replace("## Context\n", "## Context\n\nBy hand.\n"));
  await berth.claim({ next: true });
  expect(ledgerFile(box, `active/${id}/SESSION.md`)).toContain("By hand.");
  expect(box.git(join(home, FOLDER), "status", "--porcelain")).toBe("");
});

test("[ASP-12] a base branch with a session's folder is named at the claim, where to mend it", async () => {
  const { box, home, berth } = await team();
  const id = await planned(berth, "In the way");
  box.write(home, { ".session/SESSION.md": "left\n" });
  box.git(home, "add", "--force", ".session");
  box.git(home, "commit", "--quiet", "-m", "Leave it");
  box.git(home, "push", "--quiet", "origin", "main");
  const before = refs(box);
  expect((await refusal(berth.claim({ id }), "GATE_REFUSED")).hint).toContain("git rm -r .session");
  expect(refs(box)).toEqual(before);
});

test("[ASP-08] who claims again from elsewhere is told where his workspace is", async () => {
  const { berth } = await team();
  const id = await planned(berth, "Again");
  const dir = await claimed(berth, id);
  expect((await refusal(berth.claim({ id }), "CLAIM_LOST")).hint).toContain(`cd ${dir}`);
});

test("[ASP-28] init refuses files where the ledger would be shown, and changes nothing", async () => {
  const { box } = await team({ remote: true });
  const home = box.clone("tracked");
  box.git(box.hub, "update-ref", "-d", "refs/heads/berth/ledger");
  box.git(home, "update-ref", "-d", "refs/remotes/origin/berth/ledger");
  box.write(home, { [`${FOLDER}/planned/x/SESSION.md`]: "# X\n" });
  const before = refs(box);
  const refused = await refusal((await box.open(home)).init({}), "INVALID");
  expect(refused.message).toContain(`${FOLDER} holds files already`);
  expect(refs(box)).toEqual(before);
  expect(existsSync(join(home, ".berth"))).toBe(false);
});

test("workspaces of several clones of one machine have port ranges of their own", async () => {
  const { box, berth } = await team();
  const ids = [await planned(berth, "One"), await planned(berth, "Two")];
  const other = await box.open(box.clone("other"), "agent two");
  await other.init({});
  const dirs = [await claimed(berth, ids[0] ?? ""), await claimed(other, ids[1] ?? "")];
  const ports = dirs.map(
    (dir) => /BERTH_PORT='(\d+)'/.exec(readFileSync(join(dir, ".session/.session-env"), "utf8"))?.[1],
  );
  expect(ports).toEqual(["20000", "20020"]);
});

test("[ASP-13] a dry run of a completion that would commit does not stumble over what is to be committed", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Dry");
  box.write(dir, { "new.txt": "new\n" });
  expect(await berth.complete({ id, commit: true, tick: ["all"], dryRun: true })).toHaveProperty("plan");
  expect(box.git(dir, "status", "--porcelain")).toContain("new.txt");
});
