import { BerthError, messageOf } from "../errors.ts";
import type { Result } from "./command.ts";
import type { ExitCode } from "./exit-code.ts";
import { pageFor } from "./style.ts";
import type { Terminal } from "./terminal.ts";
import { escapeInvisible } from "./text.ts";

/** How a caller wants to be answered. */
export interface Manner {
  readonly json: boolean;
  readonly quiet: boolean;
}

/** The version of every JSON document of the program; it grows only when a field changes its meaning. */
const SCHEMA_VERSION = 1;

/**
 * Prints what a verb answered, and says with which code to exit.
 * @throws BerthError FAILED where the verb has to know that it was printed, and it was not
 */
export async function answer(terminal: Terminal, manner: Manner, result: Result): Promise<ExitCode> {
  const { stdout, stderr, env } = terminal;
  if (manner.json) {
    if (result.data !== null) writeDocument(terminal, result.data);
  } else {
    const text =
      manner.quiet && result.brief !== undefined ? result.brief : result.text(pageFor(stdout, env, terminal.now()));
    if (text !== "") stdout.write(text.endsWith("\n") ? text : `${text}\n`);
    if (!manner.quiet) for (const note of result.notes ?? []) stderr.write(`${note}\n`);
  }
  if (result.printed) {
    await arrived(stdout).catch(async (error: unknown) => {
      await result.unprinted?.();
      throw error;
    });
    await result.printed();
  }
  return result.exitCode ?? 0;
}

/** Resolves when all that was written before has gone out. */
async function arrived(stdout: Terminal["stdout"]): Promise<void> {
  const { isClosed } = await import("./closed-output.ts");
  const problem = await new Promise<string | null>((resolve) => {
    if (isClosed(stdout)) resolve("nobody can read it");
    else stdout.write("", (error) => resolve(error ? messageOf(error) : null));
  });
  if (problem === null) return;
  throw new BerthError("FAILED", `Standard output was not written: ${problem}.`, {
    hint: "Run it again where the output can be read; until then nothing has changed.",
  });
}

/** One line where a program reads it, indented where a person does. */
export function writeDocument(terminal: Terminal, data: object): void {
  const text = JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...data }, null, terminal.stdout.isTTY === true ? 2 : 0);
  terminal.stdout.write(`${escapeInvisible(text)}\n`);
}

/**
 * Writes one line of a stream of JSON documents, and waits while its reader is behind.
 * @returns false once the reader has gone
 */
export async function writeLine({ stdout }: Terminal, data: object): Promise<boolean> {
  const text = `${escapeInvisible(JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...data }))}\n`;
  if (!stdout.writable) return false;
  return new Promise((resolve) => stdout.write(text, (error) => resolve(!error)));
}
