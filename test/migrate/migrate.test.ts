import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CENTRAL } from "../support/contexts.ts";
import { BROKEN, CHECKLIST, LEGACY, NAMED, TICKET, WILD } from "../support/legacy.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { commit, refusal, team } from "../support/session.ts";

const FILE = "docs/session-context/ACTIVE_SESSION.md";

/** Everything a commit holds, by path: mode and bytes. */
function tree(box: Sandbox, home: string, rev = "HEAD", without = "_migrations/"): string[] {
  return box
    .git(home, "ls-tree", "-r", rev)
    .split("\n")
    .filter((line) => !line.includes(without));
}

function at(box: Sandbox, home: string, path: string, rev = "HEAD"): string {
  return box.git(home, "show", `${rev}:${path}`);
}

/** A repository with every kind of legacy input. */
async function legacy(): Promise<Awaited<ReturnType<typeof team>> & { start: string }> {
  const made = await team({ remote: false });
  made.box.git(made.home, "add", "--all");
  const start = commit(made.box, made.home, "Legacy", { ...LEGACY, ...NAMED });
  return { ...made, start };
}

test("[TKT-10] [CTX-17] [CTX-18] all legacy kinds move in one commit, are proven, archived byte for byte, and come back", async () => {
  const { box, home, berth, start } = await legacy();
  const done = await berth.migrate({ to: "tickets" });
  expect(done).toMatchObject({ verified: true, checked: { files: 10 } });
  expect(done.plan.map(({ action, name }) => `${action} ${name ?? ""}`)).toEqual([
    "convert enablement_601",
    "convert enablement_printer",
    "convert enablement_docs",
    "convert enablement_142",
    "convert monitoring_401",
    "convert training_301",
    "convert enablement_2025-10-16-faster-start",
    "broken ",
  ]);
  expect(box.git(home, "rev-list", "--count", `${start}..HEAD`)).toBe("1");
  expect(box.git(home, "status", "--porcelain")).toBe("");
  for (const { from, archived } of done.plan.filter(({ action }) => action === "convert")) {
    for (const [index, path] of from.entries()) {
      const archive = archived[index] ?? "";
      expect(box.git(home, "rev-parse", `HEAD:${archive}`)).toBe(box.git(home, "rev-parse", `${start}:${path}`));
      expect(readFileSync(join(home, archive), "utf8")).toBe(LEGACY[path]);
      expect(() => at(box, home, path)).toThrow("exist");
    }
  }
  expect(at(box, home, "tickets/training_999/ACTIVE_SESSION.md")).toBe(BROKEN.trimEnd());
  expect((await berth.contextShow({ ticket: "enablement_142" })).context).toMatchObject({
    task: { issue_number: 142 },
  });
  const archives = done.plan.flatMap(({ archived }) => archived);
  const judged = await berth.contextValidate({ files: archives.filter((path) => path.endsWith("ACTIVE_SESSION.md")) });
  expect(judged.files).toMatchObject([{ format: "fenced" }]);
  const again = await berth.migrate({ to: "tickets" });
  expect(again).toMatchObject({ run: null, commit: null, plan: [{ action: "broken" }] });
  const back = await berth.migrate({ rollback: done.run ?? "" });
  expect(back).toMatchObject({ verified: true, warnings: [] });
  expect(box.git(home, "rev-parse", "HEAD^{tree}")).toBe(box.git(home, "rev-parse", `${start}^{tree}`));
  expect(box.git(home, "status", "--porcelain")).toBe("");
  expect(await berth.migrate({ rollback: done.run ?? "" })).toMatchObject({ plan: [], commit: null });
});

test("[TKT-10] a dry run shows the same plan, and changes nothing", async () => {
  const { box, home, berth, start } = await legacy();
  const shown = await berth.migrate({ to: "tickets", dryRun: true });
  expect(shown).toMatchObject({ verified: null, commit: null });
  expect(box.git(home, "rev-parse", "HEAD")).toBe(start);
  expect(box.git(home, "status", "--porcelain")).toBe("");
  const done = await berth.migrate({ to: "tickets" });
  expect({ run: done.run, plan: done.plan }).toEqual({ run: shown.run, plan: shown.plan });
});

test("[CTX-18] what is named moves from where it is, and takes the name that is given", async () => {
  const { box, home, berth } = await legacy();
  await refusal(berth.migrate({ to: "tickets", from: ["elsewhere"] }), "NOT_FOUND");
  await refusal(berth.migrate({ to: "tickets", from: [".."] }), "INVALID");
  await refusal(berth.migrate({ to: "tickets", only: ["scope_5"] }), "NOT_FOUND");
  const one = await berth.migrate({ to: "tickets", from: ["notes/prose.md"], only: ["scope_5"] });
  expect(one.plan).toMatchObject([
    { action: "convert", to: ["tickets/scope_5/ACTIVE_SESSION.md", "tickets/scope_5/ticket.yml"] },
  ]);
  const rest = await berth.migrate({ to: "tickets", from: ["notes"] });
  expect(rest.plan.map(({ name }) => name)).toEqual(["enablement_801", "training_501", "enablement_notes-team"]);
  expect(tree(box, home).filter((line) => line.includes("\tnotes/"))).toEqual([]);
  const crlf = box.git(home, "cat-file", "blob", "HEAD:tickets/enablement_801/ACTIVE_SESSION.md");
  expect(crlf.startsWith("\uFEFF---\r\n")).toBe(true);
});

