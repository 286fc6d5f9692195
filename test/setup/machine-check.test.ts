import { cpSync, mkdirSync, renameSync, statSync } from "node:fs";
import type Os from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { asIf, held, seen } from "../support/holder.ts";
import { refusal, team, working } from "../support/session.ts";
import type { Berth } from "../../src/open.ts";

const machine = vi.hoisted(() => ({ runs: (real: number): number => real }));
vi.mock("node:os", async (original) => {
  const os = await original<typeof Os>();
  return { ...os, uptime: () => machine.runs(os.uptime()) };
});
afterEach(() => {
  machine.runs = (real) => real;
  vi.restoreAllMocks();
});

async function line(
  berth: Berth,
  name: string,
): Promise<{ ok: boolean; detail: string; fix: string | null } | undefined> {
  return (await berth.doctor({})).checks.find((check) => check.name === name);
}

test("[XCS-03] doctor says that this machine was started again, and whose processes ended with that", async () => {
  const { id, holder, heir } = await held();
  expect(await line(heir, "machine")).toMatchObject({ ok: true });
  await asIf(holder, "agent one", { bootId: "the start before" });
  machine.runs = () => -1;
  expect(await line(heir, "machine")).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/^this machine was started at .*agent one registered before that/) as unknown,
    fix: expect.stringContaining("berth recover") as unknown,
  });
  await heir.recover({ id, takeOver: true });
  expect(await line(heir, "machine")).toMatchObject({ ok: true });
  // Of another machine of this name it says nothing.
  await asIf(heir, "heir", { bootId: "the start before", machine: "another machine" });
  expect(await line(heir, "machine")).toMatchObject({ ok: true });
});

test("[XCS-03] doctor says that this machine slept, and that who was silent meanwhile is suspect and not dead", async () => {
  const { id, heir } = await held();
  expect((await line(heir, "machine"))?.detail).not.toContain("slept");
  const day = 86_400;
  const real = Date.now.bind(Date);
  machine.runs = (seconds) => seconds + day;
  vi.spyOn(Date, "now").mockImplementation(() => real() + day * 1000);
  const said = await line(heir, "machine");
  expect(said).toMatchObject({ ok: true });
  expect(said?.detail).toContain("slept 24 hours since: who is silent for that is suspect, not dead");
  expect(said?.detail).not.toContain("its clock was set");
  const found = await seen(heir, id);
  expect(found).toMatchObject({ state: "suspect" });
  expect(found.evidence).toContain("its process runs");
  await refusal(heir.recover({ id, takeOver: true }), "GATE_REFUSED");
  expect((await heir.agents({})).agents).toMatchObject([{ id: "agent one", state: "suspect" }]);
});

test("[XCS-03] doctor says that the clock was set, and for whom times tell nothing now", async () => {
  const { heir } = await held();
  machine.runs = (seconds) => seconds - 7200;
  const said = await line(heir, "machine");
  expect(said?.detail).toContain("its clock was set since agent one called last");
});

test("[INV-8] doctor finds a workspace that was moved, and what it says brings it back", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Moved");
  const beside = join(home, ".worktrees/elsewhere");
  renameSync(dir, beside);
  const said = await line(berth, "workspaces");
  expect(said).toMatchObject({ ok: false, fix: `git worktree repair ${beside}` });
  expect(said?.detail).toContain(`the workspace of ${id} was moved to ${beside}`);
  box.git(home, ...(said?.fix ?? "").split(" ").slice(1));
  expect(await line(berth, "workspaces")).toMatchObject({ ok: true });
  expect((await berth.path({ id })).path).toBe(beside);
  expect(await seen(berth, id)).toMatchObject({ state: "live", unsaved: 0 });
  // Further away it cannot be found, and what to do is said.
  mkdirSync(join(box.dir, "far"));
  renameSync(beside, join(box.dir, "far/away"));
  expect(await line(berth, "workspaces")).toMatchObject({
    ok: false,
    detail: expect.stringContaining(id) as unknown,
    fix: expect.stringContaining("git worktree repair FOLDER") as unknown,
  });
});

test("[XCS-18] a store whose processes were all killed is whole, and doctor says so", async () => {
  const { box, home, berth } = await team({ remote: false });
  await berth.register({ id: "agent one" });
  await berth.sharedSet({ path: "a", value: 1 });
  // What a crash leaves: the log beside the file, and nobody to close it.
  const left = join(box.dir, "left");
  cpSync(home, left, { recursive: true, filter: (path) => !path.endsWith("-shm") });
  expect(statSync(join(left, ".git/berth/live/store.db-wal")).size).toBeGreaterThan(0);
  const after = await box.open(left, "heir");
  expect(await line(after, "store")).toMatchObject({ ok: true });
  expect(await after.sharedGet({ path: "a" })).toMatchObject({ value: 1 });
  expect((await after.agents({})).agents).toMatchObject([{ id: "agent one" }]);
});
