import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runBerth } from "../cli/run-berth.ts";
import { LEGACY, WILD } from "../support/legacy.ts";
import { commit, refusal, team } from "../support/session.ts";

const FILE = "docs/session-context/ACTIVE_SESSION.md";
const TICKET = "tickets/enablement_142/ACTIVE_SESSION.md";

async function moved(): Promise<Awaited<ReturnType<typeof team>> & { run: string; start: string }> {
  const made = await team({ remote: false });
  made.box.git(made.home, "add", "--all");
  const start = commit(made.box, made.home, "Legacy", LEGACY);
  const { run } = await made.berth.migrate({ to: "tickets" });
  return { ...made, start, run: run ?? "" };
}

test("[TKT-10] a run is taken back to the exact bytes after later commits elsewhere", async () => {
  const { box, home, berth, run } = await moved();
  commit(box, home, "Later", {
    "src/a.txt": "later\n",
    "tickets/validation_701/checklist.md": "- [x] * Read\n- [x] Write\n",
  });
  const shown = await berth.migrate({ rollback: run, dryRun: true });
  const before = box.git(home, "rev-parse", "HEAD");
  const done = await berth.migrate({ rollback: run });
  expect(done.plan).toEqual(shown.plan);
  expect(box.git(home, "rev-parse", "HEAD~1")).toBe(before);
  for (const [path, text] of Object.entries(LEGACY))
    if (!path.endsWith("701/checklist.md")) expect(readFileSync(join(home, path), "utf8"), path).toBe(text);
  expect(box.git(home, "ls-tree", "-r", "--name-only", "HEAD", "docs/session-context").split("\n")).toHaveLength(3);
  expect(readFileSync(join(home, "src/a.txt"), "utf8")).toBe("later\n");
  expect(box.git(home, "status", "--porcelain")).toBe("");
});

test("[TKT-10] what was changed since is listed and stays, the rest comes back, and nothing is in one place less", async () => {
  const { box, home, berth, run } = await moved();
  await berth.contextSet({ key: "blockers", add: ["Since"], ticket: "enablement_142" });
  box.write(home, { "docs/CURRENT_STATE.md": "A new one.\n" });
  const since = commit(box, home, "Since");
  const done = await berth.migrate({ rollback: run });
  expect(done.warnings.map((warning) => warning.split(":")[0])).toEqual(
    expect.arrayContaining([`${TICKET} stays as it is`, "docs/CURRENT_STATE.md stays as it is"]),
  );
  // The old central context is back beside the ticket that somebody went on with.
  expect(readFileSync(join(home, FILE), "utf8")).toBe(WILD);
  expect(box.git(home, "diff", "--stat", since, "HEAD", "--", TICKET, "docs/CURRENT_STATE.md")).toBe("");
  // The notes cannot have their place again: ticket and archive stay.
  expect(existsSync(join(home, "tickets/enablement_docs/ACTIVE_SESSION.md"))).toBe(true);
  expect(existsSync(join(home, `docs/session-context/_legacy/${run}/docs/CURRENT_STATE.md`))).toBe(true);
  const none = await berth.migrate({ rollback: run });
  expect(none).toMatchObject({ commit: null });
  box.git(home, "rm", "-q", "docs/CURRENT_STATE.md");
  commit(box, home, "Room");
  await berth.migrate({ rollback: run });
  expect(readFileSync(join(home, "docs/CURRENT_STATE.md"), "utf8")).toBe(LEGACY["docs/CURRENT_STATE.md"]);
  expect(existsSync(join(home, "tickets/enablement_docs"))).toBe(false);
});

test("[TKT-10] a run that was merged, also as one squashed commit, is taken back on the branch it came to", async () => {
  const { box, home, berth, run, start } = await moved();
  const files = (): string => box.git(home, "rev-parse", "HEAD^{tree}");
  const before = box.git(home, "rev-parse", `${start}^{tree}`);
  for (const how of [["--no-ff", "--no-edit"], ["--squash"]]) {
    box.git(home, "checkout", "-q", "-B", `to${how.length}`, start);
    box.git(home, "merge", "-q", ...how, "main");
    if (how[0] === "--squash") box.git(home, "commit", "-q", "-m", "Squashed");
    await berth.migrate({ rollback: run });
    expect(files()).toBe(before);
  }
});