test("[TKT-10] each ticket moves on its own, and the others stay where they are", async () => {
  const { box, home, berth } = await legacy();
  await berth.migrate({ to: "tickets", only: ["enablement_601"] });
  expect(at(box, home, "ACTIVE_SESSIONS.md")).toContain("## Printer");
  expect(at(box, home, "ACTIVE_SESSIONS.md")).not.toContain("## Parser");
  expect(at(box, home, FILE)).toContain("Session Metadata");
  const next = await berth.migrate({ to: "tickets", only: ["enablement_printer"] });
  expect(() => at(box, home, "ACTIVE_SESSIONS.md")).toThrow("exist");
  expect(next.plan).toMatchObject([{ name: "enablement_printer" }]);
  // Of all that could go there, it is the one that came from there.
  await berth.migrate({ to: "tickets", only: ["enablement_142"] });
  const [back] = (await berth.migrate({ to: "central" })).plan;
  expect(back).toMatchObject({ action: "restore", name: "enablement_142", to: [FILE] });
});

test("[TKT-10] there and back is byte for byte what it was, in both directions", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.git(home, "add", "--all");
  commit(box, home, "Central", { [FILE]: WILD });
  const before = tree(box, home);
  const there = await berth.migrate({ to: "tickets" });
  expect(there.plan).toMatchObject([{ action: "convert", name: "enablement_142" }]);
  const back = await berth.migrate({ to: "central" });
  expect(back.plan).toMatchObject([{ action: "restore", to: [FILE] }]);
  expect(tree(box, home)).toEqual(before);
  await berth.migrate({ to: "tickets" });
  await berth.migrate({ to: "central" });
  expect(tree(box, home)).toEqual(before);
  const runs = box.git(home, "ls-tree", "--name-only", "HEAD", "docs/session-context/_migrations/").split("\n");
  expect(runs).toHaveLength(4);
});

test("[TKT-10] a ticket becomes the central context and comes back with its ticket.yml and checklist", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.git(home, "add", "--all");
  const ticket = "tickets/validation_701";
  commit(box, home, "Ticket", {
    [`${ticket}/ACTIVE_SESSION.md`]: CENTRAL.replaceAll("142", "701").replace("phase: training", "phase: validation"),
    [`${ticket}/ticket.yml`]: TICKET,
    [`${ticket}/checklist.md`]: CHECKLIST,
    [`${ticket}/artifacts/a.txt`]: "a\n",
    "tickets/scope_2/ACTIVE_SESSION.md": CENTRAL.replaceAll("142", "2").replace("status: active", "status: done"),
  });
  const before = tree(box, home);
  const there = await berth.migrate({ to: "central" });
  expect(there.plan.map(({ action, name }) => [action, name])).toEqual([
    ["convert", "validation_701"],
    ["stay", "scope_2"],
  ]);
  const { context, body } = await berth.contextShow({});
  expect(context).toMatchObject({ ticket: { team: "checkers", checklist: [{ name: "review" }] } });
  expect(body).toContain(CHECKLIST);
  expect(tree(box, home).filter((line) => line.includes(ticket) && !line.includes("_legacy"))).toHaveLength(1);
  // The place is taken: another one would be lost in it.
  expect(await berth.migrate({ to: "central", only: ["scope_2"] })).toMatchObject({
    run: null,
    plan: [{ action: "stay" }],
  });
  const back = await berth.migrate({ to: "tickets" });
  expect(back.plan).toMatchObject([{ action: "restore" }]);
  expect(tree(box, home)).toEqual(before);
});

test("[TKT-10] what was changed since is converted, and both stay readable", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.git(home, "add", "--all");
  commit(box, home, "Central", { [FILE]: WILD });
  await berth.migrate({ to: "tickets" });
  await berth.contextSet({ key: "decisions", add: ["Since"], ticket: "enablement_142" });
  commit(box, home, "Since");
  const back = await berth.migrate({ to: "central" });
  expect(back.plan).toMatchObject([{ action: "convert", to: [FILE] }]);
  expect((await berth.contextShow({})).context).toMatchObject({ decisions: ["Since"], ticket: { issue_id: 142 } });
  expect(tree(box, home).filter((line) => line.includes("_legacy/"))).toHaveLength(3);
});

