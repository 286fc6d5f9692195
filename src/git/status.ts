import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Git, fields } from "./run.ts";

/** What a checkout holds beyond its HEAD. Paths are relative to its top. */
export interface Status {
  readonly head: string;
  /** The short name of the branch, or null when HEAD is detached. */
  readonly branch: string | null;
  /** Tracked files that differ from HEAD or the index, unmerged ones included. */
  readonly changed: readonly string[];
  /** Those of the changed files that a merge left in conflict. */
  readonly unmerged: readonly string[];
  readonly untracked: readonly string[];
  readonly ignored: readonly string[];
}

/**
 * Reads the status of the checkout at `dir`; single files, not folders, also for what is ignored. Where git's pointer is
 * gone from there it fails: git would go on to the repository around it, and answer for that.
 * @param options.paths only what lies at or below these, literally
 */
export async function readStatus(
  git: Git,
  dir: string,
  options: { ignored?: boolean; paths?: readonly string[] } = {},
): Promise<Status> {
  const args = ["status", "--porcelain=v2", "-z", "--branch", "--untracked-files=all", "--no-renames"];
  args.push(options.ignored ? "--ignored=traditional" : "--ignored=no", "--ignore-submodules=none");
  if (options.paths) args.push("--", ...options.paths.map((path) => `:(literal)${path}`));
  const status = { head: "", branch: null as string | null, changed: [] as string[], untracked: [] as string[] };
  const ignored: string[] = [];
  const unmerged: string[] = [];
  for (const field of await fields(git, args, { dir, env: { GIT_CEILING_DIRECTORIES: dirname(dir) } })) {
    if (field.startsWith("# branch.oid ")) status.head = field.slice(13);
    else if (field.startsWith("# branch.head "))
      status.branch = field.slice(14) === "(detached)" ? null : field.slice(14);
    else if (field.startsWith("? ")) status.untracked.push(field.slice(2));
    else if (field.startsWith("! ")) ignored.push(field.slice(2));
    else if (field.startsWith("1 ")) status.changed.push(field.split(" ").slice(8).join(" "));
    else if (field.startsWith("u ")) unmerged.push(field.split(" ").slice(10).join(" "));
  }
  return { ...status, changed: [...status.changed, ...unmerged], unmerged, ignored };
}

/** Tracked files at `dir` that git was told not to look at (`assume-unchanged`, `skip-worktree`) and that are there. */
export async function unseenFiles(git: Git, dir: string): Promise<string[]> {
  const found: string[] = [];
  for (const line of await fields(git, ["ls-files", "-z", "-v"], { dir })) {
    if (!/^(?:[a-z]|S) /.test(line)) continue;
    const path = line.slice(2);
    if (await lstat(join(dir, path)).catch(() => null)) found.push(path);
  }
  return found;
}
