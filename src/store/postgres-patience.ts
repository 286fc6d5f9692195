import type { Clock } from "../clock.ts";
import { ConnectionLost, crowded, isCrossed, isLost, postgresRefusal, unreachable } from "./postgres-errors.ts";
import type { Patience } from "./store.ts";

interface Persistence {
  readonly place: string;
  readonly waitMs: number;
  readonly clock: Clock;
  readonly patience?: Patience | undefined;
}

/** Tries until it succeeds, is refused, or has taken too long. @param unknown whether a write may have been done */
export async function persist<T>(
  at: Persistence,
  attempt: (signal?: AbortSignal) => Promise<T>,
  unknown: () => boolean = () => false,
): Promise<T> {
  const { place, clock, patience } = at;
  const waitMs = Math.min(at.waitMs, patience?.waitMs ?? at.waitMs);
  const deadline = performance.now() + waitMs;
  const cut = patience && cutOff(patience, waitMs);
  try {
    for (let n = 0; ; n++) {
      try {
        return await (cut ? Promise.race([attempt(cut.signal), cut.over]) : attempt());
      } catch (error) {
        patience?.signal?.throwIfAborted();
        const [lost, crossed] = [isLost(error), isCrossed(error)];
        if (!lost && !crossed) throw postgresRefusal(error, place);
        if (performance.now() >= deadline || cut?.signal.aborted)
          throw lost ? unreachable(place, waitMs, error, unknown()) : crowded(place, waitMs, error);
      }
      // Cut off meanwhile, the next attempt says so.
      await clock.sleep(Math.min(10 * 2 ** n, 500) * (0.5 + clock.random()), cut?.signal).catch(() => undefined);
    }
  } finally {
    cut?.end();
  }
}

/** How long a connection that was cut off may take to say so. */
const LAST_MS = 50;

/** Ends what somebody has no more patience for, also in the middle of an answer that does not come. */
function cutOff({ signal }: Patience, waitMs: number): { signal: AbortSignal; over: Promise<never>; end: () => void } {
  const stop = new AbortController();
  const over = Promise.withResolvers<never>();
  over.promise.catch(() => undefined);
  let last: NodeJS.Timeout | undefined;
  const cut = (): void => {
    const reason = new ConnectionLost("there was no more time to wait");
    stop.abort(reason);
    last = setTimeout(() => over.reject(reason), LAST_MS);
  };
  const timer = setTimeout(cut, waitMs);
  signal?.addEventListener("abort", cut);
  if (signal?.aborted) cut();
  return {
    signal: stop.signal,
    over: over.promise,
    end: () => {
      clearTimeout(timer);
      clearTimeout(last);
      signal?.removeEventListener("abort", cut);
    },
  };
}
