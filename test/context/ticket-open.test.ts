import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CENTRAL, FENCED } from "../support/contexts.ts";
import { commit, refs, refusal, team } from "../support/session.ts";
import { opened } from "../support/tickets.ts";

const FOLDER = "tickets/training_142";
const CENTRAL_FILE = "docs/session-context/ACTIVE_SESSION.md";

for (const remote of [true, false]) {
  test(`[TKT-01] [TKT-02] opening makes folder, branch and workspace in one commit, ${remote ? "with" : "without"} a remote; the checkout stays as it is`, async () => {
    const { box, home } = await team({ remote });
    const berth = await box.open(home, "otter");
    box.write(home, { "src/a.txt": "an edit\n", "loose.txt": "loose\n" });
    const before = [box.git(home, "status", "--porcelain"), box.git(home, "rev-parse", "HEAD")];
    const made = await opened(berth, {
      url: "https://example.com/142",
      priority: "now",
      parents: ["12"],
      depends: ["scope_142"],
    });
    expect([box.git(home, "status", "--porcelain"), box.git(home, "rev-parse", "HEAD")]).toEqual(before);
    expect(made).toMatchObject({
      ticket: {
        name: "training_142",
        issue: "142",
        phase: "training",
        status: "active",
        priority: "now",
        mode: "build",
      },
      workspace: { branch: "phase/training_142", path: join(home, ".worktrees", "training_142") },
      warnings: [],
    });
    expect(box.git(box.hub, "rev-parse", "phase/training_142")).toBe(made.commit);
    expect(box.git(box.hub, "rev-list", "--count", `main..${made.commit}`)).toBe("1");
    expect(box.git(box.hub, "log", "-1", "--format=%an %s", made.commit)).toBe(
      "otter [training_142] chore: open the ticket: Train",
    );
    expect(box.git(box.hub, "diff", "--name-only", "main", made.commit).split("\n")).toEqual(
      ["ACTIVE_SESSION.md", "artifacts/.gitkeep", "checklist.md", "ticket.yml"].map((file) => `${FOLDER}/${file}`),
    );
    const { dir } = made;
    expect(box.git(dir, "status", "--porcelain")).toBe("");
    expect(box.git(dir, "branch", "--show-current")).toBe("phase/training_142");
    expect(box.git(dir, "config", "user.name")).toBe("otter");
    const there = await box.open(dir, "otter");
    expect(await there.contextShow({})).toMatchObject({
      layout: "tickets",
      ticket: "training_142",
      context: {
        phase: "training",
        mode: "build",
        agent: "lab",
        status: "active",
        branch: "phase/training_142",
        assistant: "otter",
      },
      problems: [],
    });
    expect(await there.ticketShow({})).toMatchObject({
      ticket: { parents: ["12"], depends: ["scope_142"], nextPhase: "validation" },
      problems: [],
      data: { issue_id: 142, parents: [12], next_phase: "validation" },
    });
  });
}

test("[TKT-01] [TKT-02] what is there already is refused, and says who has it; nothing is changed", async () => {
  const { box, home, berth } = await team();
  const otter = await box.open(home, "otter");
  await opened(otter);
  const there = refs(box);
  const other = await box.open(box.clone("other"), "stoat");
  for (const one of [other, berth, otter]) {
    const error = await refusal(one.ticketOpen({ phase: "training", issue: "142", title: "Again" }), "CLAIM_LOST");
    expect(error.facts).toMatchObject({ winner: { agent: "otter" } });
  }
  box.git(home, "merge", "-q", "--no-edit", "phase/training_142");
  box.git(home, "push", "-q", "origin", "main");
  box.git(box.hub, "branch", "-D", "phase/training_142");
  await refusal(other.ticketOpen({ phase: "training", issue: "142", title: "Again" }), "WRONG_STATE");
  await opened(other, { issue: "143" });
  expect(there).not.toContain("143");
  for (const wrong of [{ phase: "nowhere" }, { issue: "../1" }, { issue: "" }, { phase: "Training" }])
    await refusal(opened(berth, wrong), "INVALID");
  await refusal(berth.ticketOpen({ phase: "training", issue: "9" }), "USAGE");
  for (const wrong of [{ priority: "soon" }, { url: "ftp://x" }, { parents: ["a b"] }, { title: "x".repeat(20_000) }])
    await refusal(opened(berth, { issue: "9", ...wrong }), "INVALID");
});

