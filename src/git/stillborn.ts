import { readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock } from "../clock.ts";

/** Longer than git needs from the first file of a work tree's record to a HEAD that names a commit. */
const SETTLE_MS = 3_000;

/**
 * A work tree whose addition was killed before it had a HEAD: git's record of it names no commit, and its folder holds
 * nothing but git's pointer, or is not there. As long as it stands, `git fetch` and `git gc` fail everywhere in the
 * repository with "bad object worktrees/NAME/HEAD".
 */
export interface Stillborn {
  /** Its folder. */
  readonly dir: string;
  readonly gitDir: string;
  /** Milliseconds since its record was begun. */
  readonly age: number;
}

/** @param now milliseconds since the epoch, as file times count them */
export async function findStillborn(commonDir: string, now: number): Promise<Stillborn[]> {
  const found: Stillborn[] = [];
  for (const name of await readdir(join(commonDir, "worktrees")).catch(() => [])) {
    const gitDir = join(commonDir, "worktrees", name);
    const [head, locked, pointer] = await Promise.all(["HEAD", "locked", "gitdir"].map((file) => read(gitDir, file)));
    if (locked !== "initializing" || !/^0*$/.test(head ?? "")) continue;
    const dir = pointer === undefined || pointer === "" ? gitDir : dirname(pointer);
    const files = dir === gitDir ? [] : await readdir(dir).catch(() => []);
    if (files.some((file) => file !== ".git")) continue;
    const begun = (await stat(join(gitDir, "locked")).catch(() => null))?.mtimeMs ?? now;
    found.push({ dir, gitDir, age: now - begun });
  }
  return found;
}

/** Removes what {@link findStillborn} found: a record that names no commit, and an empty folder. */
export async function dropStillborn(found: Stillborn): Promise<void> {
  if (found.dir !== found.gitDir) await rm(join(found.dir, ".git"), { force: true });
  await rm(found.gitDir, { recursive: true, force: true });
}

/**
 * Removes all of them, each after the time in which a living git would have gone on with it.
 * @returns how many there were, in the making or dead
 */
export async function endStillborn(commonDir: string, clock: Clock): Promise<number> {
  const found = await findStillborn(commonDir, clock.now());
  const young = Math.max(0, ...found.map(({ age }) => SETTLE_MS - age));
  // A timer may end a little early, and the times of files are finer than the clock's.
  if (young > 0) await clock.sleep(Math.min(young, SETTLE_MS) + 20);
  const known = new Set(found.map(({ gitDir }) => gitDir));
  for (const still of await findStillborn(commonDir, clock.now()))
    if (known.has(still.gitDir) && still.age >= SETTLE_MS) await dropStillborn(still);
  return found.length;
}

async function read(dir: string, file: string): Promise<string | undefined> {
  return (await readFile(join(dir, file), "utf8").catch(() => undefined))?.trim();
}
