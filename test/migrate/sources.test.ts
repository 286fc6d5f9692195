import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { runBerth } from "../cli/run-berth.ts";
import { CENTRAL, FENCED } from "../support/contexts.ts";
import { FOREIGN, JSON_CONTEXT, KEY_VALUE, LEGACY, NAMED, TICKET, WILD } from "../support/legacy.ts";
import { startWorker } from "../support/processes.ts";
import { sandbox } from "../support/sandbox.ts";
import { commit, refusal, team } from "../support/session.ts";

const FILE = "docs/session-context/ACTIVE_SESSION.md";

function trees(home: string): (rev: string) => string {
  return (rev) => execFileSync("git", ["rev-parse", `${rev}^{tree}`], { cwd: home, encoding: "utf8" }).trim();
}

test("[CTX-18] sources about one issue become one ticket, behind the one that is there already", async () => {
  const { box, home, berth } = await team({ remote: false });
  commit(box, home, "Legacy", {
    "tickets/training_142/ACTIVE_SESSION.md": CENTRAL,
    "tickets/training_142/ticket.yml": TICKET,
    [FILE]: WILD.replace("phase: enablement", "phase: training"),
    "docs/session-context/session.json": JSON_CONTEXT.replace("#301", "142"),
  });
  const done = await berth.migrate({ to: "tickets" });
  expect(done.plan.map(({ action, name, to }) => [action, name, to])).toEqual([
    ["convert", "training_142", ["tickets/training_142/ACTIVE_SESSION.md"]],
  ]);
  const { context, body } = await berth.contextShow({ ticket: "training_142" });
  expect(context).toMatchObject({ decisions: ["Tokens, not cookies"], team: "readers", next_steps: ["Land it"] });
  expect(body).toContain("# Log in with tokens\n");
  expect(body).toContain('"nextSteps": "Land it",\n');
  expect(body).toContain("## Schema Definition".replace("## ", "\u00af "));
  expect(readFileSync(join(home, "tickets/training_142/ticket.yml"), "utf8")).toBe(TICKET);
});

test("[CTX-18] a ticket whose context has an old form is taken over where it is, with what lies beside it untouched", async () => {
  const { box, home, berth } = await team({ remote: false });
  const folder = "tickets/scope_9";
  commit(box, home, "Ticket", { [`${folder}/ACTIVE_SESSION.md`]: FENCED, [`${folder}/ticket.yml`]: TICKET });
  const done = await berth.migrate({ to: "tickets" });
  expect(done.plan).toMatchObject([{ from: [`${folder}/ACTIVE_SESSION.md`], to: [`${folder}/ACTIVE_SESSION.md`] }]);
  expect(await berth.contextShow({ ticket: "scope_9" })).toMatchObject({
    format: "front-matter",
    context: { mode: "build" },
  });
  expect(readFileSync(join(home, folder, "ticket.yml"), "utf8")).toBe(TICKET);
});

test("[CTX-18] the central context takes the notes beside it, and several that could go there are named", async () => {
  const { box, home, berth } = await team({ remote: false });
  commit(box, home, "Central", {
    [FILE]: CENTRAL,
    "docs/session-context/CURRENT_STATE.md": "# Current State\n\n## Blockers\n\n- The licence\n",
    "docs/session-context/handoff-1.md": "Call Ada.\n",
  });
  await berth.migrate({ to: "central" });
  const text = readFileSync(join(home, FILE), "utf8");
  expect(text.startsWith(CENTRAL.split("blockers:")[0] ?? "")).toBe(true);
  expect(text).toContain("blockers:\n  - The licence\n");
  expect(text).toContain("Call Ada.\n");
  const other = await team({ remote: false });
  commit(other.box, other.home, "Tickets", {
    "tickets/scope_1/ACTIVE_SESSION.md": CENTRAL,
    "tickets/scope_2/ACTIVE_SESSION.md": CENTRAL,
  });
  const error = await refusal(other.berth.migrate({ to: "central" }), "USAGE");
  expect(error.facts["names"]).toEqual(["scope_1", "scope_2"]);
  other.box.git(other.home, "checkout", "-q", "-b", "phase/scope_2");
  expect((await other.berth.migrate({ to: "central" })).plan).toMatchObject([
    { action: "move", name: "scope_2" },
    { action: "stay", name: "scope_1" },
  ]);
});