test("[TKT-02] a dry run is the plan as plain data, and changes nothing", async () => {
  const { box, home, berth } = await team();
  const before = [refs(box), box.git(home, "for-each-ref"), readdirSync(home).join()];
  const plan = await berth.ticketOpen({ phase: "training", issue: "T-1", title: "Train", dryRun: true });
  expect(plan).toMatchObject({
    plan: {
      branch: "phase/training_T-1",
      files: { "tickets/training_T-1/ticket.yml": expect.stringContaining("issue_id: T-1") as string },
    },
  });
  expect([refs(box), box.git(home, "for-each-ref"), readdirSync(home).join()]).toEqual(before);
});

test("[TKT-04] the checklist is the team's own template of the mode, else its default one, else Berth's", async () => {
  const { box, home, berth } = await team({ remote: false });
  const checklist = (dir: string, name: string): string =>
    readFileSync(join(dir, "tickets", name, "checklist.md"), "utf8");
  const first = await opened(berth);
  expect(checklist(first.dir, "training_142")).toContain("All tests pass *");
  commit(box, home, "Templates", {
    "tickets/_templates/build.md": "- [ ] Ours *\n",
    "tickets/_templates/default.md": "- [ ] Any\n",
  });
  expect(checklist((await opened(berth, { issue: "2" })).dir, "training_2")).toBe("- [ ] Ours *\n");
  expect(checklist((await opened(berth, { phase: "scope", issue: "2" })).dir, "scope_2")).toBe("- [ ] Any\n");
});

test("[TKT-04] every mode has a checklist of Berth's with required items, and a mode of a team's own has the default one", async () => {
  const phases = Object.fromEntries(
    ["intake", "discover", "scope", "design", "build", "evaluate", "deliver", "operate", "improve"].map((mode) => [
      mode,
      { mode, owner: "lab" },
    ]),
  );
  const modes = Object.fromEntries([...Object.keys(phases), "cook"].map((mode) => [mode, {}]));
  const { berth } = await team({
    remote: false,
    settings: { context: { modes, phases: { ...phases, cook: { mode: "cook", owner: "lab" } } } },
  });
  for (const phase of [...Object.keys(phases), "cook"]) {
    const plan = await berth.ticketOpen({ phase, issue: "1", title: "T", dryRun: true });
    const text = "plan" in plan ? plan.plan.files[`tickets/${phase}_1/checklist.md`] : "";
    expect(text?.match(/^- \[ \] .* \*$/gm)?.length, phase).toBeGreaterThan(1);
    expect(text).toContain(phase === "cook" ? "# Checklist\n" : `# Checklist: ${phase}\n`);
  }
});

test("[TKT-13] what the central context says of the issue comes along, with a word; it stays as it is, and goes on working", async () => {
  const { box, home } = await team({ remote: false });
  const berth = await box.open(home, "otter");
  const central = CENTRAL.replace(
    "created_files: [src/login.ts]\n",
    "created_files: [src/login.ts]\nmine: { own: 1 }\n",
  );
  box.write(home, { [CENTRAL_FILE]: `${central}\nTokens are short.\n` });
  const made = await berth.ticketOpen({ phase: "training", issue: "142" });
  if (!("ticket" in made) || !made.workspace) throw new Error("no workspace");
  expect(made.ticket.title).toBe("Log in with tokens");
  expect(made.ticket.operator).toBe("ada");
  expect(made.warnings).toEqual([expect.stringMatching(/deprecated, and goes on working/) as string]);
  const there = await box.open(made.workspace.path, "otter");
  const { context, body, problems } = await there.contextShow({});
  expect(context).toMatchObject({
    session_id: "training_142",
    operator: "ada",
    assistant: "otter",
    decisions: ["Tokens, not cookies"],
    next_steps: ["Land it"],
    todos: [{ id: "1" }],
    mine: { own: 1 },
    task: { url: "https://example.com/issues/142", priority: "now" },
  });
  expect(context).not.toHaveProperty("uncommitted_changes");
  expect(body).toContain("Tokens are short.");
  expect(problems).toEqual([]);
  expect(readFileSync(join(home, CENTRAL_FILE), "utf8")).toBe(`${central}\nTokens are short.\n`);
  expect((await berth.contextShow({})).layout).toBe("central");
  expect((await opened(berth, { issue: "7" })).warnings).toEqual([]);
});

