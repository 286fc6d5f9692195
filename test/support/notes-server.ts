import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import type { NotesMode } from "./notes-server-tools.ts";

const worker = join(import.meta.dirname, "notes-server-worker.ts");

/** The command of a server on pipes that keeps its notes in a folder. */
export function notesCommand(home: string): string[] {
  mkdirSync(home, { recursive: true });
  return [process.execPath, worker, home];
}

/** What the server at a folder does wrong from now on. */
export function setMode(home: string, mode: NotesMode): void {
  writeFileSync(join(home, "mode"), mode);
}

/** The server is to have lost all it knew. */
export function loseData(home: string): void {
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home);
}

/** A server by HTTP that is killed and started again at one address. */
export interface HttpNotes {
  readonly home: string;
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
}

export async function httpNotes(home: string, env: Readonly<Record<string, string>> = {}): Promise<HttpNotes> {
  let child: ReturnType<typeof spawn> | undefined;
  let port = "0";
  mkdirSync(home, { recursive: true });
  const start = async (): Promise<void> => {
    const started = spawn(process.execPath, [worker, home, port], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    child = started;
    const [line] = (await once(createInterface({ input: started.stdout }), "line")) as [string];
    port = line;
  };
  const kill = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  await start();
  onTestFinished(kill);
  return { home, url: `http://127.0.0.1:${port}/mcp`, start, kill };
}
