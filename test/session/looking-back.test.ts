import { expect, test } from "vitest";
import type { Clock } from "../../src/clock.ts";
import { systemClock } from "../../src/clock.ts";
import { lines, planned } from "../support/sandbox.ts";
import { claimed, commit, refusal, team, working } from "../support/session.ts";

test("[ASP-23] a landed commit carries session, agent, epoch and every contributing author", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Limit attempts");
  commit(box, dir, `[${id}] feat: count`, { "src/c.txt": "1\n" });
  await berth.release({ id, reason: "hand over" });
  const other = await box.open(home, "agent two");
  const there = await claimed(other, id);
  commit(box, there, `[${id}] fix: refuse`, { "src/c.txt": "2\n" });
  const tip = box.git(there, "rev-parse", "HEAD");
  await other.complete({ id });
  const [subject, , ...body] = box.git(box.hub, "log", "-1", "--format=%B", "main").split("\n");
  expect(subject).toBe(`[${id}] feat: Limit attempts`);
  expect(body.slice(0, 3)).toEqual(["- feat: count", "- fix: refuse", ""]);
  const trailers = box.git(box.hub, "log", "-1", "--format=%(trailers:only)", "main").trim().split("\n");
  expect(trailers.slice(0, 4)).toEqual([
    `Berth-Session: ${id}`,
    "Berth-Agent: agent two",
    "Berth-Epoch: 2",
    `Berth-Landed: ${tip}`,
  ]);
  expect(trailers.slice(4).sort()).toEqual([
    "Co-authored-by: agent one <author@berth.test>",
    "Co-authored-by: agent two <author@berth.test>",
  ]);
  expect(box.git(box.hub, "log", "-1", "--format=%an", "main")).toBe("agent two");
});

test("[ASP-23] trace leads from a commit, a path or a folder back to session, agent, plan and patch", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Traced");
  commit(box, dir, `[${id}] feat: c`, { "src/ünï c.txt": "c\n" });
  await berth.complete({ id });
  const commitId = box.git(box.hub, "rev-parse", "main");
  const expected = {
    commit: commitId,
    session: id,
    agent: "agent one",
    epoch: 1,
    state: "completed",
    plan: `completed/${id}/SESSION.md`,
    patch: `completed/${id}/${id}.patch`,
    contributors: ["agent one <author@berth.test>"],
  };
  for (const target of [commitId, commitId.slice(0, 10), "src/ünï c.txt", "origin/main"]) {
    expect((await berth.trace({ target })).entries[0], target).toMatchObject(expected);
  }
  const older = await berth.trace({ target: "README.md" });
  expect(older.entries).toMatchObject([
    { session: null, agent: null, plan: null, patch: null, author: "Test Author <author@berth.test>" },
  ]);
  box.write(home, { "src/a.txt": "by hand\n" });
  box.git(home, "pull", "--quiet");
  box.git(home, "commit", "--quiet", "-am", `[${id}] feat: forged subject`);
  box.git(home, "push", "--quiet", "origin", "main");
  await berth.list({ fetch: true });
  expect((await berth.trace({ target: "src" })).entries).toHaveLength(3);
  for (const bad of ["nowhere.txt", "--all", "-1", "HEAD:x", "a\nb", ":(glob)**", "../x", ""]) {
    await refusal(berth.trace({ target: bad }), "NOT_FOUND");
  }
});

test("[ASP-18] drift compares the frozen plan with what happened: criteria, files, subsessions, time", async () => {
  const { box, home } = await team();
  let now = Date.parse("2026-03-01T09:00:00Z");
  const clock: Clock = { ...systemClock, now: () => now };
  const berth = await box.open(home, "agent one", { clock });
  const id = await planned(berth, "Drifted", {
    criteria: ["One", "Two"],
    paths: ["src/**", "docs/never.md"],
    notes: ["Estimate: 2h"],
  });
  await refusal(berth.drift({ id }), "WRONG_STATE");
  const dir = await claimed(berth, id);
  commit(box, dir, `[${id}] feat: c`, { "src/c.txt": "c\n", "lib/other.txt": "x\n" });
  const running = await berth.drift({ id });
  expect(running).toMatchObject({
    state: "active",
    files: { touched: ["lib/other.txt", "src/c.txt"] },
    planChanged: false,
  });
  await berth.land({ id });
  const child = await berth.subsession({ session: id, title: "More of it", context: "c", criteria: ["x"] });
  commit(box, dir, `[${id}] feat: a`, { "src/a.txt": lines(20).replace("line 3", "x") });
  now += 3 * 3_600_000 + 5 * 60_000;
  await berth.complete({ id, tick: [2], notes: "One is moved out." });
  const drift = await berth.drift({ id });
  expect(drift).toMatchObject({
    session: id,
    state: "completed",
    criteria: [
      { text: "One", done: false, added: false },
      { text: "Two", done: true, added: false },
    ],
    files: {
      planned: ["src/**", "docs/never.md"],
      touched: ["lib/other.txt", "src/a.txt", "src/c.txt"],
      unplanned: ["lib/other.txt"],
      untouched: ["docs/never.md"],
    },
    subsessions: [{ id: child.session.id, title: "More of it", state: "drafting" }],
    time: { plannedMs: 7_200_000, usedMs: 11_100_000, landings: 2 },
  });
  for (const part of [
    "## Acceptance criteria: 1 of 2 met",
    "- [ ] One\n- [x] Two",
    "- lib/other.txt (not foreseen)",
    "- docs/never.md (foreseen, not touched)",
    "- planned: 2 h 0 min",
    "- used: 3 h 5 min, in 2 landings",
  ]) {
    expect(drift.markdown).toContain(part);
  }
});

test("[ASP-18] [ASP-23] show gives the whole record, and lists say how old they are", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Shown");
  const seen = await berth.show({ id });
  expect(seen).toMatchObject({
    folder: `active/${id}`,
    claim: { agent: "agent one", epoch: 1, branch: `session/${id}` },
    criteria: [{ text: "It works", done: false }],
    workspaces: [{ path: dir, agent: "agent one", epoch: 1, kind: "worktree" }],
  });
  expect(seen.history.map((h) => h.subject)).toEqual([
    `[${id}] Claim session`,
    `[${id}] Ready to be claimed`,
    `[${id}] Draft session`,
  ]);
  expect(seen.claim?.token).toMatch(/^sha256:[0-9a-f]{64}$/);
  const stale = await box.open(box.clone("stale"), "agent two");
  expect((await stale.list({ fetch: true })).sessions.map((s) => s.id)).toEqual([id]);
  const second = await planned(berth, "Second");
  const before = await stale.list({});
  expect(before.sessions).toHaveLength(1);
  expect(before.ledger.ageMs).toBeGreaterThanOrEqual(0);
  expect((await stale.list({ fetch: true, states: ["planned"] })).sessions.map((s) => s.id)).toEqual([second]);
  await berth.abandon({ id, reason: "x" });
  expect((await berth.list({})).sessions.map((s) => s.id)).toEqual([second]);
  expect((await berth.list({ all: true })).sessions.map((s) => s.state).sort()).toEqual(["abandoned", "planned"]);
  await refusal(berth.list({ states: ["done"] }), "USAGE");
  const near = await refusal(berth.show({ id: id.replace("shown", "show") }), "NOT_FOUND");
  expect(near.hint).toContain(id);
});
