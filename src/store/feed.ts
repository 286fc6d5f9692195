import type { Asking, FeedEvent, HeardEvent, Listening, Store } from "./store.ts";

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
  return followWith(store, seq, signal, {
    read: (_, events) => Promise.resolve(events),
    // The same as is read: nothing that only came along.
    told: (events) =>
      events.map(({ seq, at, kind, subject, agent, data }) => ({ seq, at, kind, subject, agent, data })),
  });
}

/** What somebody who follows the feed makes of its events. */
export interface Reader<T> {
  /** Asks for more in the transaction in which the events are found. */
  readonly read: (tx: Asking, events: readonly FeedEvent[]) => Promise<T>;
  /** The same of events that came along with a wake-up; undefined where more has to be asked for. */
  readonly told: (events: readonly HeardEvent[]) => T | undefined;
}

/**
 * As {@link follow}: gives what a reader makes of the events. Where a wake-up carries them, nothing is asked of the
 * store: on a server each write would otherwise make every listener read at once, and the next reads wait behind them.
 */
export async function* followWith<T>(
  store: Store,
  seq: number,
  signal: AbortSignal,
  reader: Reader<T>,
): AsyncGenerator<T> {
  const listening = await store.listen();
  let seen: Seen = { seq, at: Number.NEGATIVE_INFINITY };
  let heard = null as readonly HeardEvent[] | null;
  try {
    while (!signal.aborted) {
      const next: readonly HeardEvent[] | null = heard && laterThan(seen, heard);
      const found: Found<T> | null =
        next?.length === 0 ? null : (tell(next, seen, reader) ?? (await readNext(store, seen, reader)));
      const last = found?.events.at(-1);
      if (last) seen = { seq: last.seq, at: last.at };
      if (found) yield found.value;
      // What was added since is rung for, also while nobody waited: there is no need to look again.
      heard = found && found.events.length >= BATCH ? null : await nextHeard(listening, signal);
    }
  } finally {
    await listening.close();
  }
}

/** How far a follower has come. */
interface Seen {
  readonly seq: number;
  readonly at: number;
}

interface Found<T> {
  readonly events: readonly FeedEvent[];
  readonly value: T;
}

async function nextHeard(listening: Listening, signal: AbortSignal): Promise<readonly HeardEvent[] | null> {
  return listening.wake(POLL_MS, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return null;
  });
}

/** What was read may be rung for afterwards; in a store that was made anew the same numbers come later. */
function laterThan(seen: Seen, heard: readonly HeardEvent[]): readonly HeardEvent[] {
  return heard.filter(({ seq, at }) => seq > seen.seq || at > seen.at);
}

/** Only what follows on what was seen can be told without a look at the feed. */
function tell<T>(events: readonly HeardEvent[] | null, seen: Seen, reader: Reader<T>): Found<T> | undefined {
  if (!events?.every(({ seq }, i) => seq === seen.seq + 1 + i)) return undefined;
  const value = reader.told(events);
  return value === undefined ? undefined : { events, value };
}

function readNext<T>(store: Store, seen: Seen, reader: Reader<T>): Promise<Found<T> | null> {
  return store.ask(async (tx) => {
    const events = await eventsOrGap(tx, seen.seq);
    return events.length === 0 ? null : { events, value: await reader.read(tx, events) };
  });
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
