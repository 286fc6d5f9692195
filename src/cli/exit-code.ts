import type { ErrorCode } from "../errors.ts";

/** What each exit code of the program means; the numbers are part of the contract and never change. */
const EXIT_MEANINGS = {
  0: "done",
  1: "failed",
  2: "usage: the call, or a value in it, cannot be used as it is",
  3: "not found",
  4: "lost: claimed by another, a conflict, or a stale epoch",
  5: "held by another",
  6: "timed out",
  7: "refused by a gate; nothing was published",
  130: "interrupted",
} as const;

export type ExitCode = keyof typeof EXIT_MEANINGS;

/** Every code has its row: a new error without one does not compile. */
const EXIT_CODES: Readonly<Record<ErrorCode, ExitCode>> = {
  FAILED: 1,
  GIT_FAILED: 1,
  GIT_TOO_OLD: 1,
  HUB_UNREACHABLE: 1,
  SETUP_FAILED: 1,
  UNREADABLE: 1,
  STORE_DAMAGED: 1,
  STORE_TOO_NEW: 1,
  STORE_UNREACHABLE: 1,
  STORE_NOT_LOCAL: 1,
  BRAIN_UNAVAILABLE: 1,
  WRONG_STATE: 1,
  USAGE: 2,
  INVALID: 2,
  NO_BASE: 3,
  NOT_FOUND: 3,
  NOT_A_REPOSITORY: 3,
  NOT_INITIALISED: 3,
  NOTHING_FITS: 3,
  CLAIM_LOST: 4,
  STALE_EPOCH: 4,
  NOT_HOLDER: 4,
  MERGE_CONFLICT: 4,
  NOTE_CHANGED: 4,
  ALREADY_REGISTERED: 4,
  LOCK_HELD: 5,
  LOCK_LOST: 5,
  DEADLOCK: 5,
  TIMED_OUT: 6,
  GATE_REFUSED: 7,
  VERIFY_FAILED: 7,
  DIRTY: 7,
  WOULD_LOSE_WORK: 7,
  CHECKOUT_OVERLAP: 7,
  HUB_REFUSED: 7,
  INTERRUPTED: 130,
};

/** The exit code for an error's code. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  return EXIT_CODES[code];
}

/** The codes that end with this exit code, for the reference page. */
export function errorCodesOf(exitCode: ExitCode): string[] {
  return Object.entries(EXIT_CODES).flatMap(([code, exit]) => (exit === exitCode ? [code] : []));
}

/** The codes and what they mean, for help and the reference. */
export function exitCodeRows(): readonly { readonly code: ExitCode; readonly meaning: string }[] {
  return Object.entries(EXIT_MEANINGS).map(([code, meaning]) => ({ code: Number(code) as ExitCode, meaning }));
}
