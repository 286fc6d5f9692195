import { spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { faultProxy } from "../support/fault-proxy.ts";
import { testServer } from "../support/postgres.ts";
import { planned, program, sandbox } from "../support/sandbox.ts";
import { openLink } from "../../src/store/postgres-link.ts";
import { takeStanding } from "../../src/store/postgres-standing.ts";
import { claimed, commit, refusal } from "../support/session.ts";
import { silentHour } from "../support/silent-hour.ts";

const server = testServer();

/** Two clones on one PostgreSQL, as two machines have them. @param port where the first one reaches the server */
async function machines(
  port?: number,
): Promise<{ one: Berth; two: Berth; box: ReturnType<typeof sandbox>; url: string; home: string }> {
  const box = sandbox();
  const env = { ...process.env, BERTH_DATABASE_URL: await server.database() };
  const url = env.BERTH_DATABASE_URL.replace(`:${server.port}/`, `:${port ?? server.port}/`);
  const home = box.clone("one");
  await (await box.open(home)).init({});
  box.git(home, "add", "--all");
  box.git(home, "commit", "--quiet", "-m", "Set up Berth");
  box.git(home, "push", "--quiet", "origin", "main");
  return {
    box,
    url: env.BERTH_DATABASE_URL,
    home,
    one: await box.open(home, "one", { env: { ...env, BERTH_DATABASE_URL: url } }),
    two: await box.open(box.clone("two"), "two", { env }),
  };
}

test("[XCS-01] [XCS-06] on PostgreSQL agents of two clones see each other, and lock the same paths", async () => {
  const { one, two } = await machines();
  await one.register({ id: "one", role: "frontend", pid: process.pid });
  await two.register({ id: "two", role: "backend" });
  expect((await two.agents({})).agents.map(({ id, state }) => [id, state])).toEqual([
    ["one", "live"],
    ["two", "live"],
  ]);
  const first = (await one.lock({ paths: ["src/a.txt"], mode: "shared" })).locks[0];
  await refusal(two.lock({ paths: ["src/**"] }), "LOCK_HELD");
  const waiting = two.lock({ paths: ["src/*.txt"], waitMs: 20_000 });
  await expect.poll(async () => (await one.status({})).waiting).toHaveLength(1);
  await refusal(one.lock({ paths: ["src/b.txt"] }), "LOCK_HELD");
  await one.unlock({ all: true });
  expect((await waiting).locks[0]?.fence).toBeGreaterThan(first?.fence ?? 0);
  await two.leave({ id: "two" });
  expect((await one.status({})).locks).toEqual([]);
});

test("[XCS-06] [XCS-03] on PostgreSQL who waits for one that dies meanwhile is served when it is dead", async () => {
  const { one, two } = await machines();
  const child = spawn("sleep", ["300"], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await one.register({ id: "one", pid: child.pid ?? 0 });
  await one.lock({ paths: ["src/**"] });
  const waiting = two.lock({ paths: ["src/a.txt"], waitMs: 20_000 });
  await expect.poll(async () => (await two.status({})).waiting).toHaveLength(1);
  child.kill("SIGKILL");
  expect(await waiting).toMatchObject({ locks: [{ agent: "two" }] });
});

test("[XCS-06] a holder whose server cannot be reached is told that its lock is lost, and not after others can have it", async () => {
  const proxy = await faultProxy(server.port);
  onTestFinished(() => proxy.close());
  const { one, two } = await machines(proxy.port);
  const handle = await one.hold({ paths: ["src/a.txt"], ttlMs: 2000 });
  proxy.weather = "black hole";
  const waiting = two.lock({ paths: ["src/a.txt"], waitMs: 20_000 }).then(() => handle.signal.aborted);
  await new Promise((resolve) => handle.signal.addEventListener("abort", resolve, { once: true }));
  expect(String(handle.signal.reason)).toContain("could not be renewed in time");
  expect(await waiting).toBe(true);
  proxy.weather = "pass";
  proxy.reset();
  await handle.release();
  expect((await one.status({})).locks).toMatchObject([{ agent: "two" }]);
});

test("[XCS-03] [XCS-02] an agent of another machine that stays is suspect while its connection stands, and dead once it is gone", async () => {
  const { one, two, url, home } = await machines();
  await two.register({ id: "far" });
  await two.lock({ paths: ["src/a.txt"], agent: "far" });
  const [node = "", ...leading] = program;
  const child = spawn(node, [...leading, "-C", home, "agent", "beat", "--id", "far", "--every", "60"], {
    env: { ...process.env, BERTH_DATABASE_URL: url },
    stdio: "ignore",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const seen = async (): Promise<readonly string[]> =>
    (await one.agents({})).agents
      .filter(({ id }) => id === "far")
      .flatMap(({ state, evidence }) => [state, ...evidence]);
  const stays = async (): Promise<boolean> => (await one.agents({})).agents.some(({ standing }) => standing);
  await expect.poll(stays, { timeout: 10_000 }).toBe(true);
  await server.sql(url, "update berth.agent set beat_at = beat_at - 200000");
  expect(await seen()).toEqual([
    "suspect",
    expect.stringMatching(/^last heard of 20\d s ago$/),
    "its process cannot be looked at from here",
    "its connection stands",
  ]);
  child.kill("SIGKILL");
  await expect.poll(seen, { timeout: 10_000 }).toEqual([]);
  expect((await one.status({})).locks).toEqual([]);
});

test("[XCS-02] [XCS-03] who closes the handle on which an agent stays has not ended the agent", async () => {
  const { one, two, url } = await machines();
  await two.register({ id: "two" });
  await two.lock({ paths: ["src/a.txt"] });
  const { ended } = await two.stay({ id: "two" });
  const states = async (): Promise<unknown> =>
    (await one.agents({})).agents.map(({ id, state, standing }) => ({ id, state, standing }));
  expect(await states()).toEqual([{ id: "two", state: "live", standing: true }]);
  two.close();
  await ended;
  await expect.poll(states).toEqual([{ id: "two", state: "live", standing: false }]);
  await server.sql(url, "update berth.agent set beat_at = beat_at - 200000");
  expect(await states()).toEqual([{ id: "two", state: "unknown", standing: false }]);
  expect((await one.status({})).locks).toMatchObject([{ agent: "two" }]);
});

test("[XCS-04] [XCS-17] on PostgreSQL tasks are taken, failed, handed, assigned and given back", async () => {
  const { one, two } = await machines();
  for (const [berth, id] of [
    [one, "one"],
    [two, "two"],
  ] as const)
    await berth.register({ id, role: id });
  const first = (await one.addTask({ title: "first", role: "two" })).task.id;
  const second = (await one.addTask({ title: "second", depends: [first], priority: "now" })).task.id;
  expect((await two.takeTask({})).task.id).toBe(first);
  await two.failTask({ id: first, reason: "no" });
  expect((await one.assignTask({ id: first, role: "two" })).task.agent).toBe("two");
  await two.doneTask({ id: first, note: "done" });
  await two.takeTask({ id: second });
  await two.handTask({ id: second, to: "one", note: "yours" });
  const { messages } = await one.inbox({ claim: true });
  expect((await one.inbox({})).messages).toEqual([]);
  await one.markRead({ ids: messages.map(({ id }) => id), failed: true });
  expect((await one.inbox({})).messages.map(({ kind }) => kind)).toEqual(["task.handed"]);
  expect((await one.inbox({ all: true })).messages).toHaveLength(1);
  await one.leave({ id: "one" });
  expect((await two.tasks({})).tasks).toMatchObject([
    { id: second, status: "queued", failures: [], handovers: [{ note: "yours" }] },
  ]);
});

test("[XCS-08] [XCS-09] [XCS-11] on PostgreSQL the shared context merges, keeps conflicts, and goes back", async () => {
  const { one, two } = await machines();
  await one.sharedSet({ path: "a", value: { x: 1, y: 1 } });
  await two.sharedGet({});
  await one.sharedSet({ path: "a.x", value: 2 });
  expect(await two.sharedSet({ path: "a", value: { x: 1, y: 2 } })).toMatchObject({ merged: true, conflict: null });
  await one.sharedSet({ path: "a.x", value: 3, base: 3 });
  expect((await two.sharedSet({ path: "a.x", value: 4, base: 3 })).conflict).toMatchObject({ ours: 3, theirs: 4 });
  await two.sharedSet({ path: "a.x", value: 5, base: 4 });
  await refusal(one.sharedResolve({ path: "a.x", decision: { take: "theirs" } }), "MERGE_CONFLICT");
  await one.sharedGet({ path: "a.x" });
  await one.sharedResolve({ path: "a.x", decision: { take: "theirs" } });
  const key = `x${"🙂".repeat(1990)}`;
  for (const value of [1, 2]) await one.sharedSet({ path: key, value });
  expect((await two.sharedSet({ path: key, value: 3, base: 6 })).conflict).toMatchObject({ ours: 2, theirs: 3 });
  await two.sharedResolve({ path: key, decision: { take: "ours" }, message: "why" });
  await one.sharedSnapshot({ message: "kept" });
  await one.sharedRollback({ version: 1 });
  expect(await two.sharedGet({})).toMatchObject({ value: { a: { x: 1, y: 1 } }, conflicts: [] });
  expect((await two.sharedHistory({})).snapshots).toMatchObject([{ message: "kept" }]);
  expect(await two.sharedVerify({})).toMatchObject({ sound: true });
  expect((await two.sharedExport({})).context).toMatchObject({ shared_knowledge: { a: { x: 1 } } });
});

test("[XCS-18] on PostgreSQL a damaged history is repaired where it is, from what proves itself", async () => {
  const { one, two, url } = await machines();
  for (const n of [1, 2, 3, 4]) await one.sharedSet({ path: `k${n}`, value: n });
  await server.sql(url, "update berth.context_version set changes = '[torn' where version = 2");
  const store = async (fix: boolean): Promise<unknown> =>
    (await two.doctor({ fix })).checks.find(({ name }) => name === "store");
  expect(await store(false)).toMatchObject({ ok: false, fix: expect.stringContaining("version 5 goes on") as unknown });
  expect(await store(true)).toMatchObject({ ok: true });
  expect(await store(false)).toMatchObject({ ok: true });
  expect(await two.sharedGet({})).toMatchObject({ version: 5, value: { k1: 1, k3: 3, k4: 4 } });
  await one.sharedPrune({ keep: 1 });
  expect(await two.sharedVerify({})).toMatchObject({ sound: true, first: 5, checked: 1 });
});

test("[XCS-01] on PostgreSQL a claim, its end and a take-over are known on the other machine", async () => {
  const { box, one, two } = await machines();
  const id = await planned(one, "Seen elsewhere");
  const dir = await claimed(one, id);
  await one.lock({ paths: ["src/a.txt"] });
  expect((await two.status({ fetch: true })).agents).toMatchObject([{ id: "one", session: id, place: dir }]);
  await two.recover({ id, takeOver: true, force: true });
  expect((await one.inbox({})).messages).toMatchObject([{ kind: "claim.taken-over", from: "two" }]);
  expect((await two.status({})).locks).toEqual([]);
  commit(box, (await two.path({ id })).path, `[${id}] feat: work`, { "work.txt": "work\n" });
  await two.complete({ id, tick: ["all"] });
  expect((await one.agents({})).agents.map(({ session }) => session)).toEqual([null, null]);
});

for (const known of ["process", "connection", null] as const)
  test(`[XCS-03] [XCS-16] on PostgreSQL a healthy agent that is silent for an hour and is known by ${known ?? "nothing"} loses nothing`, async () => {
    const { box, url, home } = await machines();
    const env = { ...process.env, BERTH_DATABASE_URL: url };
    const open = (where: string): Promise<Berth> => box.open(where, "busy", { env });
    const busy = await open(home);
    const later = async (): Promise<Berth> => {
      await server.sql(url, "update berth.agent set beat_at = beat_at - 3600000");
      return box.open(home, "other", { env });
    };
    await silentHour({ box, busy, open, later }, known);
  });

test("[XCS-03] on PostgreSQL a connection that says nothing stands for days: machines sleep", async () => {
  const link = await openLink({ url: await server.database(), answerMs: 10_000 });
  onTestFinished(() => link.destroy());
  await takeStanding(link, "project", "ada");
  const { rows } = await link.query(
    "select current_setting('idle_session_timeout') as idle, current_setting('tcp_user_timeout') as wire",
  );
  expect(rows).toEqual([{ idle: "3d", wire: String(3 * 86_400_000) }]);
});
