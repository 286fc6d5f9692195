import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Berth } from "../../src/open.ts";
import { startWorker } from "../support/processes.ts";
import { refusal, team, type Team } from "../support/session.ts";

async function pair(): Promise<Team & { other: Berth }> {
  const at = await team({ remote: false });
  return { ...at, other: await at.box.open(at.home, "agent two") };
}

test("[XCS-06] a lock refuses every other name of what it holds, and says who holds it until when and why", async () => {
  const { home, berth, other } = await pair();
  symlinkSync("src", join(home, "link"));
  await berth.register({ id: "agent one", role: "backend" });
  await berth.lock({ paths: ["src/a.txt"], reason: "new login" });
  for (const path of [
    "src/a.txt",
    "./src/../src/a.txt",
    join(home, "src/a.txt"),
    "link/a.txt",
    "src",
    "src/",
    "src/*.txt",
    "**",
  ]) {
    const held = await refusal(other.lock({ paths: [path] }), "LOCK_HELD");
    expect(held.message, path).toContain("src/a.txt is locked by agent one (backend) until ");
    expect(held.message).toContain(": new login");
    expect(held.facts["holders"]).toMatchObject([
      { path: "src/a.txt", agent: "agent one", mode: "exclusive", role: "backend" },
    ]);
  }
  expect(await other.lock({ paths: ["src/b.txt"] })).toMatchObject({ locks: [{ path: "src/b.txt" }] });
});

test("[XCS-06] who asks is told what others hold, by any name of it, and nothing is changed by asking", async () => {
  const { box, home, berth, other } = await pair();
  await berth.lock({ paths: ["src/a.txt"], mode: "shared" });
  const held = await other.lockCheck({ paths: ["src/b.txt", join(home, "src")] });
  expect(held).toMatchObject({ free: false, refusesSave: true, holders: [{ path: "src/a.txt", agent: "agent one" }] });
  expect(await other.lockCheck({ paths: ["src/*.txt"], mode: "shared" })).toMatchObject({ free: true, holders: [] });
  expect(await berth.lockCheck({ paths: ["src/a.txt"] })).toEqual({ free: true, holders: [], refusesSave: false });
  expect(await other.lockCheck({ paths: ["src/b.txt"] })).toMatchObject({ free: true });
  await refusal(other.lockCheck({ paths: ["../outside"] }), "INVALID");
  await refusal(other.lockCheck({ paths: "src" as never }), "INVALID");
  // Taken in one checkout, it refuses no save in another one.
  box.git(home, "worktree", "add", "--quiet", join(box.dir, "beside"));
  const beside = await box.open(join(box.dir, "beside"), "agent two");
  expect(await beside.lockCheck({ paths: ["src/a.txt"] })).toMatchObject({ free: false, refusesSave: false });
  expect((await other.status({})).locks).toHaveLength(1);
});

test("[XCS-06] several paths are locked together or not at all", async () => {
  const { berth, other } = await pair();
  await berth.lock({ paths: ["src/a.txt"] });
  await refusal(other.lock({ paths: ["src/b.txt", "src/a.txt"] }), "LOCK_HELD");
  expect(await berth.lock({ paths: ["src/b.txt"] })).toHaveProperty("locks");
});

test("[XCS-06] shared locks stand beside each other and against an exclusive one", async () => {
  const { berth, other } = await pair();
  await berth.lock({ paths: ["src"], mode: "shared" });
  await other.lock({ paths: ["src/a.txt"], mode: "shared" });
  await refusal(berth.lock({ paths: ["src"] }), "LOCK_HELD");
  await other.unlock({ all: true });
  expect(await berth.lock({ paths: ["src"] })).toMatchObject({ locks: [{ mode: "exclusive" }] });
  await refusal(other.lock({ paths: ["src/a.txt"], mode: "shared" }), "LOCK_HELD");
});

