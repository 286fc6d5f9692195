import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { BerthError } from "../errors.ts";
import { type Oid, oid } from "./names.ts";
import { type Git, GitError, spawnGit } from "./run.ts";

export interface GitObject {
  readonly oid: Oid;
  readonly type: "blob" | "tree" | "commit" | "tag";
  readonly data: Buffer;
}

/**
 * Reads objects through one long-lived `git cat-file --batch-command`, started at the first question. Names are
 * resolved at each question, so a reference read here is never older than the question.
 */
export interface ObjectReader {
  /** The object that `name` (an object name, reference, or `<rev>:<path>`) stands for, or null. */
  read(name: string): Promise<GitObject | null>;
  /** Only the object's name and type: cheap for large ones. */
  stat(name: string): Promise<Pick<GitObject, "oid" | "type"> | null>;
  close(): void;
}

type Waiting = {
  readonly withData: boolean;
  resolve(value: GitObject | null): void;
  reject(error: Error): void;
};

export function openObjects(git: Git): ObjectReader {
  let child: ChildProcessWithoutNullStreams | undefined;
  const queue: Waiting[] = [];
  let chunks: Buffer[] = [];
  let held = 0;
  let needed = 1;
  let stderr = "";

  const fail = (error: Error): void => {
    child = undefined;
    [chunks, held, needed] = [[], 0, 1];
    for (const waiting of queue.splice(0)) waiting.reject(error);
  };
  const start = (): ChildProcessWithoutNullStreams => {
    const started = spawnGit(git, ["cat-file", "--batch-command", "--buffer"]);
    started.stdout.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      held += chunk.length;
      if (held < needed) return;
      const drained = drain(chunks.length === 1 ? chunk : Buffer.concat(chunks), queue);
      [chunks, held, needed] = [[drained.rest], drained.rest.length, drained.needed];
    });
    started.stderr.on("data", (chunk: Buffer) => (stderr = (stderr + chunk.toString("utf8")).slice(-2000)));
    started.stdin.on("error", () => undefined);
    started.on("error", (error) => fail(error));
    started.on("close", (code) => fail(new GitError(["cat-file"], code ?? -1, stderr)));
    // An idle reader must not keep the process alive; a question under way does, through the referenced child.
    started.unref();
    return started;
  };
  const ask = (verb: "contents" | "info", name: string): Promise<GitObject | null> => {
    if (/[\n\r\0]/.test(name)) return Promise.reject(new BerthError("INVALID", "A line break in an object's name."));
    return new Promise((resolve, reject) => {
      child ??= start();
      const current = child;
      hold(current, true);
      const settle = (): void => {
        if (queue.length === 0) hold(current, false);
      };
      queue.push({
        withData: verb === "contents",
        resolve: (value) => (settle(), resolve(value)),
        reject: (error) => (settle(), reject(error)),
      });
      current.stdin.write(`${verb} ${name}\nflush\n`);
    });
  };
  return {
    read: (name) => ask("contents", name),
    stat: (name) => ask("info", name),
    close: () => child?.stdin.end(),
  };
}

type Socketlike = { ref?(): void; unref?(): void };

function hold(child: ChildProcessWithoutNullStreams, held: boolean): void {
  const streams: Socketlike[] = [
    child,
    child.stdin as Socketlike,
    child.stdout as Socketlike,
    child.stderr as Socketlike,
  ];
  for (const stream of streams) {
    if (held) stream.ref?.();
    else stream.unref?.();
  }
}

/** Answers as many waiting questions as `bytes` hold; returns what is left and how much the next answer needs. */
function drain(bytes: Buffer, queue: Waiting[]): { rest: Buffer; needed: number } {
  let at = 0;
  let needed = 1;
  for (;;) {
    const waiting = queue[0];
    const end = bytes.indexOf(10, at);
    if (!waiting || end < 0) {
      needed = bytes.length - at + 1;
      break;
    }
    const match = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+)$/.exec(bytes.toString("utf8", at, end));
    if (!match) {
      at = end + 1;
      queue.shift();
      waiting.resolve(null);
      continue;
    }
    const next = waiting.withData ? end + 1 + Number(match[3]) + 1 : end + 1;
    if (bytes.length < next) {
      needed = next - at;
      break;
    }
    const data = waiting.withData ? Buffer.from(bytes.subarray(end + 1, next - 1)) : Buffer.alloc(0);
    at = next;
    queue.shift();
    waiting.resolve({ oid: oid(match[1] ?? ""), type: match[2] as GitObject["type"], data });
  }
  return { rest: bytes.subarray(at), needed };
}
