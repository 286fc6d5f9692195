import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planned, type Sandbox } from "../support/sandbox.ts";
import { claimed, commit, refs, refusal, team } from "../support/session.ts";
import { closed, opened } from "../support/tickets.ts";

const NAME = "training_142";
const BRANCH = `phase/${NAME}`;

/** A team whose settings put sessions of tickets onto the tickets' branches. */
async function onPhases(options: Parameters<typeof team>[0] = {}): Promise<Awaited<ReturnType<typeof team>>> {
  const made = await team(options);
  appendFileSync(join(made.home, ".berth/config.yaml"), "context:\n  branch: phase\n");
  commit(made.box, made.home, "Set up Berth");
  if (options.remote !== false) made.box.git(made.home, "push", "-q", "origin", "main");
  return { ...made, berth: await made.box.open(made.home, "agent one") };
}

const branches = (box: Sandbox): string[] => refs(box).match(/refs\/heads\/(?:phase|session)\/\S+/g) ?? [];

for (const [remote, workspace] of [
  [true, "worktree"],
  [true, "clone"],
  [false, "worktree"],
] as const) {
  test(`[TKT-02] [ASP-08] a session of a ticket is worked on the ticket's branch from its claim to its end: ${workspace}, ${remote ? "with" : "without"} a remote`, async () => {
    const { box, home, berth } = await onPhases({ remote });
    const { session } = await opened(berth, { session: true });
    const id = session?.id ?? "";
    expect(branches(box)).toEqual([]);
    const dir = await claimed(berth, id, { workspace });
    expect(box.git(dir, "branch", "--show-current")).toBe(BRANCH);
    expect((await berth.list({})).sessions).toMatchObject([{ id, branch: BRANCH }]);
    const there = await box.open(dir, "agent one");
    expect((await there.contextShow({})).context).toMatchObject({ branch: BRANCH, status: "active" });
    commit(box, dir, `[${id}] feat: one`, { "src/one.txt": "one\n" });
    await there.sync({});
    expect((await there.drift({})).files.touched).toContain("src/one.txt");
    await there.log({ text: "Counting per account" });
    await there.land({});
    expect((await berth.show({ id })).worklog).toContain("Counting per account");
    expect(box.git(box.hub, "show", "main:src/one.txt")).toBe("one");
    if (remote) expect(branches(box)).toEqual([`refs/heads/${BRANCH}`]);
    commit(box, dir, `[${id}] feat: two`, { "src/two.txt": "two\n" });
    if (workspace === "worktree") {
      await there.ticketTick({ items: ["1", "2", "3", "5"] });
      await closed(there);
    }
    await there.complete({ commit: true, tick: ["all"] });
    expect(box.git(box.hub, "show", "main:src/two.txt")).toBe("two");
    expect(branches(box)).toEqual([]);
    expect(box.git(home, "branch", "--list", "phase/*", "session/*")).toBe("");
    expect((await berth.doctor({})).checks.filter(({ ok }) => !ok)).toEqual([]);
  });
}

test("[INV-2] [TKT-02] who takes over goes on on the same branch, and the old holder can publish nothing there any more", async () => {
  const { box, berth } = await onPhases();
  const { session } = await opened(berth, { session: true });
  const id = session?.id ?? "";
  const dir = await claimed(berth, id);
  commit(box, dir, `[${id}] feat: one`, { "src/one.txt": "one\n" });
  await berth.sync({ id });
  const pushed = box.git(dir, "rev-parse", "HEAD");
  box.git(dir, "push", "-q", "origin", BRANCH);
  const heir = await box.open(box.clone("far"), "heir");
  const taken = await heir.recover({ id, takeOver: true, force: true });
  if (!("workspace" in taken) || !taken.workspace) throw new Error("no workspace");
  expect(taken).toMatchObject({ claim: { epoch: 2, holder: "heir" }, workspace: { branch: BRANCH } });
  expect(readFileSync(join(taken.workspace.path, "src/one.txt"), "utf8")).toBe("one\n");
  expect(box.git(box.hub, "merge-base", "--is-ancestor", pushed, BRANCH)).toBe("");
  commit(box, dir, `[${id}] feat: late`, { "src/late.txt": "late\n" });
  const at = refs(box);
  expect((await refusal(berth.land({ id }), "STALE_EPOCH")).message).toMatch(/heir holds it at epoch 2/);
  expect(() => box.git(dir, "push", "-q", "origin", BRANCH)).toThrow();
  expect(refs(box)).toBe(at);
  await heir.complete({ id, tick: ["all"] });
  expect(branches(box)).toEqual([]);
});

test("[INV-3] a branch that holds other work is left alone, and other sessions have branches of their own", async () => {
  const { box, home, berth } = await onPhases();
  const plain = await opened(berth, { issue: "7" });
  commit(box, plain.dir, "[training_7] feat: by hand", { "src/hand.txt": "hand\n" });
  box.git(plain.dir, "push", "-q", "origin", "phase/training_7");
  const at = box.git(box.hub, "rev-parse", "phase/training_7");
  const id = await planned(berth, "Train seven");
  const plan = readFileSync(join(home, "_AGENTS/sessions/planned", id, "SESSION.md"), "utf8");
  await berth.edit({ id, text: plan.replace("---\n", "---\nticket: training_7\n") });
  const far = await box.open(box.clone("far"), "otter");
  const made = await far.claim({ id });
  expect(made).toMatchObject({ workspace: { branch: `session/${id}` } });
  expect(made.warnings.join()).toMatch(/phase\/training_7 holds other work/);
  expect(box.git(box.hub, "rev-parse", "phase/training_7")).toBe(at);
  const other = await planned(berth, "No ticket");
  expect(await berth.claim({ id: other })).toMatchObject({ workspace: { branch: `session/${other}` } });
});

test("[ASP-08] a session that was given back keeps its branch, whatever the settings say by then", async () => {
  const { box, home, berth } = await onPhases();
  const { session } = await opened(berth, { session: true });
  const id = session?.id ?? "";
  const dir = await claimed(berth, id);
  commit(box, dir, `[${id}] feat: one`, { "src/one.txt": "one\n" });
  await berth.release({ id, reason: "another day" });
  const config = join(home, ".berth/config.yaml");
  commit(box, home, "Back", {
    ".berth/config.yaml": readFileSync(config, "utf8").replace("branch: phase", "branch: session"),
  });
  const again = await (await box.open(home, "otter")).ticketTake({ ticket: NAME });
  if ("plan" in again || !again.workspace) throw new Error("no workspace");
  expect(again.workspace.branch).toBe(BRANCH);
  expect(readFileSync(join(again.workspace.path, "src/one.txt"), "utf8")).toBe("one\n");
});

test("[ASP-08] a branch called phase leaves no room, and is named with the way out", async () => {
  const { box, home, berth } = await onPhases();
  const { session } = await opened(berth, { session: true });
  box.git(home, "branch", "phase");
  const error = await refusal(berth.claim({ id: session?.id ?? "" }), "FAILED");
  expect(error.hint).toContain("git branch -m phase phase-old");
});
