/**
 * One agent as a process of its own. Reads orders as JSON lines on standard input, runs each with a freshly opened
 * Berth, and answers with one JSON line; ends with its input. An order may tell it to stop at a step until it is told
 * to go on, to die there by SIGKILL, alone or with its whole process group, or to meet an error of the system there.
 */
import { flushCompileCache } from "node:module";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { isBerthError, messageOf } from "../../src/errors.ts";
import { openBerth } from "../../src/open.ts";
import { bindVerbs } from "../../src/verbs.ts";
import { type Arrive, type Errno, steppingStore, systemError, watchDisk } from "./faults.ts";

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
  /** What the verb is called with; a list for one that takes several. */
  readonly input: Readonly<Record<string, unknown>> | readonly unknown[];
  readonly kill?: (Place & { readonly group: boolean }) | undefined;
  readonly pauseAt?: Place | undefined;
  readonly failAt?: (Place & { readonly errno: Errno }) | undefined;
  readonly delayAt?: (Place & { readonly ms: number }) | undefined;
  /** What changes the disk and the store counts as steps too. */
  readonly fine?: boolean | undefined;
}

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
  // Heard by one order at a time.
  let arrive: Arrive = () => Promise.resolve();
  watchDisk((name) => arrive(name));
  for (;;) {
    const order = JSON.parse(await nextLine()) as Order;
    const steps: string[] = [];
    const reached: Arrive = (name) => {
      steps.push(name);
      const at = { step: name, occurrence: steps.filter((one) => one === name).length };
      return meet(order, at, nextLine);
    };
    arrive = order.fine === true ? reached : (): Promise<void> => Promise.resolve();
    const said = await obey(order, reached);
    arrive = () => Promise.resolve();
    // Who is killed cannot keep what it compiled for those who come after it.
    flushCompileCache();
    say({ steps, ...said });
  }
}

/** What waits at a place for who comes there. */
async function meet(order: Order, at: Place, nextLine: () => Promise<string>): Promise<void> {
  const { kill, failAt, pauseAt, delayAt } = order;
  if (kill && isAt(kill, at)) process.kill(kill.group ? -process.pid : process.pid, "SIGKILL");
  if (failAt && isAt(failAt, at)) throw systemError(failAt.errno, at.step);
  if (delayAt && isAt(delayAt, at)) await pause(delayAt.ms);
  if (pauseAt && isAt(pauseAt, at)) {
    say({ paused: at.step });
    await nextLine();
  }
}

function isAt(wanted: Place, at: Place): boolean {
  return wanted.step === at.step && wanted.occurrence === at.occurrence;
}

async function obey(order: Order, arrive: Arrive): Promise<{ result: unknown } | { error: Failure }> {
  try {
    const { dir, machineDir, program } = order;
    const progress = ({ name }: { readonly name: string }): Promise<void> => arrive(name);
    const options = { env: process.env, machineDir, program, progress };
    const berth = await openBerth(dir, order.agent === undefined ? options : { ...options, agent: order.agent });
    try {
      const { project } = berth;
      const seen = order.fine ? bindVerbs({ ...project, store: steppingStore(project.store, arrive) }) : berth;
      const verbs = seen as unknown as Record<string, (...input: unknown[]) => Promise<unknown>>;
      const given = Array.isArray(order.input) ? (order.input as readonly unknown[]) : [order.input];
      return { result: (await verbs[order.verb]?.(...given)) ?? null };
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
