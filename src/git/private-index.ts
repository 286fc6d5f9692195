import { link, lstat, open, readFile, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { BerthError } from "../errors.ts";
import { copyIndex } from "./index-file.ts";

/** Variables for git commands that work on the private index. */
export interface IndexEnvironment {
  readonly [name: string]: string;
  readonly GIT_INDEX_FILE: string;
}

const WAIT_MS = 10_000;

/**
 * Works on a private copy of a checkout's index and puts it in place when `work` has succeeded, while git's own lock
 * (`index.lock`) keeps every other git command from writing the index. The lock is a hard link to a file of ours: one
 * that a killed run left is known by that, and taken over; anybody else's is waited for. The caller queues, so that
 * only one process of ours is here for a checkout.
 * @throws BerthError FAILED when another git command keeps the lock
 */
export async function withPrivateIndex<T>(dir: string, work: (env: IndexEnvironment) => Promise<T>): Promise<T> {
  const gitDir = await gitDirOf(dir);
  const [index, copy, hold] = [join(gitDir, "index"), join(gitDir, "berth-index"), join(gitDir, "berth-index.hold")];
  const lock = `${index}.lock`;
  await (await open(hold, "a")).close();
  await takeLock(lock, hold, dir);
  try {
    await gone(`${copy}.lock`);
    await rm(`${copy}.lock`, { force: true });
    await rm(copy, { force: true });
    await copyIndex(index, copy);
    const result = await work({ GIT_INDEX_FILE: copy, GIT_OPTIONAL_LOCKS: "1" });
    if (await lstat(copy).catch(() => null)) await rename(copy, index);
    return result;
  } finally {
    await rm(copy, { force: true });
    await rm(lock, { force: true });
    await rm(hold, { force: true });
  }
}

async function gitDirOf(dir: string): Promise<string> {
  const file = join(dir, ".git");
  if ((await lstat(file)).isDirectory()) return file;
  const pointer = /^gitdir: (.+)$/m.exec(await readFile(file, "utf8"))?.[1];
  if (pointer === undefined) throw new BerthError("UNREADABLE", `${file} does not name a git directory.`);
  return resolve(dir, pointer);
}

async function takeLock(lock: string, hold: string, dir: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    try {
      await link(hold, lock);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (await isOurs(lock, hold)) return;
    if (Date.now() > deadline) {
      await rm(hold, { force: true });
      throw new BerthError("FAILED", `A git command is at work in ${dir}: ${lock} exists.`, {
        hint: "Wait for it to end. If none runs there, remove that file by hand, and run the same command again.",
        facts: { checkout: dir, lock },
      });
    }
    await pause(50);
  }
}

async function isOurs(lock: string, hold: string): Promise<boolean> {
  const [there, own] = await Promise.all([stat(lock).catch(() => null), stat(hold)]);
  return there !== null && there.ino === own.ino && there.dev === own.dev;
}

/** A git command that outlived its killed caller may still be at work: it gets a moment to end. */
async function gone(file: string): Promise<void> {
  for (let waited = 0; waited < 2000; waited += 50) {
    if (!(await lstat(file).catch(() => null))) return;
    await pause(50);
  }
}
