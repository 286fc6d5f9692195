import { spawn } from "node:child_process";
import { expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { Berth } from "../../src/open.ts";
import { startWorker } from "../support/processes.ts";
import { refusal, team } from "../support/session.ts";

const HOUR = 3_600_000;

/** Agents whose clock can be set back. */
async function timed(...names: readonly string[]): Promise<{
  all: readonly Berth[];
  setBack: (ms: number) => void;
  at: Awaited<ReturnType<typeof team>>;
}> {
  const at = await team({ remote: false });
  let back = 0;
  const clock = { ...systemClock, now: () => Date.now() - back };
  const all = await Promise.all(names.map((name) => at.box.open(at.home, name, { clock })));
  return { all, setBack: (ms) => (back = ms), at };
}

async function waits(berth: Berth, count: number): Promise<void> {
  await expect.poll(async () => (await berth.status({})).waiting).toHaveLength(count);
}

test("[XCS-06] [XCS-03] [INV-10] who waits is served once the holder and the one before it have died", async () => {
  const { box, home, berth } = await team({ remote: false });
  const children = ["holder", "first"].map(() => spawn("sleep", ["300"], { stdio: "ignore" }));
  onTestFinished(() => children.forEach((child) => child.kill("SIGKILL")));
  for (const [i, id] of ["holder", "first"].entries()) await berth.register({ id, pid: children[i]?.pid ?? 0 });
  const [holder, first, last] = await Promise.all(["holder", "first", "last"].map((name) => box.open(home, name)));
  await holder?.lock({ paths: ["src/**"] });
  const lost = first?.lock({ paths: ["src/*.txt"], waitMs: 600_000 }).catch(() => "ended");
  await waits(berth, 1);
  const store = await last?.project.store.open();
  const write = vi.spyOn(store as NonNullable<typeof store>, "write");
  const waiting = last?.lock({ paths: ["src/a.txt"], waitMs: 30_000 });
  await waits(berth, 2);
  first?.close();
  for (const child of children) child.kill("SIGKILL");
  expect(await waiting).toMatchObject({ locks: [{ path: "src/a.txt", agent: "last" }] });
  expect(write.mock.calls.length).toBeLessThan(15);
  expect(await lost).toBe("ended");
}, 60_000);

test("[XCS-06] a wait ends in time although the clock is set back meanwhile", async () => {
  const { all, setBack } = await timed("one", "two");
  const [one, two] = all as [Berth, Berth];
  await one.lock({ paths: ["src/a.txt"] });
  const waiting = refusal(two.lock({ paths: ["src/a.txt"], waitMs: 1000 }), "TIMED_OUT");
  await waits(one, 1);
  setBack(HOUR);
  await waiting;
});

test("[XCS-06] [INV-10] a dead waiter's place holds nobody up until a clock that was set back has caught up", async () => {
  const { all, setBack, at } = await timed("holder", "next");
  const [holder, next] = all as [Berth, Berth];
  await holder.lock({ paths: ["src/a.txt"] });
  const doomed = startWorker(at.box, { dir: at.home, agent: "doomed" });
  void doomed.run("lock", { paths: ["src/a.txt"], waitMs: 600_000 });
  await waits(holder, 1);
  await doomed.kill(true);
  await holder.unlock({ all: true });
  setBack(HOUR);
  expect(await next.lock({ paths: ["src/a.txt"] })).toMatchObject({ locks: [{ agent: "next" }] });
});

test("[XCS-06] after the clock was set back a lock lasts for its own term, and no longer", async () => {
  const { all, setBack } = await timed("one", "two");
  const [one, two] = all as [Berth, Berth];
  await one.lock({ paths: ["src/a.txt"], ttlMs: 60_000 });
  setBack(HOUR);
  await refusal(two.lock({ paths: ["src/a.txt"] }), "LOCK_HELD");
  setBack(HOUR - 61_000);
  expect(await two.lock({ paths: ["src/a.txt"] })).toMatchObject({ locks: [{ agent: "two" }] });
});

test("[XCS-03] a sign of life from before the clock was set back does not keep an agent alive", async () => {
  const { all, setBack } = await timed("one");
  const [one] = all as [Berth];
  await one.register({ id: "silent" });
  setBack(HOUR);
  expect((await one.agents({})).agents).toMatchObject([{ id: "silent", state: "unknown" }]);
  await one.beat({ id: "silent" });
  expect((await one.agents({})).agents).toMatchObject([{ id: "silent", state: "live" }]);
});
