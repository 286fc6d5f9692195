import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Answer, startWorker } from "../support/processes.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { claimed, commit, ledgerFile, refs, refusal, team } from "../support/session.ts";
import { closed, opened } from "../support/tickets.ts";

const NAME = "training_142";
const FOLDER = `tickets/${NAME}`;

/** The lines of a ticket's ticket.yml in a commit of the hub. */
function ticketYml(box: Sandbox, rev: string, name = NAME): string {
  return box.git(box.hub, "show", `${rev}:tickets/${name}/ticket.yml`);
}

for (const remote of [true, false]) {
  test(`[TKT-01] [TKT-02] a ticket that is a session: its folder on the base and the planned session come in one push, ${remote ? "with" : "without"} a remote`, async () => {
    const { box, home } = await team({ remote });
    const berth = await box.open(home, "otter");
    const [base, ledger] = ["main", "berth/ledger"].map((branch) => box.git(box.hub, "rev-parse", branch));
    const made = await opened(berth, {
      session: true,
      priority: "now",
      capabilities: ["gpu"],
      url: "https://x.org/142",
    });
    const id = made.session?.id ?? "";
    expect(made).toMatchObject({
      ticket: { name: NAME, status: "open", priority: "now", branch: "main" },
      session: { state: "planned", agent: null },
      workspace: null,
    });
    expect(box.git(box.hub, "rev-list", "--count", `${base}..main`)).toBe("1");
    expect(box.git(box.hub, "rev-list", "--count", `${ledger}..berth/ledger`)).toBe("1");
    expect(box.git(box.hub, "diff", "--name-only", base ?? "", "main").split("\n")).toEqual(
      ["ACTIVE_SESSION.md", "artifacts/.gitkeep", "checklist.md", "ticket.yml"].map((file) => `${FOLDER}/${file}`),
    );
    expect(refs(box)).not.toContain("phase/");
    expect(box.git(home, "status", "--porcelain")).not.toContain("tickets");
    expect(ledgerFile(box, `planned/${id}/SESSION.md`)).toContain(`ticket: ${NAME}`);
    const { sessions } = await berth.list({ states: ["planned"] });
    expect(sessions).toMatchObject([{ id, ticket: NAME, priority: "now", capabilities: ["gpu"] }]);
    expect((await berth.ticketList({})).tickets).toMatchObject([{ ticket: NAME, session: { id, state: "planned" } }]);
    expect(await berth.ticketNext({})).toMatchObject({ ticket: { name: NAME, session: { id } } });
    // It is claimed like any other one.
    await refusal(berth.claim({ next: true }), "NOTHING_FITS");
    const result = await berth.claim({ next: true, capabilities: ["gpu"] });
    expect(result).toMatchObject({ session: { id }, claim: { epoch: 1 }, workspace: { branch: `session/${id}` } });
    await refusal(berth.ticketNext({}), "NOTHING_FITS");
  });
}

test("[TKT-02] [TKT-03] taking it claims its session: same workspace, and its documents say who began; others are told", async () => {
  const { box, berth } = await team();
  const { session } = await opened(berth, { session: true });
  const otter = await box.open(box.clone("other"), "otter");
  const taken = await otter.ticketTake({ ticket: NAME });
  if ("plan" in taken || !taken.workspace) throw new Error("no workspace");
  const { path, branch } = taken.workspace;
  expect(taken).toMatchObject({
    ticket: { name: NAME, status: "active" },
    session: { id: session?.id, state: "active", agent: "otter" },
  });
  expect(branch).toBe(`session/${session?.id}`);
  const there = await box.open(path, "otter");
  expect(await there.contextShow({})).toMatchObject({
    layout: "tickets",
    ticket: NAME,
    context: { status: "active", assistant: "otter", branch },
    problems: [],
  });
  const shown = await there.ticketShow({});
  expect(shown).toMatchObject({ problems: [], session: { id: session?.id, state: "active" } });
  expect(shown.ticket.startedAt).toMatch(/Z$/);
  const error = await refusal(berth.ticketTake({ ticket: NAME }), "CLAIM_LOST");
  expect(error.facts).toMatchObject({ winner: { agent: "otter", epoch: 1 } });
  // Nobody takes it as a ticket without a session, and no other machine is told that it is free.
  await refusal((await box.open(box.clone("third"), "mink")).ticketNext({ take: true }), "NOTHING_FITS");
  expect(box.git(path, "status", "--porcelain")).toBe("");
});

