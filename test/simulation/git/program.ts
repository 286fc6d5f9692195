import { EventEmitter } from "node:events";
import { type Answer, type Call, type Command, fail } from "./call.ts";
import { changing } from "./changing.ts";
import { looking } from "./looking.ts";
import { fetch, listRemote, type Network, push } from "./network.ts";
import { putTree } from "./objects.ts";
import { batchAnswer, plumbing } from "./plumbing.ts";
import { findPlace, type Place, Refusal, type Repositories } from "./repository.ts";

/** What a simulated process starts git with. */
export interface Setting {
  readonly repositories: Repositories;
  readonly network: Network;
  readonly now: () => number;
  /** Waits until the simulation lets it go on. */
  turn(what: string): Promise<void>;
}

export interface Start {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A child process as far as it is looked at: streams that are only written and read, and its end. */
export type Child = EventEmitter & {
  readonly stdin: EventEmitter & {
    write(data: string | Buffer, encoding?: BufferEncoding): boolean;
    end(data?: string | Buffer): void;
  };
  readonly stdout: EventEmitter;
  readonly stderr: EventEmitter;
  unref(): void;
};

const COMMANDS: Readonly<Record<string, Command>> = { ...plumbing, ...looking, ...changing };
const REMOTE = { push, fetch, "ls-remote": listRemote };

/** Starts the model of git where the program would be started. */
export function startGit(start: Start, setting: Setting): Child {
  const args = withoutSettings(start.args);
  const gitDir = args[0] === "--git-dir" ? args[1] : start.env["GIT_DIR"];
  const [name = "", ...rest] = args[0] === "--git-dir" ? args.slice(2) : args;
  let known: Place | undefined;
  const place = (): Place => (known ??= findPlace(setting.repositories, start.cwd, gitDir, start.env["GIT_WORK_TREE"]));
  if (name === "cat-file" && rest.includes("--batch-command")) return batch(setting, "\n", readerOf(place));
  if (name === "mktree") return batch(setting, "\0", writerOf(place));
  return once(async (input) => {
    if (name !== "push" && name !== "fetch") await setting.turn(`git ${name}`);
    const call: Call = { ...setting, ...start, place: place(), args: rest, input };
    if (name in REMOTE) return REMOTE[name as keyof typeof REMOTE](call, setting.network);
    const command = COMMANDS[name];
    if (!command) throw new Error(`the model does not know git ${name} ${rest.join(" ")}`);
    return command(call);
  });
}

/** Runs a command of git that needs no network, at once: what somebody does by hand. @throws Refusal when it fails */
export function gitByHand(setting: Pick<Setting, "repositories" | "now">, cwd: string, ...args: string[]): string {
  const [name = "", ...rest] = args;
  const call: Call = {
    ...setting,
    place: findPlace(setting.repositories, cwd),
    args: rest,
    input: Buffer.alloc(0),
    env: {},
    cwd,
  };
  const answer = COMMANDS[name]?.(call) ?? fail(1, `the model does not know git ${name}`);
  if (answer.code !== 0) throw new Refusal(answer.err, answer.code);
  return answer.out.toString("utf8").trim();
}

function withoutSettings(args: readonly string[]): string[] {
  let at = 0;
  while (args[at] === "-c") at += 2;
  return args.slice(at);
}

function child(stdin: Pick<Child["stdin"], "write" | "end">): Child {
  const streams = {
    stdout: new EventEmitter(),
    stderr: new EventEmitter(),
    stdin: Object.assign(new EventEmitter(), stdin),
  };
  return Object.assign(new EventEmitter(), { ...streams, unref: () => undefined });
}

function once(work: (input: Buffer) => Promise<Answer>): Child {
  const parts: Buffer[] = [];
  const run = async (): Promise<void> => {
    const answer = await work(Buffer.concat(parts)).catch((error: unknown) => {
      if (error instanceof Refusal) return fail(error.code, error.message);
      throw error;
    });
    if (answer.out.length > 0) own.stdout.emit("data", Buffer.from(answer.out as string));
    if (answer.err.length > 0) own.stderr.emit("data", Buffer.from(answer.err));
    own.emit("close", answer.code, null);
  };
  const own: Child = child({
    write: (data, encoding) => parts.push(typeof data === "string" ? Buffer.from(data, encoding) : data) > 0,
    end: (data) => {
      if (data !== undefined) parts.push(Buffer.from(data as string));
      run().catch((error: unknown) => own.emit("error", error));
    },
  });
  return own;
}

type Line = (line: string) => { readonly answer: Buffer | null; readonly waits: boolean };

/** A program that answers line by line, in order. */
function batch(setting: Setting, end: string, answer: Line): Child {
  let rest = "";
  let turn: Promise<void> = Promise.resolve();
  const own: Child = child({
    write: (data, encoding) => {
      const lines = (rest + (typeof data === "string" ? data : data.toString(encoding))).split(end);
      rest = lines.pop() ?? "";
      for (const line of lines) turn = turn.then(() => one(line));
      return true;
    },
    end: () => void (turn = turn.then(() => void own.emit("close", 0, null))),
  });
  const one = async (line: string): Promise<void> => {
    const look = answer(line);
    if (look.waits) await setting.turn("git reads a reference");
    const { answer: said } = look.waits ? answer(line) : look;
    if (said) own.stdout.emit("data", said);
  };
  return own;
}

/** Objects never change, so that reading one by its name is no step; what a reference stands for does. */
function readerOf(place: () => Place): Line {
  return (line) => {
    const at = place();
    return {
      answer: batchAnswer(at.repository.objects, at, line),
      waits: /^(?:contents|info) (?![0-9a-f]{40})/.test(line),
    };
  };
}

function writerOf(place: () => Place): Line {
  let entries: [string, { mode: string; oid: string }][] = [];
  return (line) => {
    if (line !== "") {
      const [, mode = "", oid = "", name = ""] = /^(\d+) \w+ ([0-9a-f]+)\t([^]*)$/.exec(line) ?? [];
      entries.push([name, { mode, oid }]);
      return { answer: null, waits: false };
    }
    const made = putTree(place().repository.objects, entries);
    entries = [];
    return { answer: Buffer.from(`${made}\n`), waits: false };
  };
}
