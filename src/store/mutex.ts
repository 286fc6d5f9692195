import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { BerthError, messageOf } from "../errors.ts";
import { isBusy, resultOf } from "./sqlite-errors.ts";

/**
 * Runs `work` while holding a lock on `file` that no other process of this machine holds. The lock is SQLite's on an
 * empty database: the kernel frees it when its process dies, however it dies, so there is no stale lock to break.
 * Attempts are short and jittered, because SQLite's own busy wait lets unlucky waiters starve.
 * @param options.waitMs give up after this long; @throws BerthError TIMED_OUT
 */
export async function withMutex<T>(
  file: string,
  options: {
    readonly clock: Clock;
    readonly waitMs: number;
    readonly what: string;
    readonly signal?: AbortSignal | undefined;
  },
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const database = open(file);
  try {
    await acquire(database, file, options);
    return await work();
  } finally {
    database.close();
  }
}

function open(file: string): DatabaseSync {
  try {
    // Loaded when there is something to lock: verbs that only read pay nothing for it.
    const sqlite = process.getBuiltinModule("node:sqlite");
    return new sqlite.DatabaseSync(file, { timeout: 0 });
  } catch (error) {
    throw refusal(file, error);
  }
}

/** What SQLite says of a place where no lock can be had. */
function refusal(file: string, error: unknown): Error {
  const full = resultOf(error) === 13;
  const message = full ? `The disk that holds ${file} is full.` : `The lock ${file} cannot be written.`;
  const hint = full
    ? "Make room on the disk, then run the same command again."
    : "Check who owns the folder and what may be done with it, then run the same command again.";
  return new BerthError("FAILED", message, { hint, facts: { file, said: messageOf(error) }, cause: error });
}

async function acquire(
  database: DatabaseSync,
  file: string,
  options: {
    readonly clock: Clock;
    readonly waitMs: number;
    readonly what: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { clock } = options;
  const deadline = performance.now() + options.waitMs;
  for (let attempt = 0; ; attempt++) {
    try {
      database.exec("begin exclusive");
      return;
    } catch (error) {
      if (!isBusy(error)) throw refusal(file, error);
    }
    if (performance.now() > deadline) {
      throw new BerthError("TIMED_OUT", `Waited ${Math.round(options.waitMs / 1000)} s for ${options.what}.`, {
        hint: "Another Berth command of this machine is still at work; try again when it has ended.",
      });
    }
    await clock.sleep(Math.min(4 + attempt, 25) * (0.5 + clock.random()), options.signal);
  }
}
