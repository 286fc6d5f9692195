import { BerthError, type ErrorCode, isBerthError, messageOf } from "../errors.ts";
import { type Manner, writeDocument } from "./answer.ts";
import { type ExitCode, exitCodeOf } from "./exit-code.ts";
import { renderFacts } from "./facts.ts";
import { type Page, pageFor } from "./style.ts";
import { systemError } from "../machine.ts";
import type { Terminal } from "./terminal.ts";
import { plain } from "./text.ts";

/** An error as the program reports it. */
interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly stack: string | undefined;
}

/** What was thrown, as a failure: a refusal as it is, and anything else as a defect or as the system's complaint. */
function failureOf(error: unknown, signal: AbortSignal): Failure {
  const stack = error instanceof Error ? stackOf(error) : undefined;
  const told = isBerthError(error) ? error : foreign(systemError(error));
  if (signal.aborted && ["FAILED", "GIT_FAILED", "SETUP_FAILED"].includes(told.code)) {
    const reason: unknown = signal.reason;
    if (isBerthError(reason)) return { ...parts(reason), stack };
  }
  return { ...parts(told), stack };
}

function parts(error: BerthError): Omit<Failure, "stack"> {
  return { code: error.code, message: error.message, hint: error.hint ?? null, facts: error.facts };
}

/** Complaints of the operating system that are nobody's defect, and what helps. */
const SYSTEM: Readonly<Record<string, string>> = {
  ENOSPC: "Make room on the disk, then run the same command again.",
  EDQUOT: "Make room in your quota, then run the same command again.",
  EROFS: "The disk is read-only; run Berth where the repository can be written.",
  EACCES: "Check who owns the file and what may be done with it.",
  EPERM: "Check who owns the file and what may be done with it.",
  EMFILE: "Too many files are open; raise the limit (ulimit -n) or run fewer commands at once.",
  ENFILE: "Too many files are open on this machine; run fewer commands at once.",
  ENOMEM: "The machine is out of memory; run fewer commands at once.",
};

function foreign(error: unknown): BerthError {
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? "") : "";
  const hint = SYSTEM[code];
  if (hint !== undefined) return new BerthError("FAILED", messageOf(error), { hint, facts: { system: code } });
  return new BerthError("FAILED", `Something went wrong inside Berth: ${messageOf(error)}`, {
    hint: "Run it again with BERTH_DEBUG=1 to see where, and report it.",
  });
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}

/** The JSON document of a failure, besides `schemaVersion`. Facts can add fields and replace none. */
function failureDocument(failure: Failure): { readonly error: object } {
  const { code, message, hint, facts } = failure;
  return { error: Object.assign({ code, message, hint }, facts, { code, message, hint }) };
}

/**
 * What happened, the facts, and the next command, for people. What others wrote may be in any of it: nothing of that can
 * begin a line of its own, which would read as ours. [INV-9]
 */
function failureText(failure: Failure, page: Page): string {
  const lines = [`${page.style("red", "berth:")} ${plain(failure.message)}`];
  lines.push(...renderFacts(failure, page).map((line) => `  ${line}`));
  if (failure.hint !== null) lines.push(`  ${page.style("cyan", "next:")} ${plain(failure.hint)}`);
  return lines.join("\n");
}

/** Prints why a verb did not do what was asked, and says with which code to exit. */
export function refuse(terminal: Terminal, manner: Manner, error: unknown, signal: AbortSignal): ExitCode {
  const failure = failureOf(error, signal);
  const { stderr, env } = terminal;
  if (env["BERTH_DEBUG"] === "1" && failure.stack !== undefined) stderr.write(`${failure.stack}\n`);
  if (manner.json) writeDocument(terminal, failureDocument(failure));
  else stderr.write(`${failureText(failure, pageFor(stderr, env, terminal.now()))}\n`);
  return exitCodeOf(failure.code);
}
