import { spawn } from "node:child_process";
import { STEPS } from "../../src/progress.ts";
import { program } from "../support/sandbox.ts";

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** Another user to run as, where this one may decide that. */
  readonly uid?: number | undefined;
}

/**
 * Runs the real program to its end, with no terminal and no agent client around it. Its progress, which it prints only
 * when a machine is slow, is left out of what it said.
 */
export async function runBerth(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const run = await runProgram([...program, ...args], options);
  const said = run.stderr.split("\n").filter((line) => !PROGRESS.some((step) => line.startsWith(step)));
  return { ...run, stderr: said.join("\n") };
}

const PROGRESS = STEPS.map((step) => `berth: ${step.replace(".", " ")}`);

/** Runs a bash script; the words are its "$@". */
export function runShell(script: string, words: readonly string[], options: RunOptions = {}): Promise<Run> {
  return runProgram(["bash", "--norc", "--noprofile", "-c", script, "bash", ...words], options);
}

function runProgram(command: readonly string[], options: RunOptions = {}): Promise<Run> {
  const [file = "", ...args] = command;
  const { uid } = options;
  const child = spawn(file, args, {
    cwd: options.cwd ?? process.cwd(),
    env: cleanEnvironment(options.env),
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString("utf8"), stderr: Buffer.concat(err).toString("utf8") }),
    );
  });
}

/** The environment of the tests without what would say who calls or how to paint. */
export function cleanEnvironment(added: RunOptions["env"] = {}): Record<string, string> {
  const clean =
    /^(?:CLAUDE|CODEX_|GEMINI_|CURSOR_|COPILOT_|OPENCODE|BERTH_|FORCE_COLOR$|NO_COLOR$|CI$|VISUAL$|EDITOR$)/;
  const env = Object.entries({ ...process.env, ...added }).filter(
    ([name, value]) => value !== undefined && (!clean.test(name) || name in added),
  );
  return Object.fromEntries(env) as Record<string, string>;
}
