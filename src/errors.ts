/**
 * What every refusal and failure of Berth carries: a stable upper-case code that programs may match, a sentence for
 * people, the next thing to do, and the facts as data. The exit code is decided from `code` by the surface alone.
 */
export class BerthError extends Error {
  override readonly name: string = "BerthError";
  readonly code: ErrorCode;
  /** The next step, as a sentence or a command. Never one that destroys work. */
  readonly hint: string | undefined;
  /** Further fields of the JSON error: plain data only. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; facts?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.facts = options.facts ?? {};
  }
}

/** Stable codes. A new one needs a row in the exit-code table of the command line. */
export type ErrorCode =
  | "USAGE"
  | "INVALID"
  | "NO_BASE"
  | "NOT_FOUND"
  | "NOT_A_REPOSITORY"
  | "NOT_INITIALISED"
  | "GIT_TOO_OLD"
  | "GIT_FAILED"
  | "HUB_UNREACHABLE"
  | "HUB_REFUSED"
  | "CLAIM_LOST"
  | "STALE_EPOCH"
  | "NOT_HOLDER"
  | "WRONG_STATE"
  | "MERGE_CONFLICT"
  | "GATE_REFUSED"
  | "VERIFY_FAILED"
  | "SETUP_FAILED"
  | "DIRTY"
  | "WOULD_LOSE_WORK"
  | "CHECKOUT_OVERLAP"
  | "NOTHING_FITS"
  | "TIMED_OUT"
  | "INTERRUPTED"
  | "UNREADABLE"
  | "STORE_DAMAGED"
  | "STORE_TOO_NEW"
  | "STORE_UNREACHABLE"
  | "STORE_NOT_LOCAL"
  | "BRAIN_UNAVAILABLE"
  | "NOTE_CHANGED"
  | "ALREADY_REGISTERED"
  | "LOCK_HELD"
  | "LOCK_LOST"
  | "DEADLOCK"
  | "FAILED";

/** True for errors made by Berth itself, whichever copy of the module made them. */
export function isBerthError(value: unknown): value is BerthError {
  return value instanceof BerthError;
}

/** The message of whatever was thrown. */
export function messageOf(value: unknown): string {
  return value instanceof Error ? value.message : String(value);
}
