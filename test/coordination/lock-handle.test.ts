import { expect, test } from "vitest";
import { isBerthError } from "../../src/errors.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import { refusal, team } from "../support/session.ts";

/** Resolves with the reason, once a signal has fired. */
async function fired(signal: AbortSignal): Promise<string> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  const reason: unknown = signal.reason;
  return isBerthError(reason) ? `${reason.code}: ${reason.message}` : "no error of ours";
}

test("[XCS-06] a lock handle is renewed past its first term, and free after its release", async () => {
  const { box, home, berth } = await team({ remote: false });
  const other = await box.open(home, "agent two");
  const handle = await berth.hold({ paths: ["src/a.txt", "src/b.txt"], ttlMs: 1000 });
  const [first] = handle.locks;
  await expect
    .poll(async () => (await other.status({})).locks[0]?.expiresAt !== first?.expiresAt, { timeout: 5000 })
    .toBe(true);
  await refusal(other.lock({ paths: ["src/a.txt"] }), "LOCK_HELD");
  await handle.release();
  await handle.release();
  expect(handle.signal.aborted).toBe(false);
  expect((await other.lock({ paths: ["src"] })).locks).toHaveLength(1);
});

test("[XCS-06] the signal of a lock handle fires when its lock is taken away", async () => {
  const { berth } = await team({ remote: false });
  await using handle = await berth.hold({ paths: ["src/a.txt"] });
  await berth.unlock({ paths: ["src/a.txt"] });
  expect(await fired(handle.signal)).toBe("LOCK_LOST: The lock on src/a.txt is lost: it was taken away.");
});

test("[XCS-06] after its machine has slept past the term, a holder learns that the lock is lost before it is renewed", async () => {
  let slept = 0;
  const clock: Clock = { ...systemClock, now: () => Date.now() + slept };
  const { box, home } = await team({ remote: false });
  const [berth, other] = await Promise.all(["agent one", "agent two"].map((name) => box.open(home, name, { clock })));
  if (!berth || !other) throw new Error("not opened");
  const handle = await berth.hold({ paths: ["src/a.txt"], ttlMs: 60_000 });
  slept = 61_000;
  expect((await other.lock({ paths: ["src/a.txt"] })).locks).toMatchObject([{ agent: "agent two" }]);
  expect(await fired(handle.signal)).toMatch(/^LOCK_LOST: /);
  expect((await other.status({})).locks).toMatchObject([{ agent: "agent two" }]);
  expect((await berth.inbox({})).messages).toMatchObject([{ kind: "lock.lost" }]);
});

test("[XCS-06] [XCS-12] who closes the repository's handle is told that its locks are no longer renewed, and its watches end", async () => {
  const { box, home, berth } = await team({ remote: false });
  const other = await box.open(home, "agent two");
  const handle = await other.hold({ paths: ["src/a.txt"] });
  const watches = [await other.watch({}), await other.sharedWatch({})].map((changes) => changes.next());
  other.close();
  expect(await fired(handle.signal)).toMatch(/^LOCK_LOST: .* nobody renews it\.$/);
  for (const ended of await Promise.all(watches)) expect(ended.done).toBe(true);
  // Until its term is over it is still there: whoever closed may be at work.
  await refusal(berth.lock({ paths: ["src/a.txt"] }), "LOCK_HELD");
});