test("[CTX-18] a context that is in its place already is taken over as front matter there", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.git(home, "add", "--all");
  commit(box, home, "Central", { [FILE]: WILD });
  expect((await berth.migrate({ to: "central" })).plan).toMatchObject([
    { action: "convert", from: [FILE], to: [FILE] },
  ]);
  await berth.contextSet({ key: "blockers", add: ["One"] });
  expect((await berth.contextShow({})).format).toBe("front-matter");
  commit(box, home, "Since");
  expect(await berth.migrate({ to: "central" })).toMatchObject({ run: null, plan: [] });
});

test("[TKT-10] [INV-3] sources that no commit has are refused, other files of the checkout stay as they are", async () => {
  const { box, home, berth, start } = await legacy();
  box.write(home, { [FILE]: `${WILD}more\n` });
  const error = await refusal(berth.migrate({ to: "tickets" }), "DIRTY");
  expect(error.facts["paths"]).toEqual([FILE]);
  box.git(home, "checkout", "-q", FILE);
  box.write(home, { "docs/session-context/handoff-new.md": "New\n" });
  await refusal(berth.migrate({ to: "tickets" }), "DIRTY");
  rmSync(join(home, "docs/session-context/handoff-new.md"));
  box.write(home, { "tickets/enablement_142/ticket.yml": "somebody's\n" });
  await refusal(berth.migrate({ to: "tickets" }), "CHECKOUT_OVERLAP");
  expect(readFileSync(join(home, "tickets/enablement_142/ticket.yml"), "utf8")).toBe("somebody's\n");
  rmSync(join(home, "tickets/enablement_142/ticket.yml"));
  expect(box.git(home, "rev-parse", "HEAD")).toBe(start);
  box.write(home, { "src/a.txt": "edited\n", "src/loose.txt": "loose\n", "src/staged.txt": "staged\n" });
  box.git(home, "add", "src/staged.txt");
  await berth.migrate({ to: "tickets" });
  expect(box.git(home, "status", "--porcelain")).toBe(" M src/a.txt\nA  src/staged.txt\n?? src/loose.txt");
  expect(box.git(home, "show", "--name-only", "--format=", "HEAD", "--", "src")).toBe("");
});

test("[TKT-10] in the middle of a merge, on no branch and through a link nothing is done", async () => {
  const { box, home, berth } = await legacy();
  box.git(home, "checkout", "-q", "--detach");
  await refusal(berth.migrate({ to: "tickets" }), "WRONG_STATE");
  box.git(home, "checkout", "-q", "main");
  writeFileSync(join(home, ".git/MERGE_HEAD"), `${box.git(home, "rev-parse", "HEAD")}\n`);
  await refusal(berth.migrate({ to: "tickets" }), "WRONG_STATE");
  rmSync(join(home, ".git/MERGE_HEAD"));
  rmSync(join(home, FILE));
  symlinkSync("/etc/hostname", join(home, FILE));
  commit(box, home, "A link");
  const done = await berth.migrate({ to: "tickets" });
  expect(done.plan.filter(({ action }) => action === "broken").map(({ from }) => from[0])).toEqual([
    FILE,
    "tickets/training_999/ACTIVE_SESSION.md",
  ]);
});

test("[TKT-10] of two runs at once one makes the commit, and the other finds nothing left", async () => {
  const { box, home, start } = await legacy();
  const [a, b] = await Promise.all([1, 2].map(async () => (await box.open(home)).migrate({ to: "tickets" })));
  expect([a?.run, b?.run].filter((run) => run === null)).toHaveLength(1);
  expect(box.git(home, "rev-list", "--count", `${start}..HEAD`)).toBe("1");
});

test("[TKT-10] two branches on which the same was done merge without a conflict", async () => {
  const { box, home, berth, start } = await legacy();
  await berth.migrate({ to: "tickets" });
  const first = box.git(home, "rev-parse", "HEAD^{tree}");
  box.git(home, "checkout", "-q", "-b", "other", start);
  await berth.migrate({ to: "tickets" });
  expect(box.git(home, "rev-parse", "HEAD^{tree}")).toBe(first);
  commit(box, home, "More", { "src/more.txt": "more\n" });
  box.git(home, "merge", "-q", "--no-edit", "main");
});

test("[TKT-10] a link where contexts would be kept is refused by a dry run and by the run", async () => {
  const { box, home, berth } = await team({ remote: false });
  mkdirSync(join(home, "real"), { recursive: true });
  mkdirSync(join(home, "docs"), { recursive: true });
  symlinkSync("../real", join(home, "docs/session-context"));
  const before = commit(box, home, "Begin", { "old.md": WILD });
  for (const dryRun of [true, false]) {
    const error = await refusal(berth.migrate({ to: "tickets", from: ["old.md"], dryRun }), "WRONG_STATE");
    expect(error.message).toContain("docs/session-context is no folder");
  }
  expect(box.git(home, "rev-parse", "HEAD")).toBe(before);
});