test("[TKT-10] runs that took parts of one board are taken back one after the other, the last one first", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.git(home, "add", "--all");
  const start = commit(box, home, "Legacy", LEGACY);
  const first = await berth.migrate({ to: "tickets", only: ["enablement_601"] });
  const second = await berth.migrate({ to: "tickets", only: ["enablement_printer"] });
  const early = await berth.migrate({ rollback: first.run ?? "" });
  expect(early.commit).toBeNull();
  expect(early.warnings.length).toBeGreaterThan(0);
  await berth.migrate({ rollback: second.run ?? "" });
  await berth.migrate({ rollback: first.run ?? "" });
  expect(box.git(home, "rev-parse", "HEAD^{tree}")).toBe(box.git(home, "rev-parse", `${start}^{tree}`));
});

test("[TKT-10] [INV-3] a folder that became a file since is not overwritten by what was below it", async () => {
  const { box, home, berth, run } = await moved();
  box.git(home, "rm", "-rq", "sessions", "--ignore-unmatch");
  const since = commit(box, home, "A file", { sessions: "somebody's\n" });
  await refusal(berth.migrate({ rollback: run }), "WOULD_LOSE_WORK");
  expect(box.git(home, "rev-parse", "HEAD")).toBe(since);
  box.git(home, "mv", "sessions", "elsewhere");
  commit(box, home, "Room");
  expect((await berth.migrate({ rollback: run })).warnings).toEqual([]);
});

test("[TKT-10] a run that never was, and a manifest that was changed, are said to be that", async () => {
  const { box, home, berth, run } = await moved();
  await refusal(berth.migrate({ rollback: "tickets-000000000000" }), "NOT_FOUND");
  await refusal(berth.migrate({ rollback: "../../x" }), "NOT_FOUND");
  await refusal(berth.migrate({ rollback: run, to: "tickets" }), "USAGE");
  await refusal(berth.migrate({}), "USAGE");
  const file = `docs/session-context/_migrations/${run}.yml`;
  const text = readFileSync(join(home, file), "utf8");
  for (const bad of [
    text.replace("path: docs/CURRENT_STATE.md", "path: ../x"),
    "run: x\n",
    "a: [",
    text.replace(/blob: .*/, "blob: HEAD"),
  ]) {
    box.write(home, { [file]: bad });
    commit(box, home, "By hand");
    await refusal(berth.migrate({ rollback: run }), "INVALID");
    // Going on is possible: what cannot be read is listed.
    const next = await berth.migrate({ to: "tickets", dryRun: true });
    expect(next.plan.some(({ action, from }) => action === "broken" && from[0] === file)).toBe(true);
  }
});

test("[TKT-10] a program is told that a roll-back had to leave something, as long as it is left", async () => {
  const { box, home, berth, run } = await moved();
  await berth.contextSet({ key: "blockers", add: ["Since"], ticket: "enablement_142" });
  commit(box, home, "Since");
  const back = (): ReturnType<typeof runBerth> => runBerth(["migrate", "--rollback", run, "--json"], { cwd: home });
  const first = await back();
  expect(first.code).toBe(1);
  expect(JSON.parse(first.stdout)).toMatchObject({ left: [TICKET], verified: true });
  const second = await back();
  expect(second.code).toBe(1);
  expect(JSON.parse(second.stdout)).toMatchObject({ left: [TICKET], commit: null });
  const shown = await runBerth(["migrate", "--rollback", run], { cwd: home });
  expect(shown.stdout).toContain("can be taken back now: 1 path");
  box.git(home, "checkout", "--quiet", "HEAD~2", "--", TICKET);
  commit(box, home, "As it was");
  expect((await back()).code).toBe(0);
  expect((await back()).code).toBe(0);
});
