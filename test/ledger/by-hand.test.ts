import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planned, type Sandbox } from "../support/sandbox.ts";
import { claimed, commit, ledgerFile, refs, refusal, team } from "../support/session.ts";

const shown = "_AGENTS/sessions";

/** The manual procedure: a line in sessions.lock, and the folder moved (or only the line). */
function claimByHand(box: Sandbox, ledger: string, id: string, options: { move: boolean; by?: string }): string {
  box.write(ledger, {
    "sessions.lock": `${box.git(ledger, "show", "HEAD:sessions.lock")}\n${id}:1760434200\n`.trimStart(),
  });
  if (options.move) {
    mkdirSync(join(ledger, "active"), { recursive: true });
    renameSync(join(ledger, "planned", id), join(ledger, "active", id));
  }
  box.git(ledger, "add", "--all");
  const by =
    options.by === undefined ? [] : ["-c", `user.name=${options.by}`, "-c", `user.email=${options.by}@berth.test`];
  box.git(ledger, ...by, "commit", "--quiet", "-m", `[${id}] Claim session`);
  return box.git(ledger, "rev-parse", "HEAD");
}

for (const move of [true, false]) {
  const what = move ? "lock line and moved folder" : "the lock line alone";
  test(`[ASP-29] [INV-1] a claim made by hand (${what}) and pushed is respected by everyone`, async () => {
    const { box, berth } = await team();
    const [id, free] = [await planned(berth, "By hand", { priority: "now" }), await planned(berth, "Free")];
    box.git(box.dir, "clone", "--quiet", "--branch", "berth/ledger", box.hub, "hand");
    const made = claimByHand(box, join(box.dir, "hand"), id, { move, by: "alice" });
    box.git(join(box.dir, "hand"), "push", "--quiet", "origin", "HEAD:berth/ledger");
    const before = refs(box);
    const error = await refusal(berth.claim({ id }), "CLAIM_LOST");
    expect(error.message).toContain(`by hand in ${made.slice(0, 10)}, by alice`);
    expect(error.facts["winner"]).toMatchObject({ agent: "alice", epoch: null });
    expect(refs(box)).toBe(before);
    expect(await berth.claim({ next: true, noWorkspace: true })).toMatchObject({ session: { id: free } });
    expect(ledgerFile(box, "sessions.lock")).toContain(`${id}:1760434200`);
    if (move) await refusal(berth.abandon({ id, reason: "mine?" }), "NOT_HOLDER");
  });

  test(`[ASP-29] a claim made by hand (${what}) is adopted by its maker, who gets workspace and epoch`, async () => {
    const { box, home, berth } = await team();
    const id = await planned(berth, "By hand");
    const ledger = join(home, shown);
    claimByHand(box, ledger, id, { move, by: "alice" });
    // Not pushed: the next verb here takes the commit up and publishes it, whoever runs it.
    const other = await box.open(home, "agent two");
    await refusal(other.claim({ next: true }), "NOTHING_FITS");
    expect(ledgerFile(box, "sessions.lock")).toContain(id);
    const stranger = await refusal(other.claim({ id }), "CLAIM_LOST");
    expect(stranger.facts["winner"]).toMatchObject({ agent: "alice" });
    box.git(home, "config", "user.email", "alice@berth.test");
    const maker = await box.open(home, "her agent");
    const dir = await claimed(maker, id);
    expect(existsSync(join(dir, ".session/worklog.md"))).toBe(true);
    expect(ledgerFile(box, `active/${id}/claim.yaml`)).toContain("epoch: 1");
    expect(ledgerFile(box, "sessions.lock")).toMatch(new RegExp(`^${id}:\\d+$`));
    commit(box, dir, `[${id}] feat: c`, { "src/c.txt": "c\n" });
    await expect(maker.complete({ id })).resolves.toMatchObject({ session: { state: "completed" } });
    expect(box.git(ledger, "status", "--porcelain")).toBe("");
  });
}

test("[ASP-29] the maker stays the maker when somebody else's verb published the commit while the ledger moved", async () => {
  const { box, home, berth } = await team();
  const [id, theirs] = [await planned(berth, "By hand"), await planned(berth, "Theirs")];
  claimByHand(box, join(home, shown), id, { move: false, by: "alice" });
  const other = await box.open(box.clone("other"), "agent two");
  await other.claim({ id: theirs, noWorkspace: true });
  await berth.draft({ title: "Takes it up" });
  const lock = ledgerFile(box, "sessions.lock");
  for (const claim of [id, theirs]) expect(lock).toContain(`${claim}:`);
  const error = await refusal(berth.claim({ id }), "CLAIM_LOST");
  expect(error.facts["winner"]).toMatchObject({ agent: "alice" });
});

for (const move of [true, false])
  test(`[ASP-29] [INV-1] a claim made by hand of a session that was claimed meanwhile is kept aside and reported (${move ? "moved" : "line only"})`, async () => {
    const { box, home, berth } = await team();
    const id = await planned(berth, "Both");
    const other = await box.open(box.clone("other"), "agent two");
    await other.claim({ id, noWorkspace: true });
    const made = claimByHand(box, join(home, shown), id, { move, by: "alice" });
    const drafted = await berth.draft({ title: "Next verb" });
    expect("warnings" in drafted && drafted.warnings.join()).toContain("refs/berth/kept/");
    expect(box.git(home, "for-each-ref", "--format=%(objectname)", "refs/berth/kept")).toBe(made);
    expect((await berth.show({ id })).claim).toMatchObject({ agent: "agent two", epoch: 1 });
    const released = await berth.doctor({});
    expect(released.checks.filter((c) => !c.ok)).toEqual([]);
  });
