import type { Asking, FeedEvent, Store } from "./store.ts";

/** Where the net is: a wake-up may be missed, and then this passes at most. */
const POLL_MS = 1000;
const BATCH = 1000;

interface EventRow {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly subject: string;
  readonly agent: string | null;
  readonly data: string;
}

/** The events after a sequence number, oldest first. */
export async function eventsAfter(tx: Asking, seq: number, limit: number = BATCH): Promise<FeedEvent[]> {
  const rows = await tx.all<EventRow>(
    "select seq, at, kind, subject, agent, data from event where project = $1 and seq > $2 order by seq limit $3",
    tx.project,
    seq,
    limit,
  );
  return rows.map((row) => ({ ...row, data: JSON.parse(row.data) as FeedEvent["data"] }));
}

/** The newest sequence number; 0 before the first event. */
export async function lastSeq(tx: Asking): Promise<number> {
  return (await tx.one<{ seq: number }>("select seq from project where id = $1", tx.project))?.seq ?? 0;
}

/**
 * Follows the feed: batches of events after `seq`, each event once and in order, until the signal ends it. The
 * sequence is the truth; wake-ups only make it quick. Where events are gone that it had not given yet, it gives one of
 * its own in their place, `feed.missed`: whoever builds on the feed then looks at the whole again.
 */
export function follow(store: Store, seq: number, signal: AbortSignal): AsyncGenerator<readonly FeedEvent[]> {
  return followWith(store, seq, signal, (_, events) => Promise.resolve(events));
}

/** As {@link follow}: gives what is read of the events in the transaction in which they are found. */
export async function* followWith<T>(
  store: Store,
  seq: number,
  signal: AbortSignal,
  read: (tx: Asking, events: readonly FeedEvent[]) => Promise<T>,
): AsyncGenerator<T> {
  const listening = await store.listen();
  let seen = seq;
  try {
    while (!signal.aborted) {
      const found = await store.ask(async (tx) => {
        const events = await eventsOrGap(tx, seen);
        return events.length === 0 ? null : { events, value: await read(tx, events) };
      });
      if (found) {
        seen = found.events.at(-1)?.seq ?? seen;
        yield found.value;
      }
      // What was added since is rung for, also while nobody waited: there is no need to look again.
      if (!found || found.events.length < BATCH)
        await listening.wake(POLL_MS, signal).catch((error: unknown) => {
          if (!signal.aborted) throw error;
        });
    }
  } finally {
    await listening.close();
  }
}

/** Events come without a gap as long as none of them is too old; a store that was made anew begins at one again. */
async function eventsOrGap(tx: Asking, seen: number): Promise<FeedEvent[]> {
  const events = await eventsAfter(tx, seen);
  const next = events[0]?.seq ?? (await lastSeq(tx)) + 1;
  if (next === seen + 1) return events;
  const anew = next <= seen;
  const data = anew ? { from: seen + 1, to: null } : { from: seen + 1, to: next - 1 };
  const at = (await tx.one<{ ms: number }>(`select ${tx.moment} as ms`))?.ms ?? 0;
  const missed = { seq: anew ? 0 : next - 1, at, kind: "feed.missed", subject: "", agent: null, data };
  return [missed, ...events];
}
