import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import { BerthError } from "../errors.ts";
import { isBusy } from "./sqlite-errors.ts";
import { type Place, waitingLine } from "./waiting-line.ts";

/** So long one tries without a place in the line: most waits are shorter. */
const PATIENCE_MS = 4;

/** So long who writes seldom tries without a pause where nobody waits: most writes take less, and no timer is as short. */
const SPIN_MS = 1;
const SELDOM_MS = 100;

const LONELY = { mayTry: true, isEmpty: false };

export interface Waiting {
  readonly file: string;
  readonly clock: Clock;
  /** How long a write waits for its turn before it gives up. */
  readonly waitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** False for who has a place in the line already, and would wait behind himself. */
  readonly lines?: boolean;
  /** When its process wrote last, by `performance.now()`. */
  readonly wroteAt?: number;
}

/**
 * Tries until the lock is free. The waits stay short however long it takes, and who has waited takes a place in the
 * line, so that nobody is passed again and again by those who come later, or come again.
 * @throws BerthError TIMED_OUT
 */
export async function awaitTurn<T>(options: Waiting, work: () => Promise<T>): Promise<T> {
  const { clock, file, signal, waitMs = 30_000, lines = true, wroteAt = Number.POSITIVE_INFINITY } = options;
  const line = waitingLine(join(dirname(file), "waiting"), clock);
  // A clock that cannot be set: the machine's may go back by an hour meanwhile.
  const began = performance.now();
  const spins = began - wroteAt > SELDOM_MS ? began + SPIN_MS : 0;
  let place: Place | undefined;
  try {
    for (;;) {
      let busy: unknown;
      const { mayTry, pauseMs, isEmpty } = lines ? line.look(place) : { ...LONELY, pauseMs: 1 + clock.random() };
      try {
        if (mayTry) return await work();
      } catch (error) {
        if (!isBusy(error)) throw error;
        busy = error;
      }
      if (isEmpty && performance.now() < spins) {
        await setImmediate();
        continue;
      }
      const waited = performance.now() - began;
      if (waited > waitMs)
        throw new BerthError("TIMED_OUT", `Waited ${Math.round(waitMs / 1000)} s to write to ${file}.`, {
          hint: "Others kept it busy all the time, or one that is stopped (Ctrl-Z, a debugger) holds it: let that go on or end it, then try again.",
          cause: busy,
        });
      if (lines && (waited > PATIENCE_MS || !mayTry)) place ??= line.join();
      await clock.sleep(pauseMs, signal);
    }
  } finally {
    place?.leave();
  }
}
