import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { devNull } from "node:os";
import { BerthError } from "../errors.ts";

/** Where and with which environment git runs. */
export interface Git {
  /** Absolute directory. */
  readonly dir: string;
  /** A cleaned environment, see `gitEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
}

export interface RunOptions {
  /** Written to standard input. */
  readonly input?: string | Uint8Array;
  /** Another directory than `git.dir`. */
  readonly dir?: string;
  /** Variables added to the environment of this run. */
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that are an answer and not a failure, besides 0. */
  readonly accept?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const DISK = "Check the room on the disk and who may write there, then run the same command again.";

/** A failed run of git, with what it said. */
export class GitError extends BerthError {
  override readonly name = "GitError";
  readonly exitCode: number;
  readonly stderr: string;
  constructor(args: readonly string[], exitCode: number, stderr: string, cause?: unknown) {
    const said = lastWords(stderr);
    super("GIT_FAILED", `git ${args[0] ?? ""} failed${exitCode < 0 ? "" : ` (exit ${exitCode})`}${said}`, {
      ...(/unable to (?:write|create)|No space left|Permission denied/.test(stderr) ? { hint: DISK } : {}),
      facts: { command: ["git", ...args], exitCode, stderr },
      cause,
    });
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

function lastWords(stderr: string): string {
  const line =
    stderr
      .trim()
      .split("\n")
      .findLast((l) => /^(fatal|error):/.test(l)) ?? stderr.trim().split("\n").at(-1);
  return line ? `: ${line.slice(0, 400)}` : ".";
}

/**
 * Settings for every run. Team hooks do not run on what Berth itself writes (gates and `verify` take their place);
 * writes are synced to disk; no background maintenance starts under us.
 */
const PINNED = [
  "core.hooksPath=" + devNull,
  "core.fsync=all",
  "core.fsyncMethod=batch",
  "gc.auto=0",
  "maintenance.auto=false",
  "core.quotePath=false",
].flatMap((setting) => ["-c", setting]);

/** Starts git with streams of its own, for long-lived commands. */
export function spawnGit(git: Git, args: readonly string[], options: RunOptions = {}): ChildProcessWithoutNullStreams {
  // Loaded by who runs git: it costs a start some milliseconds, and hooks answer without.
  const { spawn } = process.getBuiltinModule("node:child_process");
  return spawn("git", [...PINNED, ...args], {
    cwd: options.dir ?? git.dir,
    env: options.env ? { ...git.env, ...options.env } : git.env,
    stdio: ["pipe", "pipe", "pipe"],
    signal: options.signal,
    windowsHide: true,
  });
}

/**
 * Runs git to its end, without a shell.
 * @throws GitError when it cannot be started or exits with a code that is not accepted.
 */
export function run(git: Git, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawnGit(git, args, options);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.stdin.on("error", () => {
      // git may end before it has read all of its input; its exit code says what that means.
    });
    child.on("error", (error) => reject(startError(git, args, options, error)));
    child.on("close", (code, killed) => {
      const stderr = Buffer.concat(err).toString("utf8");
      if (options.signal?.aborted) return reject(options.signal.reason as Error);
      if (code !== null && (code === 0 || options.accept?.includes(code))) {
        return resolve({ code, stdout: Buffer.concat(out), stderr });
      }
      return reject(new GitError(args, code ?? -1, killed ? `${stderr}\nended by ${killed}` : stderr));
    });
    child.stdin.end(options.input ?? "");
  });
}

function startError(git: Git, args: readonly string[], options: RunOptions, error: Error): Error {
  if (options.signal?.aborted) return options.signal.reason as Error;
  if ((error as NodeJS.ErrnoException).code === "ENOENT") {
    return new BerthError("GIT_FAILED", `git could not be started in ${options.dir ?? git.dir}.`, {
      hint: "Check that git is installed and on PATH, and that the directory exists.",
      cause: error,
    });
  }
  return new GitError(args, -1, error.message, error);
}

/** Standard output as text, without the final line end. */
export async function text(git: Git, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { stdout } = await run(git, args, options);
  return stdout.toString("utf8").replace(/\n$/, "");
}

/** Standard output split at NUL, the last empty piece dropped. */
export async function fields(git: Git, args: readonly string[], options: RunOptions = {}): Promise<string[]> {
  const { stdout } = await run(git, args, options);
  const pieces = stdout.toString("utf8").split("\0");
  if (pieces.at(-1) === "") pieces.pop();
  return pieces;
}
