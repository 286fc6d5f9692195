import type { ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { deserializeMessage, serializeMessage, type Transport } from "@modelcontextprotocol/client";

/** So long a server may take to end by itself, once nobody speaks to it any more; then it is told, then ended. */
const LEAVE_MS = 2000;
const TOLD_MS = 1000;
const WORDS = 2000;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** A server that was started here and speaks on its pipes. */
export interface ServerProcess extends Transport {
  /** The end of what it said on its standard error. */
  lastWords(): string;
  /** Ends it and what it started at once: one that hangs hears nothing. */
  kill(): void;
}

/**
 * Starts a program as a server: in a group of its own, so that what it starts ends with it, and with exactly this
 * environment.
 */
export function serverProcess(
  [program = "", ...args]: readonly string[],
  options: { readonly dir: string; readonly env: Readonly<Record<string, string>> },
): ServerProcess {
  let child: Child | undefined;
  let words = "";
  let ending: Promise<void> | undefined;
  const transport: ServerProcess = {
    start: () =>
      new Promise((resolve, reject) => {
        const { spawn } = process.getBuiltinModule("node:child_process");
        child = spawn(program, args, {
          cwd: options.dir,
          env: options.env,
          stdio: ["pipe", "pipe", "pipe"],
          detached: process.platform !== "win32",
          windowsHide: true,
        });
        child.on("error", reject).on("spawn", resolve);
        child.on("exit", () => transport.onclose?.());
        // Whoever ended is told of by its exit.
        child.stdin.on("error", () => undefined);
        child.stderr.on("data", (chunk: Buffer) => (words = `${words}${chunk.toString("utf8")}`.slice(-WORDS)));
        hear(child.stdout, transport);
      }),
    send: (message) =>
      new Promise((resolve, reject) => {
        if (!child || child.exitCode !== null || child.signalCode !== null) reject(new Error("It has ended."));
        else child.stdin.write(serializeMessage(message), (error) => (error ? reject(error) : resolve()));
      }),
    close: () => (ending ??= child ? end(child) : Promise.resolve()),
    kill: () => child && signal(child, "SIGKILL"),
    lastWords: () => words.trim(),
  };
  return transport;
}

/** Each line is a message; one that is none is an error, and the next one is read all the same. */
function hear(stdout: Readable, transport: Transport): void {
  let rest: Buffer = Buffer.alloc(0);
  stdout.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let at = rest.indexOf(10); at !== -1; at = rest.indexOf(10)) {
      const line = rest.toString("utf8", 0, at).trim();
      rest = rest.subarray(at + 1);
      if (line !== "") heard(line, transport);
    }
  });
}

function heard(line: string, transport: Transport): void {
  try {
    transport.onmessage?.(deserializeMessage(line));
  } catch {
    transport.onerror?.(new Error(`It said what is no message: ${line.slice(0, 200)}`));
  }
}

async function end(child: Child): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.stdin.end();
  const told = setTimeout(() => signal(child, "SIGTERM"), LEAVE_MS);
  const killed = setTimeout(() => signal(child, "SIGKILL"), LEAVE_MS + TOLD_MS);
  await ended;
  clearTimeout(told);
  clearTimeout(killed);
  // What it started, and left behind.
  signal(child, "SIGKILL");
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
}

function signal(child: Child, name: "SIGTERM" | "SIGKILL"): void {
  try {
    if (child.pid === undefined) return;
    if (process.platform === "win32") child.kill(name);
    else process.kill(-child.pid, name);
  } catch {
    // Nobody of the group is left.
  }
}
