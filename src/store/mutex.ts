import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { BerthError } from "../errors.ts";

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
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    await acquire(database, options);
    return await work();
  } finally {
    database.close();
  }
}

async function acquire(
  database: DatabaseSync,
  options: {
    readonly clock: Clock;
    readonly waitMs: number;
    readonly what: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { clock } = options;
  const deadline = clock.now() + options.waitMs;
  for (let attempt = 0; ; attempt++) {
    try {
      database.exec("begin exclusive");
      return;
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
    if (clock.now() > deadline) {
      throw new BerthError("TIMED_OUT", `Waited ${Math.round(options.waitMs / 1000)} s for ${options.what}.`, {
        hint: "Another Berth command of this machine is still at work; try again when it has ended.",
      });
    }
    await clock.sleep(Math.min(4 + attempt, 25) * (0.5 + clock.random()), options.signal);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && ((error.errcode as number) & 0xff) === 5;
}