test("[TKT-04] [TKT-06] it is closed in its workspace and comes home with complete; the next phase is a session that waits for it", async () => {
  const { box, berth } = await team();
  const { session } = await opened(berth, { session: true, capabilities: ["gpu"], priority: "now" });
  const id = session?.id ?? "";
  const dir = await claimed(berth, id);
  const there = await box.open(dir, "agent one");
  await there.contextSet({ key: "decisions", add: ["Tokens"] });
  await refusal(there.ticketClose({}), "GATE_REFUSED");
  await there.ticketTick({ items: ["1", "2", "3", "5"] });
  commit(box, dir, `[${id}] feat: train`, { "src/model.txt": "model\n" });
  const done = await closed(there);
  expect(done).toMatchObject({
    ticket: { status: "done" },
    next: { ticket: { name: "validation_142", status: "open" }, session: { state: "planned" } },
  });
  const next = done.next?.session?.id ?? "";
  expect(refs(box)).not.toContain("phase/");
  expect(ticketYml(box, "main", "validation_142")).toContain("status: open");
  expect(box.git(box.hub, "show", "main:tickets/validation_142/ACTIVE_SESSION.md")).toContain("Tokens");
  expect((await berth.list({ states: ["planned"] })).sessions).toMatchObject([
    { id: next, ticket: "validation_142", depends: [id], capabilities: ["gpu"], priority: "now" },
  ]);
  // Closing again only says it again.
  expect((await closed(there)).next?.session?.id).toBe(next);
  await refusal(berth.ticketNext({}), "NOTHING_FITS");
  await refusal(berth.ticketTake({ ticket: "validation_142" }), "GATE_REFUSED");
  expect(await berth.complete({ id, tick: ["all"] })).toMatchObject({ workspaceRemoved: true, warnings: [] });
  expect(ticketYml(box, "main")).toContain("status: done");
  const taken = await berth.ticketNext({ take: true });
  expect(taken).toMatchObject({ session: { id: next, state: "active" }, ticket: { name: "validation_142" } });
});

test("[TKT-11] [INV-1] a session that was given back is next again, at its next epoch, with what was done", async () => {
  const { box, berth } = await team();
  const { session } = await opened(berth, { session: true });
  const id = session?.id ?? "";
  const dir = await claimed(berth, id);
  await (await box.open(dir, "agent one")).ticketTick({ items: ["1"] });
  commit(box, dir, `[${id}] docs: first`);
  await berth.release({ id, reason: "another day" });
  const otter = await box.open(box.clone("other"), "otter");
  const taken = await otter.ticketNext({ take: true });
  if (!("workspace" in taken) || !taken.workspace) throw new Error("no workspace");
  expect(taken).toMatchObject({
    session: { id, agent: "otter" },
    ticket: { status: "active", checklist: { done: 1 } },
  });
  expect((await otter.list({ states: ["active"] })).sessions).toMatchObject([{ id, epoch: 2 }]);
  // It may come home before its ticket is closed, and then is told of.
  const done = await (await box.open(taken.workspace.path, "otter")).complete({});
  expect("warnings" in done ? done.warnings.join() : "").toMatch(/training_142 is active on main/);
});

