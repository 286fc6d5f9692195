import { expect, onTestFinished, test } from "vitest";
import { sharedWatch } from "../../src/shared-context/watch.ts";
import { makeBell } from "../../src/store/bell.ts";
import { follow } from "../../src/store/feed.ts";
import type { HeardEvent, Listening, Store } from "../../src/store/store.ts";
import { team } from "../support/session.ts";

const event = (seq: number, more: Partial<HeardEvent> = {}): HeardEvent => ({
  seq,
  at: Date.now(),
  kind: "n",
  subject: `s${seq}`,
  agent: null,
  data: {},
  ...more,
});

test("[INV-7] a bell gives what it rang for, unless it rang for something unknown, or for more than it keeps", async () => {
  const bell = makeBell();
  const [one, other] = [bell.listener(), bell.listener()];
  bell.ring(event(1));
  bell.ring(event(2));
  expect((await one.wake(1000))?.map(({ seq }) => seq)).toEqual([1, 2]);
  bell.ring();
  bell.ring(event(4));
  expect(await one.wake(1000)).toBeNull();
  expect(await other.wake(1000)).toBeNull();
  bell.ring(event(5));
  expect((await one.wake(1000))?.map(({ seq }) => seq)).toEqual([5]);
  for (let seq = 6; seq < 1100; seq++) bell.ring(event(seq));
  expect(await one.wake(1000)).toBeNull();
  // Nobody rang: whoever waits looks by himself.
  expect(await one.wake(1)).toBeNull();
  await one.close();
  const stop = new AbortController();
  const waiting = other.wake(20_000).then(() => other.wake(20_000, stop.signal));
  stop.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});

/** A store that is told by a script what was rung for, and counts how often it is asked. */
async function scripted(
  heard: readonly ((real: Store) => readonly HeardEvent[] | Promise<readonly HeardEvent[]>)[],
): Promise<{ store: Store; asked: number[] }> {
  const { berth } = await team();
  const real = await berth.project.store.open();
  for (let n = 1; n <= 4; n++)
    await real.write((tx) => tx.append({ kind: "n", subject: `s${n}`, agent: null, data: {} }));
  const asked: number[] = [];
  const left = [...heard];
  const listen = async (): Promise<Listening> => ({
    wake: async (_, signal) => {
      const next = left.shift();
      if (next !== undefined) return next(real);
      return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new Error("over"))));
    },
    close: () => Promise.resolve(),
  });
  const ask: Store["ask"] = (work) => {
    asked.push(left.length);
    return real.ask(work);
  };
  return { store: { ...real, listen, ask }, asked };
}

async function told(store: Store, after: number, count: number): Promise<number[]> {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const seen: number[] = [];
  for await (const events of follow(store, after, stop.signal)) {
    seen.push(...events.map(({ seq }) => seq));
    if (seen.length >= count) break;
  }
  return seen;
}

test("[INV-7] what is heard counts only where it follows on what was seen; what lies between is read", async () => {
  // Events 1 to 4 are read at the start, and heard of afterwards; then one is missing.
  const past = event(4, { at: 1 });
  const { store, asked } = await scripted([() => [past], () => [event(5), event(6)]]);
  const first = await told(store, 0, 6);
  expect(first).toEqual([1, 2, 3, 4, 5, 6]);
  expect(asked).toEqual([2]);
  // Of 5 nothing was heard.
  const gap = await scripted([
    async (real) => {
      for (const n of [5, 6])
        await real.write((tx) => tx.append({ kind: "n", subject: `s${n}`, agent: null, data: {} }));
      return [event(6)];
    },
  ]);
  expect(await told(gap.store, 4, 2)).toEqual([5, 6]);
});

test("[INV-7] numbers that come again, later, are those of a store that was made anew: it is looked at", async () => {
  const { store, asked } = await scripted([() => [event(1, { at: Date.now() + 60_000 })]]);
  const stop = new AbortController();
  const changes = follow(store, 4, stop.signal);
  const next = changes.next();
  await expect.poll(() => asked.length).toBe(2);
  stop.abort();
  await next;
});

test("[XCS-12] a version that does not follow on the last one is looked up, not taken from what was heard", async () => {
  const { berth } = await team();
  const real = await berth.project.store.open();
  await berth.sharedSet({ path: "a", value: 1 });
  const forged = (seq: number): HeardEvent =>
    event(seq, {
      kind: "context.changed",
      agent: "x",
      data: { version: 7, hash: "sha256:0", message: null },
      brief: [{ path: ["a"], after: "forged" }],
    });
  const seq = await real.read(async (tx) => (await tx.one<{ seq: number }>("select seq from project"))?.seq ?? 0);
  let first = true;
  const listen = async (): Promise<Listening> => ({
    wake: async () => {
      if (!first) return null;
      first = false;
      await berth.sharedSet({ path: "a", value: "real" });
      return [forged(seq + 1)];
    },
    close: () => Promise.resolve(),
  });
  const project = { ...berth.project, store: { ...berth.project.store, open: async () => ({ ...real, listen }) } };
  const changes = await sharedWatch(project, {});
  expect((await changes.next()).value).toMatchObject({ version: 2, changes: [{ path: "a", value: "real" }] });
  await changes.return(undefined);
});