test("[CTX-17] [CTX-18] folders of sessions that a team committed by hand move before anything is set up", async () => {
  const box = sandbox({ remote: false });
  const folder = "_AGENTS/sessions/completed/2025-10-16-log-in";
  commit(box, box.hub, "By hand", {
    [`${folder}/SESSION.md`]: "# Log in\n\nPhase: scope\n",
    [`${folder}/learnings.md`]: "Tokens expire.\n",
    [`${folder}/worklog.md`]: "",
    "_AGENTS/sessions/sessions.lock": "",
  });
  const berth = await box.open(box.hub, "otter");
  const done = await berth.migrate({ to: "tickets" });
  expect(done.plan).toMatchObject([
    {
      name: "scope_2025-10-16-log-in",
      from: [`${folder}/SESSION.md`, `${folder}/learnings.md`, `${folder}/worklog.md`],
    },
  ]);
  expect((await berth.contextShow({ ticket: "scope_2025-10-16-log-in" })).context).toMatchObject({
    session_id: "2025-10-16-log-in",
    status: "done",
  });
});

test("[CTX-18] whatever files are called, and whatever git makes of line ends, their bytes are kept", async () => {
  for (const format of ["sha1", "sha256"]) {
    const box = sandbox({ remote: false });
    const home = join(box.dir, "other");
    box.git(box.dir, "init", "--quiet", "-b", "main", `--object-format=${format}`, home);
    const dir = "old notes/\u00fc 'x' \"y\"";
    const files = {
      ".gitattributes": "*.md text eol=crlf\n",
      ".berth/config.yaml": "context:\n  central: ctx\n  tickets: work/tickets\n",
      [`${dir}/CURRENT_STATE.md`]: "# State\n\nHalf.\n",
      [`${dir}/my handoff\n--> 2.md`]: "Call.\n",
      "ctx/ACTIVE_SESSION.md": WILD,
    };
    const start = commit(box, home, "Files", files);
    const berth = await box.open(home, "otter");
    const done = await berth.migrate({ to: "tickets", from: ["old notes", "ctx"] });
    expect(done.plan.map(({ action }) => action)).toEqual(["convert", "convert"]);
    expect(box.git(home, "status", "--porcelain")).toBe("");
    expect(box.git(home, "ls-tree", "-r", "--name-only", "HEAD", "work/tickets").split("\n")).toHaveLength(4);
    await berth.migrate({ rollback: done.run ?? "" });
    expect(trees(home)("HEAD")).toBe(trees(home)(start));
    expect(box.git(home, "status", "--porcelain")).toBe("");
  }
});

test("[CTX-18] what only looks like a context is left alone, also in a folder that is named as a whole", async () => {
  const { box, home, berth } = await team({ remote: false });
  commit(box, home, "Others", {
    "session.json": "{}\n",
    "docs/session.env": "a=1\n",
    "docs/handoff-guide.md": "How to hand off.\n",
    "package.json": "{}\n",
    "notes/README.md": "# Notes\n",
    "notes/data.json": '{"name": "x", "version": 1}\n',
    "tickets/scope_1/constructor": "x\n",
    "sessions/active/x/notes.md": "no plan\n",
  });
  expect((await berth.migrate({ to: "tickets" })).plan).toEqual([]);
  expect((await berth.migrate({ to: "tickets", from: ["notes"] })).plan).toEqual([]);
  await refusal(berth.migrate({ to: "tickets", from: ["."], only: ["scope_9"] }), "NOT_FOUND");
  const { plan } = await berth.migrate({ to: "tickets", from: ["."], dryRun: true });
  expect(plan.flatMap(({ from }) => from)).toEqual(["docs/handoff-guide.md", "docs/session.env", "session.json"]);
});

test("[CTX-18] a name that is no UTF-8 is listed and left", async () => {
  const { box, home, berth } = await team({ remote: false });
  mkdirSync(join(home, "docs/session-context"), { recursive: true });
  writeFileSync(Buffer.from(`${home}/docs/session-context/handoff-\xff.md`, "latin1"), "x\n");
  commit(box, home, "A name", { [FILE]: WILD });
  const done = await berth.migrate({ to: "tickets" });
  expect(done.plan.map(({ action }) => action)).toEqual(["convert", "broken"]);
  expect(box.git(home, "status", "--porcelain")).toBe("");
});