test("[TKT-02] what is there already is refused, and a dry run changes nothing", async () => {
  const { box, home, berth } = await team();
  const before = refs(box);
  const input = { phase: "training", issue: "142", title: "Train", session: true };
  const dry = await berth.ticketOpen({ ...input, dryRun: true });
  expect(dry).toMatchObject({
    plan: { branch: "main", files: { [`${FOLDER}/ticket.yml`]: expect.any(String) as string } },
  });
  expect(refs(box)).toBe(before);
  await refusal(berth.ticketOpen({ ...input, session: false, criteria: ["x"] }), "USAGE");
  const { session } = await opened(await box.open(home, "otter"), { session: true });
  const lost = await refusal(berth.ticketOpen(input), "CLAIM_LOST");
  expect(lost.facts).toMatchObject({ session: session?.id, winner: { agent: "otter" } });
  await refusal(berth.ticketOpen({ ...input, session: false }), "WRONG_STATE");
  await opened(berth, { issue: "7" });
  await refusal(berth.ticketOpen({ ...input, issue: "7" }), "CLAIM_LOST");
  const waits = await opened(berth, { ...input, issue: "8", depends: [NAME] });
  const { sessions } = await berth.list({ states: ["planned"] });
  expect(sessions.find(({ id }) => id === waits.session?.id)?.depends).toEqual([session?.id]);
});

test("[INV-5] [TKT-02] a hub that cannot move branches together, or does not take the base branch, refuses it with nothing changed", async () => {
  const { box, berth } = await team();
  const input = { phase: "training", issue: "142", title: "Train", session: true };
  box.git(box.hub, "config", "receive.advertiseAtomic", "false");
  const before = refs(box);
  await refusal(berth.ticketOpen(input), "HUB_REFUSED");
  expect(refs(box)).toBe(before);
  box.git(box.hub, "config", "receive.advertiseAtomic", "true");
  const hook = join(box.hub, "hooks/update");
  writeFileSync(hook, '#!/bin/sh\ntest "$1" != refs/heads/main\n', { mode: 0o755 });
  await refusal(berth.ticketOpen(input), "HUB_REFUSED");
  expect(refs(box)).toBe(before);
  rmSync(hook);
  expect(await opened(berth, input)).toMatchObject({ session: { state: "planned" } });
});

test("[TKT-02] whatever a title says, the session's plan is what it is", async () => {
  const { box, berth } = await team();
  const long = `Long ${"\u{1F600}".repeat(150)}`;
  for (const [issue, title] of [
    ["1", long],
    ["2", "## Acceptance Criteria: {{ x }} {% raw %}\u202e"],
    ["3", "---"],
  ] as const) {
    const { session, ticket } = await opened(berth, { issue, title, session: true });
    const plan = ledgerFile(box, `planned/${session?.id}/SESSION.md`);
    expect(plan.match(/^- \[ \] /gm)).toHaveLength(1);
    expect(plan).toContain(`(training_${issue})`);
    expect(ticket.title).toBe(title.replace("\u202e", "").trim());
  }
  expect((await berth.list({ states: ["planned"] })).sessions.map(({ problem }) => problem)).toEqual([
    null,
    null,
    null,
  ]);
});

/** Lets processes do the same thing at once, each as an agent of its own, and gives their answers. */
async function race(
  box: Sandbox,
  inputs: readonly {
    readonly dir: string;
    readonly agent: string;
    readonly input: Readonly<Record<string, unknown>>;
  }[],
  verb: string,
): Promise<readonly (Answer & { readonly agent: string })[]> {
  const workers = inputs.map((one) => ({ ...one, worker: startWorker(box, one) }));
  return Promise.all(
    workers.map(async ({ agent, input, worker }) => ({ agent, ...(await worker.run(verb, input).answer) })),
  );
}

