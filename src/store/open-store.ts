import type { Clock } from "../clock.ts";
import { openSqlite } from "./sqlite.ts";
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
  return openSqlite({ ...rest, file: place });
}
