import { existsSync, mkdirSync, renameSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Check } from "../../src/setup/doctor.ts";
import { sandbox } from "../support/sandbox.ts";
import { commit, type Team, team, working } from "../support/session.ts";

async function checksOf(at: Team, fix = false): Promise<Map<string, Check>> {
  const { checks } = await (await at.box.open(at.home, "agent one")).doctor({ fix });
  return new Map(checks.map((check) => [check.name, check]));
}

test("doctor finds nothing to mend in a sound repository", async () => {
  const at = await team();
  await working(at.berth, "Sound");
  const checks = [...(await checksOf(at)).values()];
  expect(checks.filter((check) => !check.ok || check.fix !== null)).toEqual([]);
  expect(checks.map((check) => check.name)).toEqual(
    expect.arrayContaining(["git", "hub", "atomic-push", "base", "ledger", "sessions", "claims", "workspaces"]),
  );
});

test("doctor names a hub whose checked-out base branch takes no push, and accepts one that follows", async () => {
  const box = sandbox();
  const hub = box.clone("checked-out");
  const home = join(box.dir, "home");
  box.git(box.dir, "clone", "--quiet", hub, home);
  const at = { box, home };
  const look = async (): Promise<Check | undefined> =>
    (await (await box.open(home, "agent one")).doctor({})).checks.find((check) => check.name === "hub-checkout");
  const { ok, detail, fix } = (await look()) ?? {};
  expect([ok, detail]).toEqual([false, "main is checked out on the hub, which refuses pushes to it"]);
  expect(fix).toContain("updateInstead");
  box.git(hub, "config", "receive.denyCurrentBranch", "ignore");
  expect((await look())?.detail).toContain("leaves its files behind");
  box.git(hub, "config", "receive.denyCurrentBranch", "updateInstead");
  expect(await look()).toMatchObject({ ok: true });
  await (await box.open(home, "agent one")).init({});
  const berth = await box.open(at.home, "agent one");
  const { id, dir } = await working(berth, "Into a checkout");
  commit(box, dir, `[${id}] feat: work`, { "work.txt": "work\n" });
  await berth.complete({ id, tick: ["all"] });
  expect(existsSync(join(hub, "work.txt"))).toBe(true);
});

test("doctor says that a hub without atomic push lands in three steps, and that an unreachable one is unreachable", async () => {
  const at = await team();
  at.box.git(at.box.hub, "config", "receive.advertiseAtomic", "false");
  const atomic = (await checksOf(at)).get("atomic-push");
  expect([atomic?.ok, atomic?.detail]).toEqual([
    true,
    "the hub cannot move two branches at once; landing takes three steps",
  ]);
  renameSync(at.box.hub, `${at.box.hub}.gone`);
  const hub = (await checksOf(at)).get("hub");
  expect(hub).toMatchObject({ ok: false, fix: "Check the address and the permission: git ls-remote origin" });
});

test("doctor names locks of git that outlived their process, here and on a hub of this machine, and leaves them alone", async () => {
  const at = await team();
  const places = [
    join(at.home, ".git/refs/heads/session/2026-01-01-x.lock"),
    join(at.home, ".git/refs/remotes/origin/berth/ledger.lock"),
    join(at.box.hub, "refs/heads/berth/ledger.lock"),
    join(at.home, ".git/packed-refs.lock"),
  ];
  const fresh = join(at.home, ".git/refs/heads/main.lock");
  for (const path of [...places, fresh]) at.box.write("/", { [path]: "" });
  const long = new Date(Date.now() - 600_000);
  for (const path of places) utimesSync(path, long, long);
  const locks = (await checksOf(at, true)).get("locks");
  for (const path of places) expect(locks?.detail).toContain(path);
  expect(locks?.detail).not.toContain(fresh);
  expect(places.every((path) => existsSync(path))).toBe(true);
});

test("doctor names workspaces whose folder is gone, and a missing linked worktree, which --fix brings back", async () => {
  const at = await team();
  const { id, dir } = await working(at.berth, "Gone");
  rmSync(dir, { recursive: true });
  rmSync(join(at.home, "_AGENTS/sessions"), { recursive: true });
  const found = await checksOf(at);
  expect(found.get("workspaces")).toMatchObject({ ok: false });
  expect(found.get("workspaces")?.detail).toContain(id);
  expect(found.get("linked-worktree")).toMatchObject({ ok: false, fix: "Run: berth doctor --fix" });
  const fixed = await checksOf(at, true);
  expect(fixed.get("linked-worktree")).toMatchObject({ ok: true });
  expect(existsSync(join(at.home, "_AGENTS/sessions/active", id, "SESSION.md"))).toBe(true);
  expect(at.box.git(join(at.home, "_AGENTS/sessions"), "status", "--porcelain")).toBe("");
  mkdirSync(join(at.home, "_AGENTS/sessions/planned/scratch"), { recursive: true });
  expect((await checksOf(at)).get("linked-worktree")).toMatchObject({ ok: true });
});
