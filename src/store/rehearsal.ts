import type { LazyStore } from "./open-store.ts";
import type { Store } from "./store.ts";

/** Carries what a rehearsed transaction came to out of it. */
class Rehearsed extends Error {
  override readonly name = "Rehearsed";
  readonly result: unknown;
  constructor(result: unknown) {
    super("rehearsed");
    this.result = result;
  }
}

/** The same store, of which every write is taken back at its end: what `--dry-run` works on. */
export function rehearsing(lazy: LazyStore): LazyStore {
  return {
    open: async () => {
      const store = await lazy.open();
      return { ...store, write: (work) => rehearse(store, work) };
    },
    close: () => lazy.close(),
  };
}

async function rehearse<T>(store: Store, work: Parameters<Store["write"]>[0]): Promise<T> {
  try {
    return await store.write(async (tx) => {
      throw new Rehearsed(await work(tx));
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.result as T;
    throw error;
  }
}
