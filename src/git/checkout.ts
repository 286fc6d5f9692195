import { lstat, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { BerthError } from "../errors.ts";
import { type Change, changesBetween } from "./diff.ts";
import type { Oid } from "./names.ts";
import { type Git, GitError, run, text } from "./run.ts";

/**
 * Whether the files of a checkout at `from` can be brought to `to` without touching a local edit. Changes nothing.
 * @returns the paths in the way; empty when it can be done
 */
export async function overlapsOf(git: Git, dir: string, from: Oid, to: Oid): Promise<string[]> {
  if (from === to) return [];
  await refreshIndex(git, dir);
  const tried = await run(git, ["read-tree", "-m", "-u", "-n", from, to], { dir, accept: [128, 1] });
  if (tried.code === 0) return [];
  const changes = await changesBetween(git, from, to);
  const held: string[] = [];
  for (const change of changes) {
    if (!(await holds(git, dir, change.path, change.from)) && !(await holds(git, dir, change.path, change.to))) {
      held.push(change.path);
    }
  }
  return held.length > 0 ? held : [changes[0]?.path ?? "?"];
}

/**
 * Brings the files and the index of a checkout from one commit to another: a two-tree merge that keeps unrelated edits
 * and refuses overlaps. HEAD is the caller's affair. Running it again after a kill finishes: files that already have
 * their new content are taken as brought.
 * @throws BerthError CHECKOUT_OVERLAP with nothing changed
 */
export async function bringFiles(git: Git, dir: string, from: Oid, to: Oid): Promise<void> {
  if (from === to) return;
  const args = ["read-tree", "-m", "-u", from, to];
  const first = await run(git, args, { dir, accept: [128, 1] });
  if (first.code === 0) return;
  // Files whose times changed and whose bytes did not look edited until the index is refreshed.
  await refreshIndex(git, dir);
  await adoptHalfDone(git, dir, await changesBetween(git, from, to));
  try {
    await run(git, args, { dir });
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const paths = await overlapsOf(git, dir, from, to);
    throw new BerthError("CHECKOUT_OVERLAP", `Local edits in ${dir} are in the way: ${paths.slice(0, 5).join(", ")}.`, {
      hint: "Commit those files, or move them away, and run the same command again.",
      facts: { checkout: dir, paths },
      cause: error,
    });
  }
}

async function refreshIndex(git: Git, dir: string): Promise<void> {
  await run(git, ["update-index", "-q", "--refresh"], { dir, accept: [1], env: { GIT_OPTIONAL_LOCKS: "1" } });
}

/**
 * A killed `read-tree -u` leaves files of the new commit beside an index of the old one. Where a file's bytes are
 * exactly the new ones, the index is told so; nothing else is touched.
 */
async function adoptHalfDone(git: Git, dir: string, changes: readonly Change[]): Promise<void> {
  const lines: string[] = [];
  for (const change of changes) {
    if (await holds(git, dir, change.path, change.from)) continue;
    if (!(await holds(git, dir, change.path, change.to))) continue;
    const none = `0 ${"0".repeat(change.from?.oid.length ?? change.to?.oid.length ?? 40)}`;
    lines.push(change.to ? `${change.to.mode} ${change.to.oid}\t${change.path}\0` : `${none}\t${change.path}\0`);
  }
  if (lines.length === 0) return;
  await run(git, ["update-index", "-z", "--index-info"], { dir, input: lines.join("") });
  await refreshIndex(git, dir);
}

/** Whether the file at `path` is exactly this entry (null: not there). */
async function holds(git: Git, dir: string, path: string, entry: Change["to"]): Promise<boolean> {
  const file = join(dir, path);
  const stat = await lstat(file).catch(() => null);
  if (!stat || !entry) return stat === null && entry === null;
  if (stat.isSymbolicLink()) {
    const link = await readlink(file);
    return (await text(git, ["hash-object", "--no-filters", "--stdin"], { dir, input: link })) === entry.oid;
  }
  if (!stat.isFile()) return entry.mode === "160000" && stat.isDirectory();
  const hashed = await run(git, ["hash-object", "--stdin", `--path=${path}`], { dir, input: await readFile(file) });
  return hashed.stdout.toString("utf8").trim() === entry.oid;
}

/** Points HEAD of a checkout at a commit, detached, from the value it had; files and index are not touched. */
export async function detachHead(git: Git, dir: string, to: Oid, from: Oid): Promise<void> {
  await run(git, ["update-ref", "--no-deref", "-m", "berth: bring forward", "HEAD", to, from], { dir });
}