test("[XCS-06] locking again renews, with the same fence; a later holder's is larger", async () => {
  const { berth, other } = await pair();
  const first = (await berth.lock({ paths: ["src/a.txt"], ttlMs: 60_000 })).locks[0];
  const again = (await berth.lock({ paths: ["./src/a.txt"], ttlMs: 600_000 })).locks[0];
  expect(again?.fence).toBe(first?.fence);
  expect(Date.parse(again?.expiresAt ?? "")).toBeGreaterThan(Date.parse(first?.expiresAt ?? ""));
  expect((await berth.unlock({ paths: ["src/a.txt"] })).released).toHaveLength(1);
  expect((await berth.unlock({ paths: ["src/a.txt"] })).released).toEqual([]);
  expect((await other.lock({ paths: ["src/a.txt"] })).locks[0]?.fence).toBeGreaterThan(first?.fence ?? 0);
});

test("[XCS-06] a lock can be renewed while others wait for it, but not made larger", async () => {
  const { berth, other } = await pair();
  const first = (await berth.lock({ paths: ["src/a.txt"] })).locks[0];
  const waiting = other.lock({ paths: ["src/*.txt"], waitMs: 20_000 });
  await expect.poll(async () => (await berth.status({})).waiting).toHaveLength(1);
  expect((await berth.lock({ paths: ["src/a.txt"] })).locks).toMatchObject([{ fence: first?.fence }]);
  await refusal(berth.lock({ paths: ["src/a.txt", "src/b.txt"] }), "LOCK_HELD");
  await berth.unlock({ all: true });
  expect(await waiting).toMatchObject({ locks: [{ path: "src/*.txt" }] });
});

test("[XCS-06] [INV-10] who waits only looks when something happens, so that those who wait do not wake each other on and on", async () => {
  const { berth, other } = await pair();
  await berth.lock({ paths: ["src/a.txt"] });
  const write = vi.spyOn(await other.project.store.open(), "write");
  const waiting = other.lock({ paths: ["src/a.txt"], waitMs: 20_000 });
  await expect.poll(async () => (await berth.status({})).waiting).toHaveLength(1);
  for (let n = 0; n < 40; n++) await berth.sharedSet({ path: "n", value: n });
  await berth.unlock({ all: true });
  await waiting;
  expect(write.mock.calls.length).toBeLessThan(15);
});

test("[XCS-06] an expired lock is free by the store's clock, and who had it is told", async () => {
  const { box, home } = await team({ remote: false });
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead, sleep: async () => undefined, random: () => 0.5 };
  const berth = await box.open(home, "agent one", { clock });
  const other = await box.open(home, "agent two", { clock });
  await berth.lock({ paths: ["src/a.txt"], ttlMs: 5000 });
  ahead = 5001;
  await other.lock({ paths: ["src/a.txt"] });
  expect((await berth.inbox({})).messages).toMatchObject([
    { kind: "lock.lost", text: "Your lock on src/a.txt has expired." },
  ]);
  expect((await berth.unlock({ all: true })).released).toEqual([]);
});

test("[XCS-06] waiters are served in the order of coming, and nobody passes them", async () => {
  const { box, home, berth } = await team({ remote: false });
  await berth.lock({ paths: ["src/a.txt"] });
  const served: string[] = [];
  const waiting: Promise<unknown>[] = [];
  for (const name of ["first", "second", "third"]) {
    const waiter = await box.open(home, name);
    waiting.push(
      waiter.lock({ paths: ["src/*"], waitMs: 20_000 }).then(async () => {
        served.push(name);
        await waiter.unlock({ all: true });
      }),
    );
    await expect.poll(async () => (await berth.status({})).waiting.map(({ agent }) => agent)).toContain(name);
  }
  const late = await refusal((await box.open(home, "late")).lock({ paths: ["src/b.txt"] }), "LOCK_HELD");
  expect(late.facts["waiting"]).toEqual(["first", "second", "third"]);
  await berth.unlock({ all: true });
  await Promise.all(waiting);
  expect(served).toEqual(["first", "second", "third"]);
});

