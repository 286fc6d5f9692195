import { BerthError, isBerthError, messageOf } from "../errors.ts";

/** SQLite's result code without its details: 5 busy, 8 read-only, 11 corrupt, 13 full, 14 cannot open, 26 no database. */
export function resultOf(error: unknown): number {
  return error instanceof Error && "errcode" in error ? (error.errcode as number) & 0xff : 0;
}

/** Somebody else has the lock, for a moment. */
export function isBusy(error: unknown): boolean {
  return resultOf(error) === 5 || resultOf(error) === 6;
}

/** What people are told of a store that SQLite cannot work with; errors that are ours, or only busy, as they are. */
export function sqliteRefusal(error: unknown, file: string): unknown {
  const code = resultOf(error);
  if (isBerthError(error) || isBusy(error) || code === 0) return error;
  const facts = { file, said: messageOf(error) };
  if (code === 11 || code === 26)
    return new BerthError("STORE_DAMAGED", `${file} is damaged: ${messageOf(error)}.`, {
      hint: "Sessions and work are in git and are not touched. See what can be saved with: berth doctor",
      facts,
      cause: error,
    });
  if (code === 13)
    return new BerthError("FAILED", `The disk that holds ${file} is full; nothing was changed.`, {
      hint: "Make room on the disk, then run the same command again.",
      facts,
      cause: error,
    });
  if (code === 8 || code === 14 || code === 3)
    return new BerthError("FAILED", `${file} cannot be written; nothing was changed.`, {
      hint: "Check who owns the folder and what may be done with it, then run the same command again.",
      facts,
      cause: error,
    });
  return new BerthError("FAILED", `${file}: ${messageOf(error)}.`, { facts, cause: error });
}
