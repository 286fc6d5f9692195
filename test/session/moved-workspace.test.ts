import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { claimed, refs, refusal, team, working } from "../support/session.ts";

test.each(["release", "abandon"] as const)(
  "[INV-3] %s keeps what is staged in a workspace whose folder was moved, and says how it comes back",
  async (end) => {
    const { box, home, berth } = await team();
    const { id, dir } = await working(berth, "Moved");
    const moved = join(box.dir, "moved");
    renameSync(dir, moved);
    // Its record is all that git has of this text.
    box.write(moved, { "src/a.txt": "staged alone\n" });
    box.git(home, "worktree", "repair", moved);
    box.git(moved, "add", "src/a.txt");
    box.write(moved, { "src/a.txt": "on the disk\n" });
    const again = join(box.dir, "again");
    renameSync(moved, again);
    const ended = await berth[end]({ id, reason: "later" });
    expect(ended).toMatchObject({ workspaceRemoved: false });
    expect("kept" in ended ? ended.kept.join("\n") : "").toContain("git worktree repair");
    box.git(home, "worktree", "repair", again);
    expect(box.git(again, "show", ":src/a.txt")).toBe("staged alone");
  },
);

test("[INV-3] [XCS-16] of two workspaces of one claim the one that is there counts, everywhere", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Made again");
  rmSync(dir, { recursive: true });
  const fresh = await claimed(berth, id);
  expect(fresh).not.toBe(dir);
  box.write(fresh, { "loose.txt": "not committed\n" });
  expect(await berth.path({ id })).toMatchObject({ path: fresh });
  const told = await berth.recover({ id });
  const [row] = "sessions" in told ? told.sessions : [];
  expect(row?.evidence.join("\n")).toContain(fresh);
  expect(await berth.release({ id, reason: "later" })).toMatchObject({ workspaceRemoved: false });
  expect(box.git(fresh, "status", "--porcelain")).toContain("loose.txt");
  expect(box.git(home, "fsck")).not.toContain("missing");
});

test("an empty id is no session, and no folder of all of them", async () => {
  const { berth } = await team({ remote: false });
  for (const call of [() => berth.recover({ id: "" }), () => berth.path({ id: "" }), () => berth.show({ id: "" })])
    expect((await refusal(call())).hint).not.toContain("Remove");
});

test("[ASP-14] a take-over that is only tried is judged as it would be, and takes nothing", async () => {
  const { box, berth } = await team();
  const { id } = await working(berth, "Tried");
  const other = await box.open(box.clone("other"), "agent two");
  const before = refs(box);
  await refusal(other.recover({ id, takeOver: true, dryRun: true }), "GATE_REFUSED");
  expect(await other.recover({ id, takeOver: true, force: true, dryRun: true })).toEqual({
    plan: { takeOver: id, from: "agent one", epoch: 2, why: ["a person's word"] },
  });
  expect(refs(box)).toBe(before);
});