test("[XCS-06] waiting ends at its deadline, and leaves no place in the queue", async () => {
  const { berth, other } = await pair();
  await berth.lock({ paths: ["src/a.txt"] });
  const late = await refusal(other.lock({ paths: ["src/a.txt"], waitMs: 50 }), "TIMED_OUT");
  expect(late.message).toContain("src/a.txt is locked by agent one");
  expect((await berth.status({})).waiting).toEqual([]);
});

test("[XCS-06] two who would wait for each other for ever: the second is refused, the first goes on", async () => {
  const { berth, other } = await pair();
  await berth.lock({ paths: ["src/a.txt"] });
  await other.lock({ paths: ["src/b.txt"] });
  const first = berth.lock({ paths: ["src/b.txt"], waitMs: 20_000 });
  await expect.poll(async () => (await other.status({})).waiting).toHaveLength(1);
  const second = await refusal(other.lock({ paths: ["src/a.txt"], waitMs: 20_000 }), "DEADLOCK");
  expect(second.facts["agents"]).toEqual(["agent two", "agent one"]);
  await other.unlock({ all: true });
  expect(await first).toMatchObject({ locks: [{ path: "src/b.txt" }] });
});

test("[XCS-06] paths outside, and git's own, are refused", async () => {
  const { home, berth } = await pair();
  mkdirSync(join(home, "sub"));
  for (const path of ["../x", "/etc/passwd", ".git/config", "sub/../../x", ""])
    await refusal(berth.lock({ paths: [path] }), "INVALID");
});

test("[XCS-06] a waiter that was killed holds nobody up for longer than it takes to miss it", async () => {
  const { box, home } = await team({ remote: false });
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead, sleep: async () => undefined, random: () => 0.5 };
  const holder = await box.open(home, "holder", { clock });
  await holder.lock({ paths: ["src/a.txt"] });
  const doomed = startWorker(box, { dir: home, agent: "doomed" });
  void doomed.run("lock", { paths: ["src/a.txt"], waitMs: 600_000 });
  await expect.poll(async () => (await holder.status({})).waiting.map(({ agent }) => agent)).toEqual(["doomed"]);
  await doomed.kill(true);
  await holder.unlock({ all: true });
  const next = await box.open(home, "next", { clock });
  await refusal(next.lock({ paths: ["src/a.txt"] }), "LOCK_HELD");
  ahead = 6000;
  expect(await next.lock({ paths: ["src/a.txt"] })).toMatchObject({ locks: [{ agent: "next" }] });
});

test("[XCS-06] a lock that would last for no time, or for ever, is refused", async () => {
  const { berth } = await pair();
  for (const ttlMs of [0, -1, Number.NaN, 1e15]) await refusal(berth.lock({ paths: ["src/a.txt"], ttlMs }), "INVALID");
  await refusal(berth.register({ id: "x", pid: 4_194_999 }), "INVALID");
});

test("[XCS-06] who was refused without waiting is told once when all of it is free, and not when it has it already", async () => {
  const { berth, other } = await pair();
  await berth.lock({ paths: ["src/a.txt"] });
  await berth.lock({ paths: ["src/b.txt"] });
  await refusal(other.lock({ paths: ["src/*.txt"] }), "LOCK_HELD");
  await berth.unlock({ paths: ["src/a.txt"] });
  expect((await other.inbox({})).messages).toEqual([]);
  await berth.unlock({ all: true });
  const [free, ...more] = (await other.inbox({})).messages;
  expect([free?.kind, free?.text, more]).toEqual([
    "lock.free",
    "src/*.txt, which you were refused, can be locked now.",
    [],
  ]);
  await berth.lock({ paths: ["src/a.txt"] });
  await berth.unlock({ all: true });
  await refusal(
    other.lock({ paths: ["src/a.txt"] }).then(() => berth.lock({ paths: ["src/a.txt"] })),
    "LOCK_HELD",
  );
  await other.unlock({ all: true });
  await berth.lock({ paths: ["src/a.txt"] });
  expect((await other.inbox({})).messages).toEqual([]);
  expect((await berth.inbox({})).messages).toMatchObject([{ kind: "lock.free" }]);
});

