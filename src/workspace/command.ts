import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

export interface CommandResult {
  readonly code: number;
  /** The last lines of what it printed. */
  readonly tail: string;
  /** The file that holds all of it. */
  readonly log: string;
}

/**
 * Runs a team's shell command (`setup`, `verify`) in a directory, with everything it prints in a log file. The command
 * comes from the committed settings or the caller's own option, never from a session.
 */
export async function runCommand(
  command: string,
  options: {
    readonly dir: string;
    readonly env: Readonly<Record<string, string>>;
    readonly log: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<CommandResult> {
  await mkdir(dirname(options.log), { recursive: true });
  const log = await open(options.log, "w+");
  try {
    // The file itself, not a pipe: what a command leaves running keeps writing there, and nobody waits for it.
    // Loaded by who runs a command: it costs a start some milliseconds.
    const child = process.getBuiltinModule("node:child_process").spawn("sh", ["-c", command], {
      cwd: options.dir,
      env: options.env,
      stdio: ["ignore", log.fd, log.fd],
      signal: options.signal,
    });
    const code = await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (status, killed) => resolve(status ?? (killed ? 128 : 1)));
    });
    return { code, tail: await tailOf(log), log: options.log };
  } finally {
    await log.close();
  }
}

async function tailOf(log: FileHandle): Promise<string> {
  const { size } = await log.stat();
  const length = Math.min(size, 4000);
  const { buffer, bytesRead } = await log.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.toString("utf8", 0, bytesRead).trim().split("\n").slice(-15).join("\n");
}
