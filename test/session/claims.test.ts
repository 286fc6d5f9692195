import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { type Clock, systemClock } from "../../src/clock.ts";
import type { Berth } from "../../src/open.ts";
import { planned } from "../support/sandbox.ts";
import { claimed, ledgerFile, listed, refs, refusal, team } from "../support/session.ts";

test("[ASP-05] [ASP-06] the loser is told who holds the session since when, and what to do", async () => {
  const { box, berth } = await team();
  const id = await planned(berth, "Wanted");
  await claimed(berth, id);
  expect(ledgerFile(box, "sessions.lock")).toMatch(new RegExp(`^${id}:\\d{10}$`));
  const other = await box.open(box.clone("other"), "agent two");
  const before = refs(box);
  const error = await refusal(other.claim({ id }), "CLAIM_LOST");
  expect(error.facts["winner"]).toMatchObject({ agent: "agent one", epoch: 1 });
  expect(error.message).toContain("agent one");
  expect(error.hint).toContain("--next");
  expect(refs(box)).toBe(before);
  for (const verb of ["land", "complete", "sync"] as const) await refusal(other[verb]({ id }), "NOT_HOLDER");
  for (const verb of ["release", "abandon"] as const) await refusal(other[verb]({ id, reason: "mine" }), "NOT_HOLDER");
  expect(refs(box)).toBe(before);
});

test("[ASP-06] a push that lost only to unrelated movement is made again by itself", async () => {
  const { box, berth } = await team();
  const [mine, theirs] = [await planned(berth, "Mine"), await planned(berth, "Theirs")];
  // Another machine has a queue of its own: it moves the ledger while this one is about to push.
  const other = await box.open(box.clone("other"), "agent two");
  Object.assign(other.project, { machineDir: `${box.dir}/other-machine` });
  let moves = 0;
  const slow = await box.open(box.clone("slow"), "agent three", {
    progress: async ({ name }) => {
      if (name === "ledger.committed" && ++moves === 1) await other.claim({ id: theirs });
    },
  });
  const result = await slow.claim({ id: mine });
  expect(moves).toBe(2);
  expect(result).toMatchObject({ claim: { epoch: 1, holder: "agent three" } });
  expect(
    ledgerFile(box, "sessions.lock")
      .split("\n")
      .map((l) => l.split(":")[0]),
  ).toEqual([theirs, mine]);
  const commits = box.git(box.hub, "log", "--format=%s", "-3", "berth/ledger").split("\n");
  expect(commits.slice(0, 2)).toEqual([`[${mine}] Claim session`, `[${theirs}] Claim session`]);
});

test("[ASP-06] a push that lost to the same session names the winner, and --next takes the next best instead", async () => {
  const { box, berth } = await team();
  const first = await planned(berth, "First", { priority: "now" });
  const second = await planned(berth, "Second");
  const other = await box.open(box.clone("other"), "agent two");
  Object.assign(other.project, { machineDir: `${box.dir}/other-machine` });
  let moves = 0;
  const progress = async ({ name }: { name: string }): Promise<void> => {
    if (name === "ledger.committed" && ++moves === 1) await other.claim({ id: first });
  };
  const direct = await box.open(box.clone("direct"), "agent three", { progress });
  const error = await refusal(direct.claim({ id: first }), "CLAIM_LOST");
  expect(error.facts["winner"]).toMatchObject({ agent: "agent two", epoch: 1 });
  expect(existsSync(`${direct.project.cwd}/.worktrees`)).toBe(false);
  await other.release({ id: first, reason: "again" });
  moves = 0;
  const next = await box.open(box.clone("next"), "agent four", { progress });
  expect(await next.claim({ next: true })).toMatchObject({ session: { id: second } });
});

test("[ASP-05] [INV-6] claiming again is the holder's alone: from the workspace it is the same claim", async () => {
  const { box, berth } = await team();
  const id = await planned(berth, "Mine");
  const dir = await claimed(berth, id);
  const before = refs(box);
  const inside = await box.open(dir);
  expect(await inside.claim({ id })).toMatchObject({
    claim: { epoch: 1, holder: "agent one" },
    workspace: { path: dir },
  });
  expect(await inside.claim({})).toMatchObject({ claim: { epoch: 1 } });
  const elsewhere = await refusal(berth.claim({ id }), "CLAIM_LOST");
  expect(elsewhere.message).toContain("agent one");
  expect(refs(box)).toBe(before);
});

