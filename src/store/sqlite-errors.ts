import { BerthError, isBerthError, messageOf } from "../errors.ts";
import { systemError } from "../machine.ts";

/** SQLite's result code without its details: 5 busy, 8 read-only, 11 corrupt, 13 full, 14 cannot open, 26 no database. */
export function resultOf(error: unknown): number {
  return extendedResultOf(error) & 0xff;
}

function extendedResultOf(error: unknown): number {
  return error instanceof Error && "errcode" in error ? (error.errcode as number) : 0;
}

/** Somebody else has the lock, for a moment. */
export function isBusy(error: unknown): boolean {
  return resultOf(error) === 5 || resultOf(error) === 6;
}

/** A page that should be in the file or its log is not: one of them was cut off under a process that uses it. */
const SHORT_READ = 522;

/** What people are told of a store that SQLite cannot work with; errors that are ours, or only busy, as they are. */
export function sqliteRefusal(error: unknown, file: string): unknown {
  if (isBerthError(error) || isBusy(error)) return error;
  // Every text that is parsed in a transaction is the store's own.
  if (error instanceof SyntaxError) return damaged(file, `a text in it cannot be read (${messageOf(error)})`, error);
  const code = resultOf(error);
  const said = messageOf(error);
  if (extendedResultOf(error) === SHORT_READ)
    return damaged(file, "it or its log was cut off, or the log deleted, while processes use it", error);
  if (code === 11 || code === 26) return damaged(file, said, error);
  if (code === 13) return full(error, file);
  if (code === 10)
    return refused(
      error,
      file,
      `The disk that holds ${file} did not take or give what it should (${said})`,
      "See whether it is full, over a limit, or broken",
    );
  if (code === 3 || code === 8 || code === 14) return notWritable(error, file);
  if (code === 0) return error;
  return new BerthError("FAILED", `${file}: ${said}.`, { facts: { file, said }, cause: error });
}

/** The same for what the system itself says of the place. */
export function placeRefusal(error: unknown, file: string): unknown {
  if (isBerthError(error) || !(error instanceof Error) || !("syscall" in error)) return sqliteRefusal(error, file);
  const said = systemError(error);
  const { code, path } = said as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return full(said, file);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return notWritable(said, path ?? file);
  return refused(said, file, `No store can be kept at ${file} (${messageOf(said)})`, "Make room for it");
}

function full(error: unknown, file: string): BerthError {
  return refused(error, file, `The disk that holds ${file} is full`, "Make room on the disk");
}

function notWritable(error: unknown, path: string): BerthError {
  return refused(
    error,
    path,
    `${path} cannot be written`,
    "Check who owns it and its folder, and what may be done there",
  );
}

function refused(error: unknown, file: string, what: string, remedy: string): BerthError {
  return new BerthError("FAILED", `${what}; nothing was changed.`, {
    hint: `${remedy}, then run the same command again.`,
    facts: { file, said: messageOf(error) },
    cause: error,
  });
}

/** A store that is not what was written. It is never replaced without a word. [INV-8] */
export function damaged(file: string, why: string, cause?: unknown): BerthError {
  return new BerthError("STORE_DAMAGED", `${file} is damaged: ${why}.`, {
    hint: "Sessions and work are in git and are not touched. See what can be saved with: berth doctor",
    facts: { file, said: why },
    cause,
  });
}

export function isDamage(error: unknown): boolean {
  return isBerthError(error) && error.code === "STORE_DAMAGED";
}
