import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

/** A process that changes a session state as fast as it can. */
export interface StateWorker {
  readonly ready: Promise<unknown>;
  /** Lets it begin. @returns the versions it was told that it had made, with the task that each was to have */
  go(): Promise<[version: number, task: string][]>;
  kill(): Promise<void>;
}

/** @see state-worker.ts */
export function startStateWorker(dir: string, name: string, seconds: number): StateWorker {
  const entry = join(import.meta.dirname, "state-worker.ts");
  const child = spawn(process.execPath, [entry, dir, name, String(seconds)], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "close");
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ready: lines.next(),
    go: async () => {
      child.stdin.write("go\n");
      const { value } = (await lines.next()) as { value?: string };
      if (value === undefined) throw new Error(`${name} ended without an answer`);
      return JSON.parse(value) as [number, string][];
    },
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
