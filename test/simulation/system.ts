import { AsyncLocalStorage } from "node:async_hooks";
import childProcess from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import fsPromises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import os from "node:os";
import sqlite, { type DatabaseSync } from "node:sqlite";
import timers from "node:timers/promises";
import type { Child } from "./git/program.ts";
import type { Random } from "./random.ts";
import type { Runner } from "./schedule.ts";

/**
 * A simulated process, and the machine it runs on. The product's code runs as it is: what it asks of the operating
 * system is answered here, without other processes, threads or timers, so that what happens depends on the seed alone.
 */
export interface Process extends Runner {
  readonly pid: number;
  readonly host: string;
  readonly random: Random;
  readonly connections: Set<DatabaseSync>;
  now(): number;
  /** Waits for the process's next turn, or for that of a timer of its own. */
  turn(what: string, from?: number, timer?: Runner): Promise<void>;
  spawn(
    command: string,
    args: readonly string[],
    options: { cwd: string; env: Readonly<Record<string, string>> },
  ): Child;
  /** What /proc says; null for what is not there. */
  proc(path: string): string | null;
  /** The processes of the machine. */
  pids(): readonly number[];
}

const running = new AsyncLocalStorage<Process>();

/** Runs work as a process, with everything that follows from it. */
export function within<T>(process: Process, work: () => Promise<T>): Promise<T> {
  return running.run(process, work);
}

/** The kernel frees what a dead process held. */
export function kill(process: Process): void {
  process.dead = true;
  for (const connection of process.connections) connection.close();
}

/** What changes files is a step: there a process may be killed, and another one go first. */
const WRITES = new Set(["writeFile", "rename", "rm", "link"]);
const READS = ["readFile", "readdir", "stat", "lstat", "access", "readlink", "realpath"] as const;
const CHANGES = [
  ...WRITES,
  "mkdir",
  "chmod",
  "copyFile",
  "utimes",
  "rmdir",
  "symlink",
  "unlink",
  "appendFile",
] as const;

type Anything = (...args: unknown[]) => unknown;
type Table = Record<string, Anything>;

/** When every machine was started, before any seed begins. */
const STARTED = Date.UTC(2026, 10, 20);

let installed = false;

/** Puts the answers in place of those of the system, for simulated processes alone. For good: others notice nothing. */
export function installSystem(): void {
  if (installed) return;
  installed = true;
  const sync = fs as unknown as Table;
  const promises = fsPromises as unknown as Table;
  const replace = (table: Table, name: string, own: (process: Process, ...args: unknown[]) => unknown): void => {
    const before = table[name] as Anything;
    table[name] = (...args) => {
      const process = running.getStore();
      return process ? own(process, ...args) : before.apply(table, args);
    };
  };
  const plain = { ...sync };
  for (const name of [...READS, ...CHANGES])
    replace(promises, name, async (process, ...args) => {
      if (process.dead) return never();
      if (WRITES.has(name)) await process.turn(`${name} ${lastOf(args[name === "link" ? 1 : 0])}`);
      return atOnce(process, name, plain[`${name}Sync`] as Anything, args);
    });
  replace(promises, "mkdtemp", async (process, prefix) => {
    const dir = `${String(prefix)}${process.random.below(0xff_ffff).toString(36)}`;
    fs.mkdirSync(dir);
    return Promise.resolve(dir);
  });
  replace(promises, "open", async (process, ...args) => {
    if (process.dead) return never();
    return Promise.resolve(handleOf(process, plain["openSync"]?.(...args) as number, String(args[0])));
  });
  replace(sync, "readFileSync", (process, ...args) => virtual(process, args) ?? plain["readFileSync"]?.(...args));
  replace(sync, "writeFileSync", (process, ...args) =>
    atOnce(process, "writeFile", plain["writeFileSync"] as Anything, args),
  );
  replaceRest(replace);
  syncBuiltinESMExports();
}

type Replace = (table: Table, name: string, own: (process: Process, ...args: unknown[]) => unknown) => void;

