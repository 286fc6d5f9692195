import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { program, type Sandbox } from "./sandbox.ts";
import type { Errno } from "./faults.ts";
import type { Failure, Order, Place, Said } from "./worker.ts";

/** How an order ended. */
export interface Answer {
  /** The steps that were reached; empty when the process was killed. */
  readonly steps: readonly string[];
  readonly result?: unknown;
  readonly error?: Failure;
  /** The process died before it answered. */
  readonly killed: boolean;
}

/** An agent that runs as a process (and process group) of its own. */
export interface Worker {
  readonly agent: string | undefined;
  readonly dir: string;
  run(
    verb: string,
    input: Order["input"],
    how?: {
      readonly kill?: Place & { readonly group: boolean };
      readonly pauseAt?: Place;
      readonly failAt?: Place & { readonly errno: Errno };
      readonly delayAt?: Place & { readonly ms: number };
      readonly fine?: boolean;
      readonly dir?: string;
    },
  ): Running;
  /** Resolves when nothing runs any more of what it had started: git goes on for a moment after the worker is killed. */
  settled(): Promise<void>;
  /** Kills it (or its whole group) and waits until it is gone. */
  kill(group: boolean): Promise<void>;
}

/** An order under way. */
export interface Running {
  readonly answer: Promise<Answer>;
  /** Resolves when the worker stands at `pauseAt`; rejects when the order ends without getting there. */
  readonly paused: Promise<void>;
  goOn(): void;
}

export interface WorkerOptions {
  readonly dir: string;
  readonly agent?: string;
  readonly uid?: number;
  /** The folder of locks shared by a machine's processes; one of its own makes a worker a machine of its own. */
  readonly machineDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What runs in the process, where that is another program which takes the same orders. */
  readonly entry?: string;
}

/** Longer than any git command of a test takes. */
const SETTLE_MS = 5000;

/** Where Node itself keeps it: each start of a worker would strip the types of hundreds of files again. */
const COMPILED = join(tmpdir(), "node-compile-cache");

const entry = join(import.meta.dirname, "worker.ts");

/** Starts a worker. It, and everything it has started, ends with the test at the latest. */
export function startWorker(box: Sandbox, options: WorkerOptions): Worker {
  const mark = randomUUID();
  const child = spawn(process.execPath, [options.entry ?? entry], {
    cwd: box.dir,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED, ...options.env, BERTH_TEST_WORKER: mark },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let swept = false;
  const kill = async (group: boolean): Promise<void> => {
    if (killGroup(child, group) && group) swept = true;
    await ended;
  };
  onTestFinished(async () => {
    await kill(true);
    if (!swept) endMarked(mark);
  });
  const words = listen(child);
  return {
    agent: options.agent,
    dir: options.dir,
    settled: async () => {
      for (const end = Date.now() + SETTLE_MS; marked(mark).length > 0 && Date.now() < end;) await pause(5);
    },
    kill,
    run: (verb, input, how = {}) => {
      const { dir = options.dir, ...rest } = how;
      const machineDir = options.machineDir ?? join(box.dir, "machine");
      const order: Order = { dir, agent: options.agent, machineDir, program, verb, input, ...rest };
      child.stdin.write(`${JSON.stringify(order)}\n`);
      return running(child, words);
    },
  };
}

/** Only while the worker lives: afterwards its number may be another process's. */
function killGroup(child: ChildProcessWithoutNullStreams, group: boolean): boolean {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false;
  process.kill(group ? -child.pid : child.pid, "SIGKILL");
  return true;
}

/** Ends what a worker had started and what outlived it. */
function endMarked(mark: string): void {
  for (const pid of marked(mark)) endOne(pid);
}

/** What a worker had started, known by the mark in its environment (where /proc tells). */
function marked(mark: string): number[] {
  const all = existsSync("/proc/self/environ") ? readdirSync("/proc") : [];
  return all.filter((pid) => /^\d+$/.test(pid) && environmentOf(pid).includes(`BERTH_TEST_WORKER=${mark}`)).map(Number);
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    // It has ended, or belongs to somebody else.
    return "";
  }
}

function endOne(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

type Words = (take: (said: Said | null) => void) => void;

/** What the worker says, in order; null once it is gone. Whoever asks next gets the next word. */
function listen(child: ChildProcessWithoutNullStreams): Words {
  const said: (Said | null)[] = [];
  const takers: ((said: Said | null) => void)[] = [];
  const put = (word: Said | null): void => {
    const taker = takers.shift();
    if (taker) taker(word);
    else said.push(word);
  };
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  child.stdin.on("error", () => undefined);
  createInterface({ input: child.stdout }).on("line", (line) => put(JSON.parse(line) as Said));
  child.once("close", (code) => {
    if (code !== null && code !== 0)
      put({ steps: [], error: { code: "THROWN", message: stderr, hint: null, facts: {} } });
    put(null);
  });
  return (take) => {
    const word = said.shift();
    if (word === undefined) takers.push(take);
    else take(word);
  };
}

function running(child: ChildProcessWithoutNullStreams, words: Words): Running {
  const paused = Promise.withResolvers<void>();
  paused.promise.catch(() => undefined);
  const answer = new Promise<Answer>((resolve) => {
    const take = (said: Said | null): void => {
      if (said && "paused" in said) {
        paused.resolve();
        words(take);
        return;
      }
      paused.reject(new Error(`ended before it paused: ${JSON.stringify(said)?.slice(0, 2000)}`));
      resolve(said === null ? { steps: [], killed: true } : { ...said, killed: false });
    };
    words(take);
  });
  return { answer, paused: paused.promise, goOn: () => void child.stdin.write("go\n") };
}

/** Runs one order in a process of its own. */
export async function once(
  box: Sandbox,
  options: WorkerOptions,
  verb: string,
  input: Order["input"],
  how: Parameters<Worker["run"]>[2] = {},
): Promise<Answer> {
  const worker = startWorker(box, options);
  const answer = await worker.run(verb, input, how).answer;
  await worker.kill(true);
  await worker.settled();
  return answer;
}

/** The result of an order that must have succeeded. */
export function done(answer: Answer): Record<string, unknown> {
  if (answer.error)
    throw new Error(`${answer.error.code}: ${answer.error.message}\n${JSON.stringify(answer.error.facts)}`);
  if (answer.killed) throw new Error("the worker was killed");
  return answer.result as Record<string, unknown>;
}

/** The exit code the command line would give. */
export function exitOf(answer: Answer): number {
  return answer.error ? exitCodeOf(answer.error.code as ErrorCode) : 0;
}
