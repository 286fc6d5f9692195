import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { finished } from "node:stream/promises";

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
  const log = createWriteStream(options.log);
  let tail = "";
  const child = spawn("sh", ["-c", command], {
    cwd: options.dir,
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
    signal: options.signal,
    detached: false,
  });
  const take = (chunk: Buffer): void => {
    log.write(chunk);
    tail = (tail + chunk.toString("utf8")).slice(-4000);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, killed) => resolve(status ?? (killed ? 128 : 1)));
  });
  try {
    const code = await ended;
    return { code, tail: tail.trim().split("\n").slice(-15).join("\n"), log: options.log };
  } finally {
    log.end();
    await finished(log);
  }
}
