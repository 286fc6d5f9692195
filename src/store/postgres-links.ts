import { BerthError } from "../errors.ts";
import { isFull } from "./postgres-errors.ts";
import { cutBy, type Link } from "./postgres-link.ts";

/** Enough for one who writes and waits for its turn, and one who reads meanwhile. */
const SIZE = 2;
/** Servers have few connections to give, and fifty agents at one share them: a second one is kept for a moment only. */
const IDLE_MS = 60_000;
const SPARE_MS = 2_000;
/** So long a server that had no more to give is not asked for a second one. */
const FULL_MS = 30_000;
/** Who asks within this time of a failure is told the same, instead of waiting as long for the same answer. */
const SAME_MS = 250;

/** The connections of one store, made when they are needed. */
export interface Links {
  /** Lends a connection for as long as `work` runs, or until the signal cuts it off. */
  use<T>(work: (link: Link) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Ends them when those at work have finished. */
  close(): Promise<void>;
}

interface Pool {
  readonly open: (signal?: AbortSignal) => Promise<Link>;
  readonly idle: Map<Link, NodeJS.Timeout>;
  readonly waiting: (() => void)[];
  /** Those lent, those idle and those being made. */
  count: number;
  closed: boolean;
  /** Until then one connection has to do. */
  fullUntil: number;
  failure: { readonly error: unknown; readonly at: number } | undefined;
}

/** @param open makes a connection on which transactions may run */
export function makeLinks(open: Pool["open"]): Links {
  const pool: Pool = { open, idle: new Map(), waiting: [], count: 0, closed: false, fullUntil: 0, failure: undefined };
  return {
    use: async (work, signal) => {
      signal?.throwIfAborted();
      const link = await take(pool, signal);
      try {
        return await cutBy(link, signal, () => work(link));
      } finally {
        put(pool, link);
      }
    },
    close: () => close(pool),
  };
}

async function take(pool: Pool, signal?: AbortSignal): Promise<Link> {
  for (;;) {
    if (pool.closed) throw new BerthError("FAILED", "The store is closed.");
    const link = takeIdle(pool);
    if (link && !link.lost) return link;
    if (link) dropped(pool);
    else if (pool.count === 0) return make(pool, signal);
    else if (pool.count < SIZE && performance.now() >= pool.fullUntil) {
      const second = await make(pool, signal).catch((error: unknown) => {
        if (!isFull(error) || pool.count === 0) throw error;
        pool.fullUntil = performance.now() + FULL_MS;
      });
      if (second) return second;
    } else await change(pool);
  }
}

function put(pool: Pool, link: Link): void {
  if (link.lost) {
    dropped(pool);
    return;
  }
  const since = performance.now();
  const retire = (): void => {
    const left = pool.count > 1 ? 0 : since + IDLE_MS - performance.now();
    if (left > 0) return void pool.idle.set(link, setTimeout(retire, left).unref());
    pool.idle.delete(link);
    dropped(pool);
    void link.end();
  };
  pool.idle.set(link, setTimeout(retire, pool.count > 1 ? SPARE_MS : IDLE_MS).unref());
  pool.waiting.shift()?.();
}

async function make(pool: Pool, signal?: AbortSignal): Promise<Link> {
  const { failure } = pool;
  if (failure && performance.now() - failure.at < SAME_MS) {
    // The one after is told as well, instead of waiting for somebody to come by.
    pool.waiting.shift()?.();
    throw failure.error as Error;
  }
  pool.count += 1;
  try {
    const link = await pool.open(signal);
    pool.failure = undefined;
    return link;
  } catch (error) {
    pool.failure = { error, at: performance.now() };
    dropped(pool);
    throw error;
  }
}

async function close(pool: Pool): Promise<void> {
  pool.closed = true;
  for (const wake of pool.waiting.splice(0)) wake();
  for (;;) {
    const link = takeIdle(pool);
    if (!link && pool.count === 0) return;
    if (!link) {
      await change(pool);
      continue;
    }
    await link.end();
    dropped(pool);
  }
}

function change(pool: Pool): Promise<void> {
  return new Promise((resolve) => pool.waiting.push(resolve));
}

function dropped(pool: Pool): void {
  pool.count -= 1;
  pool.waiting.shift()?.();
}

/** The one used last: the others may be ended for want of use. */
function takeIdle({ idle }: Pool): Link | undefined {
  const last = [...idle].at(-1);
  if (!last) return undefined;
  const [link, timer] = last;
  clearTimeout(timer);
  idle.delete(link);
  return link;
}