test("[TKT-10] [INV-3] who commits meanwhile goes first: nothing of the run stays, and it can be run again", async () => {
  const { box, home } = await team({ remote: false });
  commit(box, home, "Legacy", LEGACY);
  const worker = startWorker(box, { dir: home });
  const run = worker.run("migrate", { to: "tickets" }, { pauseAt: { step: "checkout.brought", occurrence: 1 } });
  await run.paused;
  const tree = box.git(home, "rev-parse", "HEAD^{tree}");
  const other = box.git(home, "commit-tree", tree, "-p", "HEAD", "-m", "Meanwhile");
  box.git(home, "update-ref", "refs/heads/main", other);
  run.goOn();
  const answer = await run.answer;
  expect(answer.error?.code).toBe("WRONG_STATE");
  expect(box.git(home, "rev-parse", "HEAD")).toBe(other);
  expect(box.git(home, "status", "--porcelain")).toBe("");
  expect((await worker.run("migrate", { to: "tickets" }).answer).error).toBeUndefined();
  await worker.kill(true);
});

test("[TKT-10] the program answers with run, plan and verified, and with 1 where something is broken", async () => {
  const { box, home } = await team({ remote: false });
  commit(box, home, "Legacy", LEGACY);
  const shown = await runBerth(["migrate", "--to", "tickets", "--dry-run"], { cwd: home });
  expect(shown.stdout).toContain("Nothing was done.");
  expect(shown.stdout).toContain("tickets/enablement_142/ACTIVE_SESSION.md");
  const done = await runBerth(["migrate", "--to", "tickets", "--json"], { cwd: home });
  expect(done.code).toBe(1);
  const data = JSON.parse(done.stdout) as { run: string; plan: unknown[]; verified: boolean };
  expect(data).toMatchObject({ schemaVersion: 1, verified: true });
  expect(data.plan).toHaveLength(8);
  const back = await runBerth(["migrate", "--rollback", data.run], { cwd: home });
  expect(back).toMatchObject({ code: 0 });
  expect(back.stdout).toContain(data.run);
  expect((await runBerth(["migrate"], { cwd: home })).code).toBe(2);
  expect((await runBerth(["migrate", "--to", "elsewhere"], { cwd: home })).code).toBe(2);
});

test("[TKT-10] [INV-3] whatever stands in the documents, a run loses nothing and is taken back to the byte", async () => {
  const { box, home, berth } = await team({ remote: false });
  commit(box, home, "Set up");
  const line = fc.oneof(
    fc.constantFrom("## Current Work", "```yaml", "mode: build", "```", "---", "a=b", "# c", "- [ ] x", "Issue: 7"),
    fc.string({ unit: "grapheme", maxLength: 20 }),
  );
  const end = fc.constantFrom("\n", "\r\n");
  const text = fc.tuple(fc.array(line, { maxLength: 12 }), end).map(([lines, mark]) => lines.join(mark));
  const document = fc.oneof(
    text,
    fc.constantFrom(WILD, FOREIGN, KEY_VALUE, JSON_CONTEXT, CENTRAL, ...Object.values(NAMED)),
  );
  const paths = [
    FILE,
    "docs/CURRENT_STATE.md",
    "docs/NEXT_TASKS.md",
    "ACTIVE_SESSIONS.md",
    "tickets/scope_1/ACTIVE_SESSION.md",
  ];
  const files = fc.dictionary(
    fc.constantFrom(...paths, "sessions/active/s/SESSION.md", "docs/session-context/session.json"),
    document,
    {
      minKeys: 1,
      maxKeys: 7,
    },
  );
  await fc.assert(
    fc.asyncProperty(files, async (given) => {
      box.git(home, "rm", "-rq", "--ignore-unmatch", ...paths, "sessions", "docs", "tickets");
      const start = commit(box, home, "Next", { ...given, "src/a.txt": `${JSON.stringify(given)}\n` });
      const done = await berth.migrate({ to: "tickets" });
      for (const { action, reason } of done.plan) if (action === "stay") expect(reason).toContain("broken");
      for (const step of done.plan.filter(({ action }) => action === "broken"))
        expect(box.git(home, "rev-parse", `HEAD:${step.from[0]}`)).toBe(
          box.git(home, "rev-parse", `${start}:${step.from[0]}`),
        );
      if (done.run === null) return;
      if (done.plan.some(({ from, to }) => from.includes(FILE) && to.length > 0)) {
        const back = await berth.migrate({ to: "central" });
        expect(box.git(home, "rev-parse", `HEAD:${FILE}`)).toBe(box.git(home, "rev-parse", `${start}:${FILE}`));
        await berth.migrate({ rollback: back.run ?? "" });
      }
      await berth.migrate({ rollback: done.run });
      expect(trees(home)("HEAD")).toBe(trees(home)(start));
    }),
    { numRuns: 15 },
  );
}, 120_000);
