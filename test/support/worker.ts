/**
 * One agent as a process of its own. Reads orders as JSON lines on standard input, runs each with a freshly opened
 * Berth, and answers with one JSON line; ends with its input. An order may tell it to stop at a step until it is told
 * to go on, to die there by SIGKILL, alone or with its whole process group, or to meet an error of the system there.
 */
import { createInterface } from "node:readline";
import { isBerthError, messageOf } from "../../src/errors.ts";
import { openBerth } from "../../src/open.ts";
import type { Step } from "../../src/progress.ts";

/** Where in a run: the n-th time (from 1) a step of this name is reached. */
export interface Place {
  readonly step: string;
  readonly occurrence: number;
}

export interface Order {
  readonly dir: string;
  readonly agent?: string | undefined;
  readonly machineDir: string;
  readonly program: readonly string[];
  readonly verb: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly kill?: (Place & { readonly group: boolean }) | undefined;
  readonly pauseAt?: Place | undefined;
  readonly failAt?: (Place & { readonly errno: Errno }) | undefined;
}

/** What a disk, or a file's rights, may answer. */
export type Errno = "EIO" | "ENOSPC" | "EACCES";

/** What a worker says: that it stands at a step, or how an order ended. */
export type Said =
  | { readonly paused: string }
  | { readonly steps: readonly string[]; readonly result: unknown }
  | { readonly steps: readonly string[]; readonly error: Failure };

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const { done, value } = await lines.next();
    // The test that started this process is gone.
    return done === true ? process.exit(0) : value;
  };
  for (;;) {
    const order = JSON.parse(await nextLine()) as Order;
    const steps: string[] = [];
    const progress = async (step: Step): Promise<void> => {
      steps.push(step.name);
      const at = { step: step.name, occurrence: steps.filter((name) => name === step.name).length };
      if (order.kill && isAt(order.kill, at)) process.kill(order.kill.group ? -process.pid : process.pid, "SIGKILL");
      if (order.failAt && isAt(order.failAt, at)) throw systemError(order.failAt);
      if (order.pauseAt && isAt(order.pauseAt, at)) {
        say({ paused: step.name });
        await nextLine();
      }
    };
    say({ steps, ...(await obey(order, progress)) });
  }
}

function systemError({ errno, step }: Place & { readonly errno: Errno }): Error {
  return Object.assign(new Error(`${errno}: at ${step}`), { code: errno, syscall: "write", errno: -1 });
}

function isAt(wanted: Place, at: Place): boolean {
  return wanted.step === at.step && wanted.occurrence === at.occurrence;
}

async function obey(
  order: Order,
  progress: (step: Step) => Promise<void>,
): Promise<{ result: unknown } | { error: Failure }> {
  try {
    const { dir, machineDir, program } = order;
    const options = { env: process.env, machineDir, program, progress };
    const berth = await openBerth(dir, order.agent === undefined ? options : { ...options, agent: order.agent });
    try {
      const verbs = berth as unknown as Record<string, (input: unknown) => Promise<unknown>>;
      return { result: (await verbs[order.verb]?.(order.input)) ?? null };
    } finally {
      berth.close();
    }
  } catch (error) {
    if (isBerthError(error)) {
      return { error: { code: error.code, message: error.message, hint: error.hint ?? null, facts: error.facts } };
    }
    // The system's own complaint: the command line reports it as it is, with what helps.
    if (error instanceof Error && "syscall" in error) {
      const system = (error as NodeJS.ErrnoException).code;
      return { error: { code: "FAILED", message: error.message, hint: null, facts: { system } } };
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
    return { error: { code: "THROWN", message: text, hint: null, facts: {} } };
  }
}

function say(said: Said): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

await main();
