import { BerthError } from "../errors.ts";
import { runProgram } from "./program.ts";
import type { Terminal } from "./terminal.ts";

/** Runs the program on this process: its arguments, environment, streams and signals. */
export async function main(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", tolerateClosedPipe);
  const terminal: Terminal = {
    env: process.env,
    cwd: workingDirectory(),
    // Opened by who reads it: few do, and each stream costs a start a millisecond.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    now: () => Date.now(),
  };
  const args = process.argv.slice(2);
  const code = await runProgram(args, terminal, abortOnSignals());
  process.exitCode ||= code;
}

/** Where we stand; null when that folder was removed, as a completed session's workspace is. */
function workingDirectory(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

/** The reader has gone (`berth list | head -1`): what it did not want is not an error. Anything else is: a full disk. */
function tolerateClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") return;
  process.exitCode = 1;
  process.stderr.write(`berth: ${error.message}\n`);
}

/** A terminal's Ctrl-C can arrive twice, from the terminal and passed on by a parent; a person's second one comes later. */
const SECOND_SIGNAL_MS = 500;

function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const stop = (): void => {
    if (!controller.signal.aborted) {
      first = Date.now();
      controller.abort(
        new BerthError("INTERRUPTED", "Interrupted.", {
          hint: "Run the same command again: it finishes what was begun, or undoes it.",
        }),
      );
    } else if (Date.now() - first > SECOND_SIGNAL_MS) process.exit(130);
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, stop);
  return controller.signal;
}
