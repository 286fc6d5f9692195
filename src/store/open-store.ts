import { dirname, join } from "node:path";
import type { Clock } from "../clock.ts";
import { BerthError, isBerthError } from "../errors.ts";
import { isPostgresUrl } from "./postgres-address.ts";
import { signsIn } from "./signs-in.ts";
import type { Patience, Store, Writing } from "./store.ts";

export interface StoreOptions {
  /** A file's path, or the URL of a PostgreSQL database. */
  readonly place: string;
  /** Whose rows these are: several projects may share one database. */
  readonly project: string;
  readonly clock: Clock;
  /** How long what is over is kept; without it for ever. */
  readonly keepMs?: number | undefined;
  /** How long a write waits for its turn before it gives up. */
  readonly waitMs?: number;
}

/** Opens the store at a place, with the engine that the place asks for. */
export async function openStore(options: StoreOptions, patience?: Patience): Promise<Store> {
  const { place, ...rest } = options;
  if (isPostgresUrl(place)) {
    // A driver and its protocol, which a start without a server need not read.
    const { openPostgres } = await import("./postgres.ts");
    return openPostgres({ ...rest, url: place }, patience);
  }
  const { openSqlite } = await import("./sqlite.ts");
  const { standingIn } = await import("./standing.ts");
  const store = await openSqlite({ ...rest, file: place }, patience);
  return {
    ...store,
    ask: store.read,
    sign: signsIn(store),
    ...standingIn(join(dirname(place), "standing"), rest.project, rest.clock),
  };
}

/** A store that is opened by the first who needs it. */
export interface LazyStore {
  /** Whether every write is taken back. */
  readonly rehearses?: true;
  /** @throws BerthError of {@link openStore}; a failed opening is tried again by the next call */
  open(patience?: Patience): Promise<Store>;
  /**
   * Writes what others are told and what nothing depends on: for three seconds in all, and hardly at all once nobody
   * has answered for so long.
   * @throws BerthError as {@link open} and `write` do
   */
  tell<T>(work: (tx: Writing) => Promise<T>, signal?: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

const TELL_MS = 3000;
/** Enough for a server that is there again. */
const AGAIN_MS = 250;
/** So long a store counts as away for those who only tell. */
const AWAY_MS = 60_000;

export function lazyStore(options: () => StoreOptions): LazyStore {
  let opened: Promise<Store> | undefined;
  let awayUntil = 0;
  const open = (patience?: Patience): Promise<Store> => {
    opened ??= Promise.resolve(options()).then((known) => openStore(known, patience));
    const mine = opened;
    mine.catch(() => {
      if (opened === mine) opened = undefined;
    });
    return patience ? inTime(mine, patience) : mine;
  };
  return {
    open,
    tell: async (work, signal) => {
      const began = performance.now();
      const end = began + (began < awayUntil ? AGAIN_MS : TELL_MS);
      const patience = (): Patience => ({ waitMs: Math.max(0, end - performance.now()), signal });
      try {
        const store = await open(patience());
        const result = await store.write(work, patience());
        awayUntil = 0;
        return result;
      } catch (error) {
        if (isAway(error)) awayUntil = performance.now() + AWAY_MS;
        throw error;
      }
    },
    close: async () => {
      const store = await opened?.catch(() => undefined);
      opened = undefined;
      await store?.close();
    },
  };
}

/** What somebody else began to open may take as long as that one is ready to wait. */
async function inTime(opening: Promise<Store>, { waitMs, signal }: Patience): Promise<Store> {
  const over = Promise.withResolvers<never>();
  const late = new BerthError("STORE_UNREACHABLE", "The live layer is still being opened.");
  const stop = (): void => over.reject(signal?.aborted ? (signal.reason as Error) : late);
  // Who opens it himself has the same patience, and says more.
  const timer = setTimeout(stop, waitMs + 200);
  signal?.addEventListener("abort", stop);
  try {
    return await Promise.race([opening, over.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

function isAway(error: unknown): boolean {
  return isBerthError(error) && (error.code === "STORE_UNREACHABLE" || error.code === "TIMED_OUT");
}
