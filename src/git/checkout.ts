import { BerthError } from "../errors.ts";
import { type Change, changesBetween } from "./diff.ts";
import { holds } from "./file-content.ts";
import { filesInTheWay } from "./in-the-way.ts";
import type { Oid } from "./names.ts";
import { type IndexEnvironment, withPrivateIndex } from "./private-index.ts";
import { type Git, GitError, run } from "./run.ts";

/**
 * Whether the files of a checkout at `from` can be brought to `to` without touching a local edit. Changes no file.
 * @returns the paths in the way; empty when it can be done
 */
export async function overlapsOf(git: Git, dir: string, from: Oid, to: Oid): Promise<string[]> {
  if (from === to) return [];
  const standing = await filesInTheWay(git, dir, await changesBetween(git, from, to));
  if (standing.length > 0) return standing;
  return withPrivateIndex(dir, async (env) => {
    await refreshIndex(git, dir, env);
    const tried = await run(git, ["read-tree", "-m", "-u", "-n", from, to], { dir, env, accept: [128, 1] });
    return tried.code === 0 ? [] : pathsInWay(git, dir, from, to);
  });
}

async function pathsInWay(git: Git, dir: string, from: Oid, to: Oid): Promise<string[]> {
  const changes = await changesBetween(git, from, to);
  const held: string[] = [];
  for (const { path, from: before, to: after } of changes) {
    if (!(await holds(git, dir, path, before)) && !(await holds(git, dir, path, after))) held.push(path);
  }
  return held.length > 0 ? held : [changes[0]?.path ?? "?"];
}

/**
 * Brings the files and the index of a checkout from one commit to another: a two-tree merge that keeps unrelated edits
 * and refuses overlaps. Files that already have their new content are taken as brought. HEAD is the caller's affair,
 * and so is a note of what was under way: what a kill leaves is put right by `settleFiles`.
 * @param known the changes between the two, where the caller has them already
 * @throws BerthError CHECKOUT_OVERLAP with nothing changed
 */
export async function bringFiles(git: Git, dir: string, from: Oid, to: Oid, known?: readonly Change[]): Promise<void> {
  if (from === to) return;
  const args = ["read-tree", "-m", "-u", from, to];
  const changes = known ?? (await changesBetween(git, from, to));
  const standing = await filesInTheWay(git, dir, changes);
  if (standing.length > 0) throw overlap(dir, standing);
  await withPrivateIndex(dir, async (env) => {
    const first = await run(git, args, { dir, env, accept: [128, 1] });
    if (first.code === 0) return;
    // Files whose times changed and whose bytes did not look edited until the index is refreshed.
    await refreshIndex(git, dir, env);
    await adoptBrought(git, dir, to, changes, env);
    try {
      await run(git, args, { dir, env });
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      throw overlap(dir, await pathsInWay(git, dir, from, to), error);
    }
  });
}

/** Checks all files of a commit out into a work tree that has none yet. */
export async function fillFiles(git: Git, dir: string, commit: Oid): Promise<void> {
  await withPrivateIndex(dir, (env) => run(git, ["read-tree", "-m", "-u", commit], { dir, env }));
}

function overlap(dir: string, paths: readonly string[], cause?: Error): BerthError {
  return new BerthError("CHECKOUT_OVERLAP", `Local edits in ${dir} are in the way: ${paths.slice(0, 5).join(", ")}.`, {
    hint: "Commit those files, or move them away, and run the same command again.",
    facts: { checkout: dir, paths },
    cause,
  });
}

async function refreshIndex(git: Git, dir: string, env: IndexEnvironment): Promise<void> {
  await run(git, ["update-index", "-q", "--refresh"], { dir, env, accept: [1] });
}

/** Where a file's bytes are exactly the new ones, the index is told so; nothing else is touched. */
async function adoptBrought(
  git: Git,
  dir: string,
  to: Oid,
  changes: readonly Change[],
  env: IndexEnvironment,
): Promise<void> {
  const brought: Change[] = [];
  for (const change of changes) {
    if (await holds(git, dir, change.path, change.from)) continue;
    if (await holds(git, dir, change.path, change.to)) brought.push(change);
  }
  if (brought.length === 0) return;
  const none = `0 ${"0".repeat(to.length)}`;
  const lines = brought.map((c) => `${c.to ? `${c.to.mode} ${c.to.oid}` : none}\t${c.path}\0`);
  await run(git, ["update-index", "-z", "--index-info"], { dir, env, input: lines.join("") });
  await refreshIndex(git, dir, env);
}

/** Points HEAD of a checkout at a commit, detached, from the value it had; files and index are not touched. */
export async function detachHead(git: Git, dir: string, to: Oid, from: Oid): Promise<void> {
  await run(git, ["update-ref", "--no-deref", "-m", "berth: bring forward", "HEAD", to, from], { dir });
}
