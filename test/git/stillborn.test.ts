import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Team, claimed, team } from "../support/session.ts";
import { planned } from "../support/sandbox.ts";

/** What `git worktree add` leaves when it is killed before its HEAD names a commit. @returns its folder */
function halfMade(at: Team, name: string): string {
  const dir = join(at.box.dir, name);
  at.box.git(at.home, "worktree", "add", "--quiet", "--detach", "--no-checkout", dir);
  const gitDir = join(at.home, ".git/worktrees", name);
  writeFileSync(join(gitDir, "HEAD"), `${"0".repeat(40)}\n`);
  writeFileSync(join(gitDir, "locked"), "initializing\n");
  return dir;
}

test("[INV-3] a work tree killed before it had a HEAD, with which git cannot fetch, is cleared away by the next verb", async () => {
  const at = await team();
  const dir = halfMade(at, "stillborn");
  at.box.git(at.box.hub, "branch", "other", "main");
  expect(() => at.box.git(at.home, "fetch", "origin")).toThrow("bad object worktrees/stillborn/HEAD");
  const id = await planned(at.berth, "After a kill");
  await claimed(at.berth, id);
  at.box.git(at.home, "fetch", "origin");
  expect(existsSync(join(at.home, ".git/worktrees/stillborn"))).toBe(false);
  expect(existsSync(join(dir, ".git"))).toBe(false);
});

test("[INV-3] one that holds a file is left alone", async () => {
  const at = await team({ remote: false });
  const dir = halfMade(at, "with-work");
  at.box.write(dir, { "work.txt": "work\n" });
  const { checks } = await at.berth.doctor({ fix: true });
  expect(checks.find((check) => check.name === "half-made")).toMatchObject({ ok: true });
  expect(existsSync(join(dir, "work.txt"))).toBe(true);
  expect(existsSync(join(at.home, ".git/worktrees/with-work/HEAD"))).toBe(true);
});

test("doctor names a half-made work tree, and --fix removes it", async () => {
  const at = await team({ remote: false });
  const dir = halfMade(at, "stillborn");
  const look = async (fix: boolean): Promise<unknown> =>
    (await at.berth.doctor({ fix })).checks.find((check) => check.name === "half-made");
  expect(await look(false)).toMatchObject({
    ok: false,
    detail: expect.stringContaining(dir) as unknown,
    fix: "Run: berth doctor --fix",
  });
  expect(await look(true)).toMatchObject({ ok: true });
  expect(await look(false)).toMatchObject({ ok: true, detail: "no half-made work tree" });
  at.box.git(at.home, "fsck");
});
