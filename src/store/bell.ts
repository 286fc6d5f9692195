import type { Listening } from "./store.ts";

/** Rings for whoever listens: a ring while nobody waits is heard by the next wait. */
export interface Bell {
  ring(): void;
  /** @param onClose called when the listener has gone */
  listener(onClose?: () => Promise<void>): Listening;
}

export function makeBell(): Bell {
  let rings = 0;
  const waiting = new Set<() => void>();
  return {
    ring: () => {
      rings += 1;
      for (const wake of waiting) wake();
    },
    listener: (onClose) => {
      let heard = rings;
      return {
        wake: async (ms, signal) => {
          if (heard === rings) await nextRing(waiting, ms, signal);
          heard = rings;
        },
        close: async () => onClose?.(),
      };
    },
  };
}

function nextRing(waiting: Set<() => void>, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = (): void => {
      clearTimeout(timer);
      waiting.delete(end);
      signal?.removeEventListener("abort", abort);
      if (signal?.aborted) reject(signal.reason as Error);
      else resolve();
    };
    const abort = (): void => end();
    const timer = setTimeout(end, ms);
    waiting.add(end);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
