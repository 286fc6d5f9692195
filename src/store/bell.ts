import type { HeardEvent, Listening } from "./store.ts";

/** Rings for whoever listens: a ring while nobody waits is heard by the next wait. */
export interface Bell {
  /** @param event what it rings for, where that is known */
  ring(event?: HeardEvent): void;
  /** @param onClose called when the listener has gone */
  listener(onClose?: () => Promise<void>): Listening;
}

/** What a listener has not been told yet. */
interface Heard {
  rung: boolean;
  /** Null where not all of it is known. */
  events: HeardEvent[] | null;
  wake: (() => void) | undefined;
}

/** More than this is not kept for a listener that is busy: it reads the feed. */
const KEPT = 1000;

export function makeBell(): Bell {
  const listeners = new Set<Heard>();
  return {
    ring: (event) => {
      for (const heard of listeners) {
        if (!event || (heard.events?.length ?? KEPT) >= KEPT) heard.events = null;
        else heard.events?.push(event);
        heard.rung = true;
        heard.wake?.();
      }
    },
    listener: (onClose) => {
      const heard: Heard = { rung: false, events: [], wake: undefined };
      listeners.add(heard);
      return {
        wake: async (ms, signal) => {
          if (!heard.rung) await nextRing(heard, ms, signal);
          const events = heard.rung ? heard.events : null;
          heard.rung = false;
          heard.events = [];
          return events;
        },
        close: async () => {
          listeners.delete(heard);
          await onClose?.();
        },
      };
    },
  };
}

function nextRing(heard: Heard, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = (): void => {
      clearTimeout(timer);
      heard.wake = undefined;
      signal?.removeEventListener("abort", end);
      if (signal?.aborted) reject(signal.reason as Error);
      else resolve();
    };
    const timer = setTimeout(end, ms);
    heard.wake = end;
    signal?.addEventListener("abort", end, { once: true });
  });
}
