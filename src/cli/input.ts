import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { addAbortSignal } from "node:stream";
import { BerthError, messageOf } from "../errors.ts";
import type { Terminal } from "./terminal.ts";
import { usageError } from "./usage-error.ts";

/** As large as the largest file that is merged by line. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * All of standard input as text.
 * @param options.exact keep a byte-order mark
 * @throws BerthError USAGE when it is too large or not UTF-8
 */
export async function readStandardInput(
  terminal: Terminal,
  signal: AbortSignal,
  { exact = false }: { readonly exact?: boolean } = {},
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of addAbortSignal(signal, terminal.stdin)) {
    const piece = Buffer.from(chunk as Uint8Array);
    bytes += piece.length;
    if (bytes > MOST_BYTES) throw usageError("Standard input is larger than 32 MiB.", "Give a shorter text.");
    chunks.push(piece);
  }
  return decode(Buffer.concat(chunks), "Standard input", exact);
}

/**
 * A file of the user's as text.
 * @throws BerthError NOT_FOUND or UNREADABLE naming the file
 */
export async function readTextFile(cwd: string, file: string): Promise<string> {
  try {
    return decode(await readFile(resolve(cwd, file)), file);
  } catch (error) {
    if (error instanceof BerthError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new BerthError(missing ? "NOT_FOUND" : "UNREADABLE", `${file} cannot be read: ${messageOf(error)}.`, {
      hint: "Check the path; it is taken from the folder you stand in, or from -C DIR.",
      facts: { file },
      cause: error,
    });
  }
}

function decode(bytes: Buffer, what: string, exact = false): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: exact }).decode(bytes);
  } catch {
    throw usageError(`${what} is not UTF-8 text.`, "Convert it first, for example with iconv.");
  }
}

/** A text while a person edits it, in a file that outlives a refusal of what was written. */
export interface Draft {
  readonly file: string;
  readonly text: string;
  readonly discard: () => Promise<void>;
}

/**
 * Lets a person change a text in `$VISUAL` or `$EDITOR`.
 * @throws BerthError USAGE when neither is set, FAILED when the editor fails; the file then stays and is named
 */
export async function editText(terminal: Terminal, name: string, text: string): Promise<Draft> {
  const editor = [terminal.env["VISUAL"], terminal.env["EDITOR"]].find((command) => command?.trim());
  if (editor === undefined) {
    throw usageError(
      "There is no editor to open: neither VISUAL nor EDITOR is set.",
      "Set one of them, or give the text with --file FILE (- for standard input).",
    );
  }
  const folder = await mkdtemp(join(tmpdir(), "berth-edit-"));
  const file = join(folder, name);
  await writeFile(file, text, { mode: 0o600 });
  const status = await runEditor(editor, file);
  if (status !== 0) {
    throw new BerthError("FAILED", `The editor (${editor}) ended with ${status}; nothing was changed.`, {
      hint: `What it wrote is in ${file}; use it with --file.`,
      facts: { file },
    });
  }
  return {
    file,
    text: await readFile(file, "utf8"),
    discard: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The command may hold arguments of its own (`code --wait`), so a shell reads it, as git does. */
function runEditor(editor: string, file: string): Promise<number | string> {
  const { spawn } = process.getBuiltinModule("node:child_process");
  const child =
    process.platform === "win32"
      ? spawn(`${editor} "${file}"`, { shell: true, stdio: "inherit" })
      : spawn("/bin/sh", ["-c", `${editor} "$@"`, editor, file], { stdio: "inherit" });
  return new Promise((done) => {
    child.on("error", (error) => done(error.message));
    child.on("close", (code, killed) => done(code ?? killed ?? "no exit code"));
  });
}
