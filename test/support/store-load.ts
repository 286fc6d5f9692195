import { expect } from "vitest";
import { eventsAfter } from "../../src/store/feed.ts";
import type { FeedEvent, Store } from "../../src/store/store.ts";

/** What was accepted, by writer, and how long each write took, in milliseconds and in order. */
export interface Loaded {
  readonly counts: readonly number[];
  readonly times: readonly number[];
}

/** Each store appends one event after the other, `least` of them and for as long as `disturb` goes on. */
export async function load(
  stores: readonly Store[],
  least: number,
  disturb: () => Promise<void> = () => Promise.resolve(),
): Promise<Loaded> {
  const times: number[] = [];
  const weather = { calm: false };
  const disturbing = disturb().finally(() => (weather.calm = true));
  const writing = stores.map(async (store, i) => {
    let n = 0;
    for (; n < least || !weather.calm; n++) {
      const data = { n };
      const start = performance.now();
      await store.write((tx) => tx.append({ kind: "loaded", subject: String(i), agent: null, data }));
      times.push(performance.now() - start);
    }
    return n;
  });
  const [counts] = await Promise.all([Promise.all(writing), disturbing]);
  return { counts, times: times.toSorted((a, b) => a - b) };
}

/** Nothing of what was accepted is missing, and nothing is there twice, by a store that had no trouble. */
export async function expectLoaded(witness: Store, { counts }: Loaded): Promise<void> {
  const events: FeedEvent[] = [];
  for (let last = 0; ;) {
    const more = await witness.read((tx) => eventsAfter(tx, last));
    if (more.length === 0) break;
    events.push(...more);
    last = more.at(-1)?.seq ?? 0;
  }
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  for (const [i, count] of counts.entries()) {
    const own = events.filter(({ subject }) => subject === String(i)).map(({ data }) => data["n"]);
    expect(own).toEqual(Array.from({ length: count }, (_, n) => n));
  }
}

/** A line for people: how long writes took. */
export function timesLine(what: string, { times }: Loaded): string {
  const at = (part: number): string => (times[Math.floor((times.length - 1) * part)] ?? 0).toFixed(1);
  return `${what}: ${times.length} writes, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`;
}
