import { BerthError } from "../errors.ts";
import { cutBy, type Link } from "./postgres-link.ts";

/** Enough for one who writes and waits for its turn, and one who reads meanwhile. */
const SIZE = 2;
/** Servers have few connections to give. */
const IDLE_MS = 60_000;
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
  failure: { readonly error: unknown; readonly at: number } | undefined;
}

/** @param open makes a connection on which transactions may run */
export function makeLinks(open: Pool["open"]): Links {
  const pool: Pool = { open, idle: new Map(), waiting: [], count: 0, closed: false, failure: undefined };
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
    else if (pool.count < SIZE) return make(pool, signal);
    else await change(pool);
  }
}

function put(pool: Pool, link: Link): void {
  if (link.lost) {
    dropped(pool);
    return;
  }
  const retire = (): void => {
    pool.idle.delete(link);
    dropped(pool);
    void link.end();
  };
  pool.idle.set(link, setTimeout(retire, IDLE_MS).unref());
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
