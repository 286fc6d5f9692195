import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { source } from "../ledger/shells.ts";
import { planned } from "../support/sandbox.ts";
import { claimed, ledgerFile, listed, refusal, team, working } from "../support/session.ts";

test("[ASP-10] worklog, active plan and subsessions exist from the claim on; a knowledge session has the worklog alone", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Usual");
  const usual = [
    ".session-env",
    "ACTIVE_SESSION.md",
    "SESSION.md",
    "active-plan.md",
    "claim.yaml",
    "subsessions.md",
    "worklog.md",
  ];
  expect(listed(box, `berth/ledger:active/${id}`)).toEqual(usual);
  const own = box.git(dir, "ls-tree", "--name-only", "HEAD:.session").split("\n");
  expect(own).toEqual(usual.filter((name) => name !== "claim.yaml"));
  await planned(berth, "Merge", { id: "kb-2025-10-14-merge" });
  await claimed(berth, "kb-2025-10-14-merge");
  expect(listed(box, "berth/ledger:active/kb-2025-10-14-merge")).toEqual([
    ".session-env",
    "SESSION.md",
    "claim.yaml",
    "worklog.md",
  ]);
  await refusal(berth.plan({ text: "x", session: "kb-2025-10-14-merge" }), "WRONG_STATE");
});

test("[ASP-10] log and plan append dated entries, commit only their file, and push the session branch", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Journal");
  box.write(dir, { "src/half.txt": "half\n", "src/staged.txt": "staged\n" });
  box.git(dir, "add", "src/staged.txt");
  const result = await berth.log({ text: "Chose tokens over cookies\n\nCookies need a banner.", session: id });
  await berth.plan({ text: "Next: refuse the sixth", session: id });
  const worklog = readFileSync(join(dir, ".session/worklog.md"), "utf8");
  expect(worklog).toMatch(/\n## \[\d{4}-\d\d-\d\d \d\d:\d\d\] Chose tokens over cookies\n\nCookies need a banner.\n$/);
  expect(readFileSync(join(dir, ".session/active-plan.md"), "utf8")).toMatch(/## \[.*\] Next: refuse the sixth\n$/);
  expect(result.entry).toMatchObject({ session: id, file: ".session/worklog.md" });
  expect(box.git(dir, "status", "--porcelain")).toBe("A  src/staged.txt\n?? src/half.txt");
  expect(box.git(box.hub, "rev-parse", `session/${id}`)).toBe(box.git(dir, "rev-parse", "HEAD"));
  expect(box.git(dir, "show", "--name-only", "--format=%s|%an", "HEAD")).toBe(
    `[${id}] docs: plan: Next: refuse the sixth|agent one\n\n.session/active-plan.md`,
  );
  const inside = await box.open(join(dir, "src"));
  await inside.log({ text: "From inside, without an id" });
  expect(readFileSync(join(dir, ".session/worklog.md"), "utf8")).toContain("From inside");
  await refusal(berth.log({ text: "  ", session: id }), "USAGE");
});

test("[ASP-11] an addition of scope becomes a session of its own, linked both ways", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Parent");
  const added = await berth.subsession({
    session: id,
    title: "Also the API",
    context: "Found on the way",
    criteria: ["x"],
  });
  const child = added.session.id;
  expect(added.session).toMatchObject({ parent: id, state: "drafting", title: "Also the API" });
  expect(ledgerFile(box, `drafting/${child}/SESSION.md`)).toContain(`parent: ${id}`);
  expect(ledgerFile(box, `active/${id}/subsessions.md`)).toContain(child);
  expect(readFileSync(join(dir, ".session/subsessions.md"), "utf8")).toContain(`${child}\n\nAlso the API`);
  expect((await berth.show({ id })).subsessions).toEqual([child]);
  await berth.ready({ id: child });
  await berth.complete({ id });
  expect(ledgerFile(box, `completed/${id}/subsessions.md`).split(child)).toHaveLength(2);
  expect(await berth.drift({ id })).toMatchObject({ subsessions: [{ id: child, state: "planned" }] });
});

test("[ASP-07] the environment is in the ledger and in the workspace, and makes commits the agent's", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Environment");
  const inLedger = ledgerFile(box, `active/${id}/.session-env`);
  const inWorkspace = readFileSync(join(dir, ".session/.session-env"), "utf8");
  for (const text of [inLedger, inWorkspace]) expect(text).toContain("export GIT_AUTHOR_NAME='agent one'");
  expect(inLedger).not.toContain("BERTH_PORT");
  expect(inWorkspace).toMatch(/^export BERTH_PORT='20000'$/m);
  const { vars, stderr } = source("bash", ".session/.session-env", dir);
  expect(stderr).toBe("");
  expect(Object.fromEntries(vars)).toMatchObject({
    GIT_AUTHOR_NAME: "agent one",
    GIT_AUTHOR_EMAIL: "author@berth.test",
    GIT_COMMITTER_NAME: "agent one",
    GIT_COMMITTER_EMAIL: "author@berth.test",
    SESSION_ID: id,
    SESSION_BRANCH: `session/${id}`,
    BERTH_SESSION: id,
  });
  const given = await berth.env({ id, shell: "fish" });
  expect(given.text).toContain("set -gx GIT_AUTHOR_NAME 'agent one'\n");
  expect(given.variables).toMatchObject({ BERTH_WORKSPACE: dir, BERTH_EPOCH: "1" });
  expect(await berth.path({ id })).toEqual({ path: dir });
  await berth.abandon({ id, reason: "done looking" });
  expect(listed(box, `berth/ledger:abandoned/${id}`)).not.toContain(".session-env");
});

test("[ASP-07] a hostile agent name is text everywhere: in the environment, the claim, commits and the worklog", async () => {
  const { box, berth } = await team();
  const id = await planned(berth, "Hostile name");
  const name = "x'; touch pwned; $(touch pwned) `touch pwned` \"\\ <a@b>\n[y] OVERRIDE: \u202ez";
  const hostile = await box.open(berth.project.cwd, name);
  const dir = await claimed(hostile, id);
  const { vars } = source("bash", ".session/.session-env", dir);
  expect(vars.get("GIT_AUTHOR_NAME")).toBe(hostile.project.caller.name);
  expect(vars.get("GIT_AUTHOR_NAME")).toContain("$(touch pwned)");
  expect(statSync(join(dir, "pwned"), { throwIfNoEntry: false })).toBeUndefined();
  await hostile.log({ text: "Worked", session: id });
  box.write(dir, { "src/c.txt": "c\n" });
  box.git(dir, "add", "--all");
  box.git(dir, "commit", "--quiet", "--no-verify", "-m", `[${id}] feat: c`);
  expect(await hostile.complete({ id })).toMatchObject({ session: { state: "completed" } });
  const [subject, ...rest] = box.git(box.hub, "log", "-1", "--format=%B", "main").split("\n");
  expect(subject).toBe(`[${id}] feat: Hostile name`);
  expect(rest.filter((line) => line.startsWith("["))).toEqual([]);
});
