import { readFileSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { setYaml } from "../../src/document/yaml-file.ts";
import type { Berth } from "../../src/open.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { commit, refusal, team, working } from "../support/session.ts";
import { closed, opened } from "../support/tickets.ts";

const FOLDER = "tickets/training_142";

/** A ticket's workspace, opened for an agent, whose gate is open but for what a test does. */
async function begun(
  options: { remote?: boolean; settings?: Readonly<Record<string, unknown>>; ticked?: boolean } = {},
): Promise<{ box: Sandbox; home: string; dir: string; berth: Berth }> {
  const { box, home } = await team(options);
  const { dir } = await opened(await box.open(home, "otter"), { priority: "now", parents: ["12"] });
  const berth = await box.open(dir, "otter");
  if (options.ticked !== false) await berth.ticketTick({ items: ["1", "2", "3", "5"] });
  return { box, home, dir, berth };
}

function change(box: Sandbox, dir: string, changes: Readonly<Record<string, unknown>>): void {
  const file = `${FOLDER}/ticket.yml`;
  box.write(dir, { [file]: setYaml(readFileSync(join(dir, file), "utf8"), changes, file) });
}

test("[TKT-04] items are ticked by number and by words, and stay ticked; nothing is committed", async () => {
  const { box, dir, berth } = await begun({ remote: false, ticked: false });
  const made = await berth.ticketTick({ items: ["2", "all tests"] });
  expect(made.ticked).toEqual(["Tests show it", "All tests pass"]);
  expect((await berth.ticketTick({ items: ["2"] })).ticked).toEqual([]);
  expect((await berth.ticketTick({ items: ["1"], dryRun: true })).ticked).toHaveLength(1);
  expect((await berth.ticketShow({})).ticket.checklist).toEqual({ done: 2, all: 5, left: 2 });
  await refusal(berth.ticketTick({ items: ["9"] }), "INVALID");
  await refusal(berth.ticketTick({ items: ["no such words"] }), "NOT_FOUND");
  await refusal(berth.ticketTick({ items: ["e"] }), "USAGE");
  expect(box.git(dir, "status", "--porcelain")).toBe(` M ${FOLDER}/checklist.md`);
});

for (const remote of [true, false]) {
  test(`[TKT-04] [TKT-06] [TKT-12] closing commits the folder alone, and opens the next phase with what is to go on, ${remote ? "with" : "without"} a remote`, async () => {
    const { box, home, dir, berth } = await begun({ remote });
    await berth.contextSet({ key: "decisions", add: ["Tokens"] });
    await berth.contextSet({ key: "blockers", add: ["The data of May"] });
    await berth.contextSet({ key: "next_steps", add: ["Judge it"] });
    await berth.contextSet({ key: "handoff_requirements", add: ["Read the report"] });
    await berth.contextSet({ key: "parent_crd", value: { issue_number: 12 } });
    change(box, dir, { team: "lab", client: "acme" });
    box.write(dir, { "src/a.txt": "loose\n", "src/staged.txt": "staged\n" });
    box.git(dir, "add", "src/staged.txt");
    const made = await closed(berth);
    expect(made).toMatchObject({
      ticket: { status: "done", nextPhase: "validation" },
      next: {
        branch: "phase/validation_142",
        ticket: { status: "open", mode: "evaluate", priority: "now", depends: ["training_142"], parents: ["12"] },
      },
      warnings: [],
    });
    expect(box.git(dir, "status", "--porcelain").split("\n")).toEqual([" M src/a.txt", "A  src/staged.txt"]);
    expect(box.git(dir, "diff", "--name-only", "HEAD~1", "HEAD").split("\n")).toEqual(
      ["ACTIVE_SESSION.md", "checklist.md", "ticket.yml"].map((file) => `${FOLDER}/${file}`),
    );
    expect(await berth.ticketShow({})).toMatchObject({
      problems: [],
      left: [],
      data: { next_ticket: "validation_142" },
    });
    expect((await berth.contextShow({})).context).toMatchObject({ status: "done", task: { status: "done" } });
    const next = box.git(box.hub, "show", "phase/validation_142:tickets/validation_142/ACTIVE_SESSION.md");
    for (const kept of [
      "Tokens",
      "The data of May",
      "Judge it",
      "Read the report",
      "issue_number: 12",
      "phase: validation",
    ])
      expect(next).toContain(kept);
    expect(box.git(box.hub, "show", "phase/validation_142:tickets/validation_142/ticket.yml")).toMatch(
      /team: lab\nclient: acme\n/,
    );
    expect(box.git(box.hub, "rev-parse", "phase/validation_142~1", "phase/training_142").split("\n")).toEqual([
      made.commit,
      made.commit,
    ]);
    // Both versions of a done ticket are the same: a merge of both branches conflicts nowhere.
    box.git(home, "merge", "-q", "--no-edit", remote ? "origin/phase/training_142" : "phase/training_142");
    box.git(home, "merge", "-q", "--no-edit", remote ? "origin/phase/validation_142" : "phase/validation_142");
    expect((await (await box.open(home)).ticketList({})).tickets.map(({ ticket, status }) => [ticket, status])).toEqual(
      [
        ["training_142", "done"],
        ["validation_142", "open"],
      ],
    );
    // Again is the same.
    expect(await closed(berth)).toMatchObject({ commit: made.commit, next: { commit: made.next?.commit } });
    await refusal(berth.ticketTick({ items: ["4"] }), "WRONG_STATE");
  });
}

test("[TKT-04] [TKT-05] whatever stands in the way is named in one go, and nothing is made up to get past it", async () => {
  const phases = { training: { mode: "build", owner: "lab", artifacts: ["model-card.md"] } };
  const { box, dir, berth } = await begun({ remote: false, settings: { context: { phases } }, ticked: false });
  change(box, dir, {
    gates: { exit_criteria: ["Better than before", "Somebody agreed"] },
    artifacts: [{ path: "model-card.md" }, { path: "/models/model.txt" }, { path: "extra.md", required: false }],
  });
  box.write(dir, { [`${FOLDER}/artifacts/large.txt`]: "x".repeat(600 * 1024) });
  const before = [box.git(dir, "status", "--porcelain"), box.git(dir, "rev-parse", "HEAD")];
  const error = await refusal(berth.ticketClose({ confirm: ["1"] }), "GATE_REFUSED");
  const problems = error.facts["problems"] as { file: string; message: string }[];
  expect(problems.map(({ message }) => message)).toEqual([
    expect.stringContaining("item 1 is required"),
    expect.stringContaining("item 2 is required"),
    expect.stringContaining("item 3 is required"),
    expect.stringContaining("item 5 is required"),
    "exit criterion 2 is not confirmed: Somebody agreed",
    "the required artifact model-card.md is not there",
    "the required artifact /models/model.txt is not there",
    "this artifact has 600 KB; the limit is 500 KB. Keep large files in Git LFS",
  ]);
  expect([box.git(dir, "status", "--porcelain"), box.git(dir, "rev-parse", "HEAD")]).toEqual(before);
  await refusal(berth.ticketClose({ confirm: ["3"] }), "USAGE");
  await refusal(berth.ticketClose({ nextIssue: "9" }), "USAGE");
  await berth.ticketTick({ items: ["1", "2", "3", "5"] });
  box.git(dir, "clean", "-fdq", FOLDER);
  box.write(dir, { [`${FOLDER}/artifacts/model-card.md`]: "# Card\n", "models/model.txt": "m\n" });
  // What is declared outside of the folder counts once it is committed.
  await refusal(berth.ticketClose({ confirm: ["all"] }), "GATE_REFUSED");
  commit(box, dir, "The model", { "models/model.txt": "model\n" });
  const made = await closed(berth, { confirm: ["all"] });
  expect(made).toMatchObject({ next: null, ticket: { status: "done" } });
  expect((await berth.ticketShow({})).data["evaluation"]).toMatchObject({
    checklist: { status: true },
    artifacts: { status: true },
    exit_criteria: {
      status: true,
      confirmed: [{ criterion: "Better than before", by: "otter" }, { criterion: "Somebody agreed" }],
    },
  });
});

test("[TKT-05] a new file that is too large for git anywhere on the branch is refused, one that is large is warned of", async () => {
  const { box, dir, berth } = await begun({ remote: false, settings: { context: { limits: { blob: 20, warn: 10 } } } });
  commit(box, dir, "Large", { "data/large.txt": "x".repeat(21 * 1024), "data/middle.txt": "x".repeat(11 * 1024) });
  const error = await refusal(berth.ticketClose({}), "GATE_REFUSED");
  expect(error.facts["problems"]).toMatchObject([
    { file: "data/large.txt", message: "this new file has 21 KB; the limit is 20 KB. Keep it in Git LFS" },
  ]);
  box.git(dir, "rm", "-q", "data/large.txt");
  commit(box, dir, "Smaller");
  expect((await closed(berth)).warnings).toEqual(["data/middle.txt is new, and has 11 KB."]);
});

test("[TKT-04] what is not as its schema says, or went back, does not pass", async () => {
  const { box, dir, berth } = await begun({ remote: false });
  commit(box, dir, "Ticked");
  const file = `${FOLDER}/checklist.md`;
  const list = readFileSync(join(dir, file), "utf8");
  box.write(dir, { [file]: list.replace("- [x] Tests show it *\n", "") });
  change(box, dir, { effort_hours: "many" });
  const error = await refusal(berth.ticketClose({}), "GATE_REFUSED");
  expect(error.facts["problems"]).toMatchObject([
    { file: `${FOLDER}/ticket.yml`, key: "effort_hours", found: '"many"' },
    { file: `${FOLDER}/checklist.md`, message: '"Tests show it" was ticked, and is gone' },
  ]);
  box.write(dir, { [`${FOLDER}/ticket.yml`]: "<<<<<<< a\n" });
  await refusal(berth.ticketClose({}), "INVALID");
});

test("[TKT-06] the next phase may have an issue of its own; where a ticket of its name is there it is refused, before anything is closed", async () => {
  const { box, home, dir, berth } = await begun();
  await opened(await box.open(box.clone("other"), "stoat"), { phase: "validation", noWorkspace: true });
  const head = box.git(dir, "rev-parse", "HEAD");
  const error = await refusal(berth.ticketClose({}), "CLAIM_LOST");
  expect(error.hint).toContain("--next-issue N");
  expect(box.git(dir, "rev-parse", "HEAD")).toBe(head);
  expect(await berth.ticketClose({ nextIssue: "143", dryRun: true })).toMatchObject({
    plan: { next: "validation_143" },
  });
  expect(box.git(dir, "rev-parse", "HEAD")).toBe(head);
  const made = await closed(berth, { nextIssue: "143", nextTitle: "Judge it" });
  expect(made.next?.ticket).toMatchObject({ name: "validation_143", title: "Judge it" });
  // The work goes on from there, by whoever takes it.
  const taken = await (await box.open(home, "evaluator")).ticketTake({ ticket: "validation_143" });
  if ("plan" in taken || !taken.workspace) throw new Error("no workspace");
  const there = await box.open(taken.workspace.path, "evaluator");
  expect(await there.contextShow({})).toMatchObject({
    context: { phase: "validation", mode: "evaluate", agent: "evaluator" },
    problems: [],
  });
});

test("[TKT-06] [TKT-09] on another ticket's branch, on none, and behind the hub nothing is closed", async () => {
  const { box, home, dir, berth } = await begun();
  const second = await opened(await box.open(home, "otter"), { issue: "2" });
  box.git(dir, "fetch", "-q", "origin");
  box.git(second.dir, "merge", "-q", "--no-edit", "phase/training_142");
  await refusal((await box.open(second.dir)).ticketClose({ ticket: "training_142" }), "WRONG_STATE");
  const clone = box.clone("other");
  box.git(clone, "switch", "-q", "phase/training_142");
  commit(box, clone, "Elsewhere", { "src/b.txt": "b\n" });
  box.git(clone, "push", "-q", "origin", "phase/training_142");
  expect((await refusal(berth.ticketClose({}), "WRONG_STATE")).message).toContain("commits that are not here");
  box.git(dir, "pull", "-q", "--ff-only", "origin", "phase/training_142");
  await closed(berth);
  box.git(second.dir, "checkout", "-q", "--detach");
  await refusal((await box.open(second.dir)).ticketClose({ ticket: "training_2" }), "WRONG_STATE");
});

test("[TKT-06] in a session's workspace the ticket is closed on its branch, and the next one begins at the base", async () => {
  const { box, home } = await team();
  commit(box, home, "Ticket", {});
  const first = await opened(await box.open(home, "otter"));
  box.git(home, "merge", "-q", "--no-edit", "origin/phase/training_142");
  box.git(home, "push", "-q", "origin", "main");
  box.git(first.dir, "switch", "-q", "--detach");
  box.git(home, "branch", "-D", "phase/training_142");
  box.git(home, "push", "-q", "origin", ":phase/training_142");
  const { id, dir } = await working(await box.open(home, "otter"), "Train");
  const berth = await box.open(dir, "otter");
  await berth.ticketTick({ items: ["1", "2", "3", "5"], ticket: "training_142" });
  const made = await closed(berth, { ticket: "training_142" });
  expect(box.git(dir, "log", "-1", "--format=%s")).toBe(`[${id}] chore: close the ticket`);
  expect(box.git(box.hub, "rev-parse", `${made.next?.commit}~1`)).toBe(box.git(box.hub, "rev-parse", "main"));
  await berth.complete({ id });
  expect(box.git(box.hub, "show", "main:tickets/training_142/ticket.yml")).toContain("status: done");
});

test("[TKT-04] [INV-3] a folder that leads out of the checkout through a link is neither ticked in nor closed", async () => {
  const { box, dir, berth } = await begun({ remote: false });
  renameSync(join(dir, FOLDER), join(box.dir, "outside"));
  symlinkSync(join(box.dir, "outside"), join(dir, FOLDER));
  const before = readFileSync(join(box.dir, "outside", "ticket.yml"), "utf8");
  await refusal(berth.ticketTick({ items: ["4"] }), "INVALID");
  await refusal(berth.ticketClose({}), "NOT_FOUND");
  expect(readFileSync(join(box.dir, "outside", "ticket.yml"), "utf8")).toBe(before);
});

test("[TKT-09] closing publishes no change of another ticket's folder that went past the hooks", async () => {
  const { box, home, dir, berth } = await begun();
  await opened(await box.open(home, "otter"), { issue: "7", noWorkspace: true });
  const other = "tickets/training_9/notes.txt";
  commit(box, dir, "[training_142] feat: past the hooks", { [other]: "x\n", "src/a.txt": "mine\n" });
  const tip = box.git(box.hub, "rev-parse", "phase/training_142");
  for (const dryRun of [true, false])
    expect((await refusal(berth.ticketClose({ dryRun }), "GATE_REFUSED")).facts["problems"]).toMatchObject([
      { file: other, message: expect.stringContaining("belongs to the ticket training_9") as string },
    ]);
  expect(box.git(box.hub, "rev-parse", "phase/training_142")).toBe(tip);
  box.git(dir, "rm", "--quiet", other);
  commit(box, dir, "[training_142] fix: taken back");
  // What others did to their own comes by merging.
  box.git(dir, "merge", "-q", "--no-edit", "origin/phase/training_7");
  commit(box, home, "elsewhere", { "tickets/scope_99/notes.txt": "x\n", "src/a.txt": "theirs\n" });
  expect(() => box.git(dir, "merge", "-q", "--no-edit", "main")).toThrow();
  commit(box, dir, "[training_142] merge: main", { "src/a.txt": "both\n" });
  const { next } = await closed(berth);
  // The next phase begins on this one's commits, and what is closed stays as it was closed.
  const taken = await (await box.open(home, "otter")).ticketTake({ ticket: "validation_142" });
  const inside = await box.open("workspace" in taken ? (taken.workspace?.path ?? "") : "", "otter");
  await inside.ticketTick({ items: (await inside.ticketShow({})).items.map(({ number }) => String(number)) });
  expect(await closed(inside)).toMatchObject({ ticket: { status: "done" } });
  expect(next?.branch).toBe("phase/validation_142");
  commit(box, dir, "[training_142] docs: late", { [`${FOLDER}/artifacts/late.md`]: "late\n" });
  expect((await refusal(berth.ticketClose({}), "GATE_REFUSED")).facts["problems"]).toMatchObject([
    { file: `${FOLDER}/artifacts/late.md`, message: expect.stringContaining("frozen") as string },
  ]);
});

for (const declared of [true, false])
  test(`[TKT-05] a file that is ignored and was added all the same is closed with the ticket, ${declared ? "declared" : "not declared"}`, async () => {
    const { box, dir, berth } = await begun({ remote: false });
    commit(box, dir, "[training_142] chore: ignore", { ".gitignore": "*.log\n" });
    const file = `${FOLDER}/artifacts/out.log`;
    if (declared) change(box, dir, { artifacts: [{ path: "out.log" }] });
    box.write(dir, { [file]: "old\n", [`${FOLDER}/artifacts/other.log`]: "ignored\n" });
    if (declared) {
      const error = await refusal(berth.ticketClose({}), "GATE_REFUSED");
      expect(error.facts["problems"]).toMatchObject([{ message: "the required artifact out.log is not there" }]);
      expect(error.hint).toContain("git add -f");
    }
    box.git(dir, "add", "-f", file);
    box.write(dir, { [file]: "new\n" });
    const { commit: end } = await closed(berth);
    expect(box.git(dir, "show", `${end}:${file}`)).toBe("new");
    expect(box.git(dir, "status", "--porcelain")).toBe("");
    expect(box.git(dir, "ls-tree", "-r", "--name-only", end, `${FOLDER}/artifacts`).split("\n")).not.toContain(
      `${FOLDER}/artifacts/other.log`,
    );
  });