test("[TKT-13] [CTX-18] a central context of an older form comes along as well, and what is odd in it is told of and kept", async () => {
  const { box, home, berth } = await team({ remote: false });
  const old = FENCED.replace("issue_number: null", "issue_number: 9").replace("status: pending", "status: nearly");
  box.write(home, { [CENTRAL_FILE]: old });
  const made = await opened(berth, { issue: "9", title: "Log in\nwith tokens\u202E" });
  expect(made.ticket.title).toBe("Log in with tokens");
  expect(made.warnings).toEqual([
    expect.stringContaining("deprecated") as string,
    expect.stringContaining('todos.0.status: found "nearly"') as string,
  ]);
  expect((await (await box.open(made.dir)).contextShow({})).context).toMatchObject({
    todos: [{ content: "Write the test" }],
  });
});

test("[TKT-13] [INV-8] a damaged central context is told of, and nothing is taken over from it", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.write(home, { [CENTRAL_FILE]: CENTRAL.slice(0, 200) });
  const made = await opened(berth);
  expect(made.warnings).toEqual([expect.stringContaining("cannot be read") as string]);
  expect(readFileSync(join(home, CENTRAL_FILE), "utf8")).toBe(CENTRAL.slice(0, 200));
});

test("[TKT-02] [TKT-11] a ticket that waits has no workspace, and one of those who take it gets one", async () => {
  const { box, home, berth } = await team();
  const made = await opened(berth, { noWorkspace: true });
  expect(made).toMatchObject({ workspace: null, ticket: { status: "open", startedAt: null } });
  expect(existsSync(join(home, ".worktrees", "training_142"))).toBe(false);
  const [otter, stoat] = [await box.open(home, "otter"), await box.open(box.clone("other"), "stoat")];
  expect(await otter.ticketTake({ ticket: "training_142", dryRun: true })).toMatchObject({
    plan: { from: made.commit },
  });
  const taken = await stoat.ticketTake({ ticket: "training_142" });
  expect(taken).toMatchObject({ ticket: { status: "active" }, workspace: { branch: "phase/training_142" } });
  expect((await refusal(otter.ticketTake({ ticket: "training_142" }), "CLAIM_LOST")).facts).toMatchObject({
    winner: { agent: "stoat" },
  });
  await refusal(otter.ticketTake({ ticket: "training_9" }), "NOT_FOUND");
  const there = await box.open(join(box.dir, "other", ".worktrees", "training_142"), "stoat");
  expect(await there.contextShow({})).toMatchObject({
    context: { status: "active", assistant: "stoat", task: { status: "in_progress" } },
    problems: [],
  });
});

test("[TKT-02] [TKT-12] a ticket that has landed and waits is taken from the base, on a branch of its own", async () => {
  const { box, home, berth } = await team();
  await opened(berth, { noWorkspace: true });
  box.git(home, "merge", "-q", "--no-edit", "origin/phase/training_142");
  commit(box, home, "Go on", { "src/c.txt": "c\n" });
  box.git(home, "push", "-q", "origin", "main", ":phase/training_142");
  const other = await box.open(box.clone("other"), "stoat");
  expect((await other.ticketNext({})).ticket).toMatchObject({ name: "training_142", branch: "main" });
  const taken = await other.ticketTake({ ticket: "training_142" });
  expect(box.git(box.hub, "rev-parse", "phase/training_142~1")).toBe(box.git(box.hub, "rev-parse", "main"));
  expect(taken).toMatchObject({ ticket: { status: "active", branch: "phase/training_142" } });
  await refusal(berth.ticketTake({ ticket: "training_142" }), "CLAIM_LOST");
});

