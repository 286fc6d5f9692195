import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Longer than any command of git keeps one. */
const STALE_MS = 60_000;

/** Lock files of git in a git directory that have outlived their process: on references, indexes and settings. */
export async function staleLocks(gitDir: string, now: number): Promise<string[]> {
  const names = [...(await filesIn(gitDir)), ...(await filesIn(join(gitDir, "refs"), true))];
  for (const worktree of await filesIn(join(gitDir, "worktrees"))) names.push(...(await filesIn(worktree)));
  const stale: string[] = [];
  for (const file of names.filter((name) => name.endsWith(".lock"))) {
    const made = (await stat(file).catch(() => null))?.mtimeMs ?? now;
    if (now - made > STALE_MS) stale.push(file);
  }
  return stale.toSorted((a, b) => (a < b ? -1 : 1));
}

async function filesIn(dir: string, recursive = false): Promise<string[]> {
  const names = await readdir(dir, { recursive }).catch(() => []);
  return names.map((name) => join(dir, name));
}
