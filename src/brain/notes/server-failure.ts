import { SdkError, SdkErrorCode, SdkHttpError, UnauthorizedError } from "@modelcontextprotocol/client";
import { messageOf } from "../../errors.ts";
import { BrainUnavailableError } from "../brain-unavailable.ts";

/** Why a server of notes cannot be asked: `facts.reason` of the error. */
export type Reason =
  | "not-started"
  | "refused"
  | "not-allowed"
  | "timed-out"
  | "lost"
  | "nonsense"
  | "tool-missing"
  | "project-unknown"
  | "failed";

const HINTS: Readonly<Record<Reason, string>> = {
  "not-started": "Check brain.command: the program and its arguments, each an item of the list.",
  refused: "Start the server, or correct brain.url. Nothing was changed.",
  "not-allowed": "Put a token that the server accepts in BERTH_BRAIN_TOKEN.",
  "timed-out": "Look whether the server is well, or give it more time: berth config brain.timeout SECONDS",
  lost: "Run it again: the server is connected anew.",
  nonsense: "Check that brain.command or brain.url leads to basic-memory or a server with the same tools.",
  "tool-missing": "Check that brain.command or brain.url leads to basic-memory or a server with the same tools.",
  "project-unknown": "Give the server its data back, or name another project: berth config brain.project NAME",
  failed: "Look at what the server says of itself. Nothing is known about the note.",
};

/** The error for one reason. */
export function unavailable(
  reason: Reason,
  message: string,
  options: { readonly place: string; readonly hint?: string; readonly cause?: unknown; readonly said?: string },
): BrainUnavailableError {
  const { place, hint = HINTS[reason], cause, said } = options;
  return new BrainUnavailableError(message, { hint, facts: { reason, place, ...(said && { said }) }, cause });
}

/** The reason of an error that a server's store made. */
export function reasonOf(error: unknown): Reason | null {
  return error instanceof BrainUnavailableError ? ((error.facts["reason"] as Reason | undefined) ?? null) : null;
}

/** What the protocol's library, the system or a server's process says, as one of the reasons. */
export function failureOf(error: unknown, place: string, garbage: string | null, words: string): Error {
  if (error instanceof BrainUnavailableError) return error;
  const options = { place, cause: error, said: garbage ?? words };
  const { code } = error as NodeJS.ErrnoException;
  const system = code ?? ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ENOENT" || code === "EACCES" || code === "ENOTDIR")
    return unavailable("not-started", `The notes' server could not be started: ${messageOf(error)}.`, options);
  if (garbage !== null)
    return unavailable("nonsense", `The notes' server (${place}) answers what makes no sense: ${garbage}`, options);
  if (isTimeout(error))
    return unavailable("timed-out", `The notes' server (${place}) did not answer in time.`, options);
  if (error instanceof UnauthorizedError || isStatus(error, [401, 403]))
    return unavailable("not-allowed", `The notes' server (${place}) does not accept who asks.`, options);
  if (system === "ECONNREFUSED" || system === "ENOTFOUND" || system === "EHOSTUNREACH" || system === "EAI_AGAIN")
    return unavailable("refused", `The notes' server (${place}) cannot be reached: ${system}.`, options);
  if (error instanceof SdkHttpError && error.status >= 500)
    return unavailable("failed", `The notes' server (${place}) fails: HTTP ${error.status}.`, options);
  // A server that was restarted does not know this connection, or there is none at this address: nothing was done.
  if (error instanceof SdkHttpError)
    return unavailable("nonsense", `The notes' server (${place}) answers with HTTP ${error.status}.`, options);
  if (isLost(error, system))
    return unavailable("lost", `The notes' server (${place}) was lost${words ? `: ${lastLine(words)}` : "."}`, options);
  return unavailable("nonsense", `The notes' server (${place}) answers what makes no sense: ${plain(error)}`, options);
}

/** Whether a call that failed so was surely not carried out. */
export function isUndone(error: unknown): boolean {
  const { cause } = error as Error;
  return reasonOf(error) === "refused" || (cause instanceof SdkHttpError && cause.status < 500);
}

function isStatus(error: unknown, all: readonly number[]): boolean {
  return error instanceof SdkHttpError && all.includes(error.status);
}

function isLost(error: unknown, system: string | undefined): boolean {
  if (system === "ECONNRESET" || system === "EPIPE" || system?.startsWith("UND_ERR")) return true;
  if (error instanceof SdkError)
    return [SdkErrorCode.ConnectionClosed, SdkErrorCode.NotConnected, SdkErrorCode.SendFailed].includes(error.code);
  return error instanceof Error && (error.name === "AbortError" || error.message === "It has ended.");
}

function plain(error: unknown): string {
  return messageOf(error).replaceAll(/\s+/g, " ").slice(0, 300);
}

function lastLine(words: string): string {
  return words.split("\n").at(-1)?.slice(0, 300) ?? "";
}

function isTimeout(error: unknown): boolean {
  if (error instanceof SdkError) return error.code === SdkErrorCode.RequestTimeout;
  return error instanceof DOMException && error.name === "TimeoutError";
}