test("[XCS-06] a path that becomes a folder while it is locked is still one lock, with all that is below", async () => {
  const { home, berth, other } = await pair();
  await berth.lock({ paths: ["new"] });
  mkdirSync(join(home, "new"));
  for (const path of ["new/x", "new", "new/**/*.ts", "**/x"]) await refusal(other.lock({ paths: [path] }), "LOCK_HELD");
  const [again] = (await berth.lock({ paths: ["new"] })).locks;
  expect((await berth.status({})).locks.map(({ fence }) => fence)).toEqual([again?.fence]);
  expect((await berth.unlock({ paths: ["new"] })).released).toHaveLength(1);
});

test("[XCS-06] who was refused is told when the one before gave up waiting, and when a lock became a shared one", async () => {
  const { box, home, berth, other } = await pair();
  const third = await box.open(home, "third");
  const kinds = async (): Promise<string[]> => (await third.inbox({})).messages.map(({ kind }) => kind);
  await berth.lock({ paths: ["src/a.txt"] });
  const waiting = refusal(other.lock({ paths: ["src/a.txt"], waitMs: 1500 }), "TIMED_OUT");
  await expect.poll(async () => (await berth.status({})).waiting).toHaveLength(1);
  await refusal(third.lock({ paths: ["src/a.txt"] }), "LOCK_HELD");
  await waiting;
  expect(await kinds()).toEqual([]);
  await berth.unlock({ all: true });
  expect(await kinds()).toEqual(["lock.free"]);
  await berth.lock({ paths: ["src/b.txt"] });
  await refusal(third.lock({ paths: ["src/b.txt"], mode: "shared" }), "LOCK_HELD");
  await berth.lock({ paths: ["src/b.txt"], mode: "shared" });
  expect(await kinds()).toEqual(["lock.free"]);
});

test("[XCS-06] a holder that is not registered can be asked, and is told of what has expired when it looks", async () => {
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead, sleep: async () => undefined, random: () => 0.5 };
  const { box, home } = await team({ remote: false });
  const [holder, asker] = await Promise.all(["holder", "asker"].map((name) => box.open(home, name, { clock })));
  await holder?.lock({ paths: ["src/a.txt"], ttlMs: 60_000 });
  expect((await asker?.tell({ to: "holder", text: "how long?" }))?.message.to).toEqual(["holder"]);
  ahead = 61_000;
  expect((await holder?.inbox({}))?.messages.map(({ kind }) => kind)).toEqual(["message", "lock.lost"]);
  await refusal(asker?.tell({ to: "holder", text: "still?" }) ?? Promise.resolve(), "NOT_FOUND");
});

test("[XCS-06] what one holds already can be locked again, in part or as shared, whoever waits for it", async () => {
  const { berth, other } = await pair();
  await berth.lock({ paths: ["src/**"] });
  const waiting = other.lock({ paths: ["src/a.txt"], waitMs: 20_000 });
  await expect.poll(async () => (await berth.status({})).waiting).toHaveLength(1);
  await berth.lock({ paths: ["src/a.txt"], waitMs: 1000 });
  await berth.lock({ paths: ["src/**"], mode: "shared" });
  await refusal(berth.lock({ paths: ["lib", "src/**"] }), "LOCK_HELD");
  await berth.unlock({ all: true });
  await waiting;
});

test("[XCS-06] nobody is sent to one who waits and may be dead", async () => {
  const { box, home, berth, other } = await pair();
  await berth.lock({ paths: ["src/a.txt"] });
  const waiting = other.lock({ paths: ["src/*.txt"], waitMs: 20_000 });
  await expect.poll(async () => (await berth.status({})).waiting).toHaveLength(1);
  const late = await refusal((await box.open(home, "late")).lock({ paths: ["src/b.txt"] }), "LOCK_HELD");
  expect([late.message, late.hint]).toEqual([
    "agent two came first; nothing was locked.",
    expect.stringContaining("who died while waiting is passed within seconds"),
  ]);
  await berth.unlock({ all: true });
  await waiting;
});
