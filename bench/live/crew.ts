import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Order, Times } from "./live-worker.ts";

const entry = join(import.meta.dirname, "live-worker.ts");

/**
 * Starts a process for each order, lets all of them prepare themselves, sets them to work at once and gathers what each
 * measured. An operation that failed fails the whole.
 */
export async function crew(orders: readonly Order[]): Promise<readonly Times[]> {
  const workers = orders.map(start);
  try {
    await Promise.all(workers.map(({ ready }) => ready));
    return await Promise.all(workers.map(({ go }) => go()));
  } finally {
    for (const { kill } of workers) kill();
  }
}

interface Worker {
  readonly ready: Promise<void>;
  readonly go: () => Promise<Times>;
  readonly kill: () => void;
}

function start(order: Order): Worker {
  const child = spawn(process.execPath, [entry, JSON.stringify(order)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, "close");
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`A process of the bench ended before its time: ${order.job}`);
    return value;
  };
  return {
    ready: next().then(() => undefined),
    go: async () => {
      child.stdin.write("go\n");
      const times = JSON.parse(await next()) as Times;
      await ended;
      return times;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}