test("[ASP-05] a dry run says what the claim would be, and changes nothing", async () => {
  const { box, berth } = await team();
  const id = await planned(berth, "Try");
  const before = refs(box);
  const preview = await berth.claim({ id, dryRun: true });
  expect(preview).toMatchObject({
    plan: { moves: [{ from: `planned/${id}`, to: `active/${id}` }], lock: { add: { id } } },
  });
  expect(await berth.claim({ next: true, dryRun: true })).toMatchObject({ plan: { lock: { add: { id } } } });
  expect(refs(box)).toBe(before);
  expect(existsSync(`${berth.project.cwd}/.worktrees`)).toBe(false);
});

test("[ASP-22] --next takes what fits the capabilities, by priority, then age, once its dependencies are completed", async () => {
  const { box, berth } = await team();
  const ids: Record<string, string> = {};
  const add = async (name: string, more: Parameters<typeof planned>[2] = {}): Promise<void> => {
    ids[name] = await planned(berth, name, more);
  };
  await add("later", { priority: "future", id: "2025-01-01-later" });
  await add("old", { id: "2025-01-02-old" });
  await add("young", { id: "2025-01-03-young" });
  await add("urgent but rust", { priority: "now", capabilities: ["rust", "sql"], id: "2025-01-04-rust" });
  await add("urgent but waiting", { priority: "now", depends: ["2025-01-02-old"], id: "2025-01-05-waiting" });
  const took = async (berth: Berth, more: object = {}): Promise<string> => {
    const result = await berth.claim({ next: true, noWorkspace: true, ...more });
    return "session" in result ? result.session.id : "";
  };
  expect(await took(berth, { capabilities: ["rust"] })).toBe(ids["old"]);
  expect(await took(await box.open(box.clone("b"), "b"))).toBe(ids["young"]);
  const c = await box.open(box.clone("c"), "c");
  expect(await took(c, { capabilities: ["sql", "rust", "go"] })).toBe(ids["urgent but rust"]);
  const waiting = await refusal(c.claim({ id: "2025-01-05-waiting" }), "GATE_REFUSED");
  expect(waiting.facts["unmet"]).toEqual([{ id: ids["old"], state: "active" }]);
  await berth.complete({ id: ids["old"] });
  const d = await box.open(box.clone("d"), "d");
  expect(await took(d)).toBe(ids["urgent but waiting"]);
  expect(await took(await box.open(box.clone("e"), "e"))).toBe(ids["later"]);
  await refusal(d.claim({ next: true }), "NOTHING_FITS");
});

for (const remote of [true, false]) {
  test(`[ASP-22] --next --wait wakes when a session is planned, ${remote ? "through the hub" : "without a remote"}`, async () => {
    const { box, home, berth } = await team({ remote });
    const waiter = await box.open(remote ? box.clone("waiter") : home, "waiter");
    const nothing = await refusal(waiter.claim({ next: true, waitMs: 150 }), "TIMED_OUT");
    expect(nothing.hint).toContain("berth list");
    const waiting = waiter.claim({ next: true, waitMs: 20_000, noWorkspace: true });
    const id = await planned(berth, "Just now");
    expect(await waiting).toMatchObject({ session: { id, state: "active", agent: "waiter" } });
  });
}

test("[ASP-22] waiting ends in time although the clock is set back meanwhile", async () => {
  const { box, home } = await team({ remote: false });
  let back = 0;
  const clock: Clock = {
    ...systemClock,
    now: () => Date.now() - back,
    sleep: (ms, signal) => {
      back = 3_600_000;
      return systemClock.sleep(ms, signal);
    },
  };
  const waiter = await box.open(home, "waiter", { clock });
  await refusal(waiter.claim({ next: true, waitMs: 1000 }), "TIMED_OUT");
});

test("[ASP-22] waiting ends at once when it is interrupted", async () => {
  const { box, home } = await team({ remote: false });
  const stop = new AbortController();
  const waiter = await box.open(home, "waiter", { signal: stop.signal });
  const waiting = waiter.claim({ next: true, waitMs: 60_000 });
  setTimeout(() => stop.abort(new Error("enough")), 300);
  await expect(waiting).rejects.toThrow("enough");
});

test("[ASP-26] a claim on paths that active sessions declare is warned of, and not hindered", async () => {
  const { box, berth } = await team();
  const first = await planned(berth, "First", { paths: ["src/auth/**"] });
  const second = await planned(berth, "Second", { paths: ["src/auth/login.ts", "docs/**"] });
  const third = await planned(berth, "Third", { paths: ["src/author/**"] });
  await claimed(berth, first);
  const result = await berth.claim({ id: second });
  expect("warnings" in result && result.warnings.join()).toContain(first);
  const apart = await berth.claim({ id: third });
  expect("warnings" in apart && apart.warnings).toEqual([]);
  expect(listed(box, "berth/ledger:active")).toHaveLength(4);
});
