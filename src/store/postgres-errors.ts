import { BerthError, messageOf } from "../errors.ts";

/** The connection is no more: what was asked last may have been done or not. */
export class ConnectionLost extends Error {
  override readonly name: string = "ConnectionLost";
}

const FULL = "53300";

/** What the driver and the system call it when nobody answers any more. */
const gone: ReadonlySet<string> = new Set(
  (
    "CONNECTION_CLOSED CONNECTION_DESTROYED CONNECTION_ENDED CONNECT_TIMEOUT ECONNREFUSED ECONNRESET ECONNABORTED EPIPE " +
    "ETIMEDOUT EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN EAI_AGAIN ENOTFOUND ENOENT ERR_STREAM_DESTROYED " +
    // Shutdown, crash, starting, idle for too long inside and outside of a transaction; too many connections.
    "57P01 57P02 57P03 57P05 25P03 25P04 " +
    FULL
  ).split(" "),
);

/** Another transaction was in the way: a conflict, a deadlock, a lock or an answer not had in time. */
const crossed: ReadonlySet<string> = new Set(["40001", "40P01", "55P03", "57014"]);

const refusals: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  "53100": ["its disk is full", "Make room on the server's disk, then run the same command again."],
  "25006": ["it is read-only", "Name the primary server in the store's URL: a standby cannot be written."],
  "42501": ["its user may not do this", "Give that user the rights on the schema berth, or to create it once."],
  "28P01": ["user or password is wrong", "Check user and password in the store's URL."],
  "28000": ["the server does not let this user in", "Check the user in the store's URL and the server's pg_hba.conf."],
  "3D000": ["there is no such database", "Create it, or name another in the store's URL."],
};

/** A server's SQLSTATE, or the system's or driver's code; empty when there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** The connection broke, or there is none to be had for the moment. */
export function isLost(error: unknown): boolean {
  const code = codeOf(error);
  return error instanceof ConnectionLost || gone.has(code) || /^08[0-9A-Z]{3}$/.test(code);
}

/** The server, or what it grants this user, has no connection left. */
export function isFull(error: unknown): boolean {
  return codeOf(error) === FULL || (error instanceof Error && error.cause !== undefined && isFull(error.cause));
}

/** Nothing was done, because of others; done again it may succeed. */
export function isCrossed(error: unknown): boolean {
  return crossed.has(codeOf(error));
}

/** What people are told of what the server refused; errors that are not the database's as they are. */
export function postgresRefusal(error: unknown, place: string): unknown {
  const code = codeOf(error);
  if (!(error instanceof Error) || error.name !== "PostgresError") return error;
  const [what, hint] = refusals[code] ?? [messageOf(error), undefined];
  return new BerthError("FAILED", `${place}: ${what}; nothing was changed.`, {
    ...(hint !== undefined && { hint }),
    facts: { place, sqlstate: code, said: messageOf(error) },
    cause: error,
  });
}

/** What went wrong before there was a connection, and does not pass by itself: a certificate, a setting of the URL. */
export function connectFailure(error: unknown, place: string): unknown {
  if (isLost(error) || isCrossed(error) || (error instanceof Error && error.name === "PostgresError")) return error;
  return new BerthError("FAILED", `No connection to ${place}: ${messageOf(error)}.`, {
    hint: "Check the store's URL, and for an encrypted connection the server's certificate.",
    facts: { place, said: messageOf(error) },
    cause: error,
  });
}

/** Nobody answered for as long as somebody was ready to wait. `unknown`: the last write may have been done. */
export function unreachable(place: string, waitMs: number, error: unknown, unknown: boolean): BerthError {
  const outcome = unknown ? " Whether the last write was done is not known." : "";
  return new BerthError(
    "STORE_UNREACHABLE",
    `No answer from ${place} for ${seconds(waitMs)}: ${messageOf(error)}.${outcome}`,
    {
      hint: "Check that the server runs and can be reached from here. Sessions and work are in git and go on without it.",
      facts: { place, waited_ms: waitMs, outcome: unknown ? "unknown" : "not done" },
      cause: error,
    },
  );
}

/** Others were in the way for as long as somebody was ready to wait. */
export function crowded(place: string, waitMs: number, error: unknown): BerthError {
  return new BerthError("TIMED_OUT", `Waited ${seconds(waitMs)} to write to ${place}.`, {
    hint: "Other processes kept it busy all the time; try again when they have ended.",
    facts: { place, said: messageOf(error) },
    cause: error,
  });
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
