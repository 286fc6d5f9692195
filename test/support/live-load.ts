import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import type { LoadOptions, Measured } from "./load-worker.ts";
import { program, type Sandbox } from "./sandbox.ts";

const entry = join(import.meta.dirname, "load-worker.ts");

export interface LoadPlan {
  readonly box: Sandbox;
  /** A checkout for each process. */
  readonly dirs: readonly string[];
  readonly agentsEach: number;
  readonly together: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly seconds: number;
  /** The newest version, once all have been written. */
  readonly newest: () => Promise<number>;
}

/** Lets agents work side by side for some seconds. @returns what each of their processes measured */
export async function liveLoad(plan: LoadPlan): Promise<readonly Measured[]> {
  const { box, dirs, agentsEach, together, seconds } = plan;
  const env = { ...plan.env, NODE_COMPILE_CACHE: join(box.dir, "compiled") };
  const workers: Worker[] = [];
  for (const [i, dir] of dirs.entries()) {
    const agents = Array.from({ length: agentsEach }, (_, n) => `agent-${i}-${n}`);
    workers.push(start({ dir, machineDir: join(box.dir, "machine"), program, agents, together }, env));
  }
  const all = <T>(work: (worker: Worker) => Promise<T>): Promise<T[]> => Promise.all(workers.map(work));
  await all((worker) => worker.word("ready"));
  for (const worker of workers) worker.say(seconds);
  await all((worker) => worker.word("written"));
  const last = await plan.newest();
  for (const worker of workers) worker.say(last);
  return all(async (worker) => {
    const measured = JSON.parse(await worker.line()) as Measured;
    await worker.ended;
    return measured;
  });
}

interface Worker {
  say(number: number): void;
  line(): Promise<string>;
  word(expected: string): Promise<void>;
  readonly ended: Promise<unknown>;
}

function start(options: LoadOptions, env: LoadPlan["env"]): Worker {
  const child = spawn(process.execPath, [entry, JSON.stringify(options)], { env, stdio: ["pipe", "pipe", "pipe"] });
  onTestFinished(() => end(child));
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  child.stdin.on("error", () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value } = (await lines.next()) as { value: string | undefined };
    if (value === undefined) throw new Error(`ended early: ${said}`);
    return value;
  };
  return {
    ended: once(child, "close"),
    say: (number) => void child.stdin.write(`${number}\n`),
    line,
    word: async (expected) => {
      const word = await line();
      if (word !== expected) throw new Error(`said ${word} instead of ${expected}`);
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "close");
}