test("[TKT-02] [INV-3] a checkout that somebody made of a ticket's branch is taken as it is, and told of where it is behind", async () => {
  const { box, home, berth } = await team();
  await opened(berth, { noWorkspace: true });
  const own = join(box.dir, "own");
  box.git(home, "worktree", "add", "-q", "-b", "phase/training_142", own, "origin/phase/training_142");
  box.write(own, { "tickets/training_142/notes.md": "mine\n" });
  const taken = await berth.ticketTake({ ticket: "training_142" });
  expect(taken).toMatchObject({ workspace: { path: own }, warnings: [expect.stringContaining("--ff-only") as string] });
  expect(box.git(own, "status", "--porcelain")).toBe("?? tickets/training_142/notes.md");
});

test("[TKT-02] a branch called phase leaves no room for those of tickets, and is named", async () => {
  for (const remote of [true, false]) {
    const { box, berth } = await team({ remote });
    box.git(box.hub, "branch", "phase", "main");
    const error = await refusal(opened(berth), "HUB_REFUSED");
    expect(error.message).toContain("phase");
  }
});

test("[TKT-02] a folder in the way of the workspace is not touched, and the rest is finished once it is gone", async () => {
  const { box, home, berth } = await team();
  box.write(home, { ".worktrees/training_142/mine.txt": "mine\n" });
  expect((await refusal(opened(berth), "FAILED")).message).toContain("training_142");
  expect(readFileSync(join(home, ".worktrees/training_142/mine.txt"), "utf8")).toBe("mine\n");
  renameSync(join(home, ".worktrees/training_142"), join(home, ".worktrees/aside"));
  expect((await opened(berth)).ticket.name).toBe("training_142");
});

test("[TKT-02] a workspace is prepared as those of sessions are, and what went wrong there is told", async () => {
  const settings = { workspace: { copy: [".env"], setup: "test -f .env && echo made > made.txt && exit 3" } };
  const { box, home, berth } = await team({ remote: false, settings });
  box.write(home, { ".env": "SECRET=1\n", ".git/info/exclude": ".env\nmade.txt\n" });
  const made = await opened(berth);
  expect(made.warnings).toEqual([expect.stringContaining("setup failed (exit 3)") as string]);
  expect(existsSync(join(made.dir, "made.txt"))).toBe(true);
});

test("[TKT-03] [CTX-11] a ticket.yml is validated with the contexts, and must be about the folder it is in", async () => {
  const { box, berth } = await team({ remote: false });
  const { dir } = await opened(berth);
  const there = await box.open(dir);
  expect((await there.contextValidate({})).files).toMatchObject([
    { file: `${FOLDER}/ACTIVE_SESSION.md`, valid: true },
    { file: `${FOLDER}/ticket.yml`, valid: true, format: "yaml" },
  ]);
  const text = readFileSync(join(dir, FOLDER, "ticket.yml"), "utf8");
  box.write(dir, {
    [`${FOLDER}/ticket.yml`]: text
      .replace("issue_id: 142", "issue_id: 143")
      .replace("status: active", "status: nearly"),
    "tickets/training_9/ticket.yml": "a: [\n",
  });
  const { files } = await there.contextValidate({ files: [`${FOLDER}/ticket.yml`, "tickets/training_9/ticket.yml"] });
  expect(files).toMatchObject([
    {
      valid: false,
      problems: [
        { line: 7, key: "status" },
        { line: 2, key: "issue_id", expected: "142" },
      ],
    },
    { valid: false, format: null, problems: [{ line: 2 }] },
  ]);
});
