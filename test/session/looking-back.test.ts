import { expect, test } from "vitest";
import { planned } from "../support/sandbox.ts";
import { commit, refusal, team, working } from "../support/session.ts";

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
