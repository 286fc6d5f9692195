import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { claimed, commit, refusal, type Team, team, working } from "../support/session.ts";

/** A session that one holder began and left dirty in his clone, and that another went on with in his own. */
async function twoHolders(settings: Readonly<Record<string, unknown>> = {}): Promise<Team & { id: string }> {
  const at = await team({ settings });
  at.box.git(at.home, "add", "--all");
  at.box.git(at.home, "commit", "--quiet", "-m", "Set up Berth");
  at.box.git(at.home, "push", "--quiet", "origin", "main");
  const { id, dir } = await working(at.berth, "Handed on");
  commit(at.box, dir, `[${id}] feat: one`, { "one.txt": "one\n" });
  at.box.write(dir, { "loose.txt": "loose\n" });
  expect(await at.berth.release({ id, reason: "later" })).toMatchObject({ workspaceRemoved: false });
  const second = await at.box.open(at.box.clone("second"), "agent two");
  await second.init({});
  commit(at.box, await claimed(second, id), `[${id}] feat: two`, { "two.txt": "two\n" });
  await second.release({ id, reason: "later" });
  return { ...at, id };
}

test("[INV-4] completing lands what the ledger names, also where a branch of this clone lags behind", async () => {
  const { berth, box, home, id } = await twoHolders();
  await berth.claim({ id, noWorkspace: true });
  expect(await berth.complete({ id, tick: ["all"] })).toMatchObject({ session: { state: "completed" } });
  const landed = box.git(box.hub, "ls-tree", "-r", "--name-only", "main").split("\n");
  expect(landed).toEqual(expect.arrayContaining(["one.txt", "two.txt"]));
  expect(readFileSync(join(home, ".worktrees", id, "loose.txt"), "utf8")).toBe("loose\n");
});

test("[INV-4] releasing with a branch that lags behind hands all of the work on", async () => {
  const { berth, box, id } = await twoHolders({ push: { session: false } });
  await berth.claim({ id, noWorkspace: true });
  await berth.release({ id, reason: "no time" });
  const third = await box.open(box.clone("third"), "agent three");
  await third.init({});
  expect(existsSync(join(await claimed(third, id), "two.txt"))).toBe(true);
});

test("[INV-4] a branch that lacks an earlier holder's work does not land until somebody decided about it", async () => {
  const { berth, box, id } = await twoHolders();
  const dir = await claimed(berth, id);
  box.git(dir, "reset", "--quiet", "--hard", "HEAD~2");
  box.git(dir, "commit", "--quiet", "--no-verify", "--allow-empty", "-m", `[${id}] feat: other`);
  const refused = await refusal(berth.complete({ id, tick: ["all"] }), "WOULD_LOSE_WORK");
  expect(refused.hint).toContain("-s ours");
  await refusal(berth.release({ id, reason: "r" }), "WOULD_LOSE_WORK");
  const command = /git merge -m "[^"]*" -s ours ([0-9a-f]{40})/.exec(refused.hint ?? "");
  box.git(
    dir,
    "merge",
    "--quiet",
    "--no-edit",
    "-s",
    "ours",
    "-m",
    `[${id}] chore: take earlier work in`,
    command?.[1] ?? "",
  );
  expect(await berth.release({ id, reason: "left out" })).toMatchObject({ session: { state: "planned" } });
});

for (const kind of ["clone", "worktree"] as const) {
  test(`[INV-6] a landing that succeeded is told as one, though a late commit conflicts with it, in a ${kind}`, async () => {
    const { berth, box } = await team();
    const { id, dir } = await (async () => {
      const made = await working(berth, "Late");
      await berth.release({ id: made.id, reason: "again" });
      return { id: made.id, dir: await claimed(berth, made.id, { workspace: kind }) };
    })();
    const other = await working(berth, "Other");
    commit(box, other.dir, `[${other.id}] feat: theirs`, { "src/a.txt": "theirs\n" });
    await berth.complete({ id: other.id, tick: ["all"] });
    commit(box, dir, `[${id}] feat: mine`, { "mine.txt": "mine\n" });
    // The verification stands for the time in which somebody goes on working.
    const late = `cd '${dir}' && echo late > src/a.txt && git -c core.hooksPath=/dev/null commit -qam '[${id}] feat: late'`;
    const landed = await berth.land({
      id,
      verify: `env -u GIT_DIR -u GIT_WORK_TREE -u GIT_INDEX_FILE sh -c "${late}"`,
    });
    expect(landed).toMatchObject({ landed: { base: "main" } });
    const [warning = ""] = (landed as { warnings: readonly string[] }).warnings;
    expect(warning).toContain("Landed as");
    expect(box.git(box.hub, "ls-tree", "--name-only", "main")).toContain("mine.txt");
    const hint = /git merge -m "([^"]*)" ([0-9a-f]{40})/.exec(warning);
    expect(() => box.git(dir, "merge", "-m", hint?.[1] ?? "", hint?.[2] ?? "")).toThrow();
    expect(box.git(dir, "status", "--porcelain")).toContain("UU src/a.txt");
    box.write(dir, { "src/a.txt": "both\n" });
    commit(box, dir, hint?.[1] ?? "");
    expect(await berth.complete({ id, tick: ["all"] })).toMatchObject({ session: { state: "completed" } });
    expect(box.git(box.hub, "show", "main:src/a.txt")).toBe("both");
  }, 60_000);
}
