import type { LazyStore } from "./open-store.ts";
import { signsIn } from "./signs-in.ts";
import type { Store, Writing } from "./store.ts";

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
    rehearses: true,
    open: async (patience) => {
      const store = await lazy.open(patience);
      const write: Store["write"] = (work, wait) => rehearse((undoing) => store.write(undoing, wait), work);
      return { ...store, write, sign: signsIn({ write }) };
    },
    tell: (work, signal) => rehearse((undoing) => lazy.tell(undoing, signal), work),
    close: () => lazy.close(),
  };
}

type Work<T> = (tx: Writing) => Promise<T>;

async function rehearse<T>(write: (work: Work<T>) => Promise<T>, work: Work<T>): Promise<T> {
  try {
    return await write(async (tx) => {
      throw new Rehearsed(await work(tx));
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.result as T;
    throw error;
  }
}
