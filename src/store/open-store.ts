import type { Clock } from "../clock.ts";
import { isPostgresUrl } from "./postgres-address.ts";
import type { Store } from "./store.ts";

export interface StoreOptions {
  /** A file's path, or the URL of a PostgreSQL database. */
  readonly place: string;
  /** Whose rows these are: several projects may share one database. */
  readonly project: string;
  readonly clock: Clock;
  /** How long a write waits for its turn before it gives up. */
  readonly waitMs?: number;
}

/** Opens the store at a place, with the engine that the place asks for. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { place, ...rest } = options;
  if (isPostgresUrl(place)) {
    // A driver and its protocol, which a start without a server need not read.
    const { openPostgres } = await import("./postgres.ts");
    return openPostgres({ ...rest, url: place });
  }
  const { openSqlite } = await import("./sqlite.ts");
  return openSqlite({ ...rest, file: place });
}

/** A store that is opened by the first who needs it. */
export interface LazyStore {
  /** @throws BerthError of {@link openStore}; a failed opening is tried again by the next call */
  open(): Promise<Store>;
  close(): Promise<void>;
}

export function lazyStore(options: () => StoreOptions): LazyStore {
  let opened: Promise<Store> | undefined;
  return {
    open: () => {
      opened ??= Promise.resolve(options()).then(openStore);
      const mine = opened;
      mine.catch(() => {
        if (opened === mine) opened = undefined;
      });
      return mine;
    },
    close: async () => {
      const store = await opened?.catch(() => undefined);
      opened = undefined;
      await store?.close();
    },
  };
}