function replaceRest(replace: Replace): void {
  replace(childProcess as unknown as Table, "spawn", (process, command, args, options) =>
    process.spawn(command as string, args as string[], options as { cwd: string; env: Record<string, string> }),
  );
  const bytes = (process: Process, count: number): Buffer =>
    Buffer.from(Array.from({ length: count }, () => process.random.below(256)));
  replace(crypto as unknown as Table, "randomBytes", (process, count) => bytes(process, count as number));
  replace(crypto as unknown as Table, "randomUUID", (process) => {
    const hex = bytes(process, 16).toString("hex");
    return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join(
      "-",
    );
  });
  replace(os as unknown as Table, "hostname", (process) => process.host);
  replace(os as unknown as Table, "uptime", (process) => (process.now() - STARTED) / 1000);
  replace(timers as unknown as Table, "setTimeout", (process, ms) => process.turn("wait", process.now() + Number(ms)));
  replace(timers as unknown as Table, "setImmediate", (process) => process.turn("wait"));
  replace(performance as unknown as Table, "now", (process) => process.now());
  replace(Date as unknown as Table, "now", (process) => process.now());
  replace(globalThis as unknown as Table, "setTimeout", (process, work, ms, ...args) =>
    virtualTimer(process, () => void (work as Anything)(...args), Number(ms ?? 0)),
  );
  const clear = globalThis.clearTimeout;
  globalThis.clearTimeout = (timer) => {
    if (timer instanceof VirtualTimer) timer.dead = true;
    else clear(timer);
  };
  const pid = process.pid;
  Object.defineProperty(process, "pid", { get: () => running.getStore()?.pid ?? pid });
  const Real = sqlite.DatabaseSync;
  sqlite.DatabaseSync = class extends Real {
    constructor(...args: ConstructorParameters<typeof Real>) {
      super(...args);
      running.getStore()?.connections.add(this);
    }
    override close(): void {
      // Of a process that has ended it is closed already.
      if (this.isOpen) super.close();
    }
  };
}

/** A timer that goes by the model's time. */
class VirtualTimer implements Runner {
  readonly name = "timer";
  readonly pausedUntil = 0;
  dead = false;
  unref(): this {
    return this;
  }
  ref(): this {
    return this;
  }
}

function virtualTimer(process: Process, work: () => void, ms: number): VirtualTimer {
  const timer = new VirtualTimer();
  void process.turn("timer", process.now() + ms, timer).then(work);
  return timer;
}

/** Enough of a path to know it by. */
function lastOf(path: unknown): string {
  return String(path).split("/").slice(-2).join("/");
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

function virtual(process: Process, [path, encoding]: readonly unknown[]): unknown {
  if (typeof path !== "string" || !path.startsWith("/proc/")) return undefined;
  const text = process.proc(path);
  if (text === null) throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
  return encoding === undefined ? Buffer.from(text) : text;
}

/** What the disk says, at once; what is written has the model's time. */
function atOnce(process: Process, name: string, real: Anything, args: unknown[]): unknown {
  const [path] = args;
  if (typeof path === "string" && path.startsWith("/proc")) {
    if (name === "readdir") return process.pids().map(String);
    return virtual(process, [path, "utf8"]);
  }
  const result = real(...args);
  if (name === "writeFile" || name === "appendFile") touch(process, path);
  return result;
}

function touch(process: Process, path: unknown): void {
  if (typeof path !== "string") return;
  fs.utimesSync(path, process.now() / 1000, process.now() / 1000);
}

/** The part of a FileHandle that is used. */
function handleOf(process: Process, fd: number, path: string): object {
  const file = fs as unknown as Table;
  const simply =
    (name: string) =>
    async (...args: unknown[]): Promise<unknown> =>
      Promise.resolve(file[name]?.(fd, ...args));
  return {
    fd,
    stat: simply("fstatSync"),
    sync: simply("fsyncSync"),
    datasync: simply("fdatasyncSync"),
    chmod: simply("fchmodSync"),
    readFile: simply("readFileSync"),
    read: async (buffer: Buffer, ...rest: [number, number, number]) =>
      Promise.resolve({ buffer, bytesRead: fs.readSync(fd, buffer, ...rest) }),
    writeFile: async (data: string | Buffer) => {
      await process.turn(`write ${lastOf(path)}`);
      fs.writeFileSync(fd, data);
      touch(process, path);
    },
    write: async (data: Buffer) => Promise.resolve({ bytesWritten: fs.writeSync(fd, data), buffer: data }),
    close: simply("closeSync"),
  };
}