for (const mixed of [false, true]) {
  test(`[TKT-02] [INV-1] of processes that open one ticket at once, ${mixed ? "some as a session and some on a branch" : "as a session"}, one wins, and the others are told`, async () => {
    const { box } = await team();
    const places = ["otter", "stoat", "mink", "marten"].map((agent, at) => ({
      agent,
      dir: box.clone(agent),
      input: { phase: "training", issue: "142", title: "Train", session: !mixed || at % 2 === 0 },
    }));
    const answers = await race(box, places, "ticketOpen");
    const winners = answers.filter(({ error }) => error === undefined);
    expect(
      winners.map(({ agent }) => agent),
      JSON.stringify(answers),
    ).toHaveLength(1);
    for (const { error } of answers.filter((one) => one.error !== undefined))
      expect(["CLAIM_LOST", "WRONG_STATE"], error?.message).toContain(error?.code);
    const session = places.find(({ agent }) => agent === winners[0]?.agent)?.input.session === true;
    expect(refs(box).includes(`phase/${NAME}`)).toBe(!session);
    const plans = box.git(box.hub, "ls-tree", "-r", "--name-only", "berth/ledger").match(/SESSION\.md$/gm) ?? [];
    expect(plans).toHaveLength(session ? 1 : 0);
    expect(box.git(box.hub, "log", "--format=%s", "main").match(/open the ticket/g) ?? []).toHaveLength(
      session ? 1 : 0,
    );
  });
}

for (const [late, step] of [
  ["branch", "ticket.intended"],
  ["session", "ledger.committed"],
] as const) {
  test(`[TKT-02] [INV-1] who opens a ticket on a branch and who opens it as a session never both win: the ${late} is the later one`, async () => {
    const { box } = await team();
    const input = { phase: "training", issue: "142", title: "Train", session: late === "session" };
    const worker = startWorker(box, { dir: box.clone("otter"), agent: "otter", machineDir: join(box.dir, "far") });
    const slow = worker.run("ticketOpen", input, { pauseAt: { step, occurrence: 1 } });
    await slow.paused;
    await opened(await box.open(box.clone("stoat"), "stoat"), { session: !input.session });
    const after = refs(box);
    slow.goOn();
    const { error } = await slow.answer;
    expect(error?.code, JSON.stringify(error)).toBe("CLAIM_LOST");
    expect(error?.facts).toMatchObject({ winner: { agent: "stoat" } });
    expect(refs(box)).toBe(after);
    expect(after.includes(`phase/${NAME}`)).toBe(input.session);
  });
}

test("[TKT-11] [INV-1] of processes that take what is next at once each gets another ticket, until none is left", async () => {
  const { box, berth } = await team();
  for (const issue of ["1", "2"]) await opened(berth, { issue, session: true });
  await opened(berth, { issue: "3", noWorkspace: true });
  const places = ["otter", "stoat", "mink", "marten"].map((agent) => ({
    agent,
    dir: box.clone(agent),
    input: { take: true },
  }));
  const answers = await race(box, places, "ticketNext");
  const names = answers.flatMap(
    ({ result }) => (result as { ticket: { name: string } } | undefined)?.ticket.name ?? [],
  );
  expect(
    names.toSorted((a, b) => (a < b ? -1 : 1)),
    JSON.stringify(answers),
  ).toEqual(["training_1", "training_2", "training_3"]);
  expect(answers.flatMap(({ error }) => error?.code ?? [])).toEqual(["NOTHING_FITS"]);
});

test("[TKT-13] what the central context says of the issue comes along", async () => {
  const { box, home, berth } = await team({
    files: {
      "docs/session-context/ACTIVE_SESSION.md":
        "---\nsession_id: s\ntask:\n  issue_number: 142\n  title: Train on it\ndecisions:\n  - Tokens\n---\n\n# Session\n",
    },
  });
  const made = await opened(berth, { session: true, title: undefined });
  expect(made.warnings.join()).toMatch(/was taken over/);
  box.git(home, "fetch", "-q");
  expect(box.git(home, "show", `origin/main:${FOLDER}/ACTIVE_SESSION.md`)).toContain("Tokens");
  expect(readFileSync(join(home, "docs/session-context/ACTIVE_SESSION.md"), "utf8")).toContain("Tokens");
});
