import { mergeContexts } from "../../context/merge.ts";
import { mergeCommits, type MergeResult } from "../../git/merge.ts";
import type { Oid } from "../../git/names.ts";
import { mergeBase } from "../../git/refs.ts";
import { editTree, entryAt, type TreeEntry } from "../../git/tree.ts";
import { writeBlobs } from "../../git/write.ts";
import { readFileAt } from "../../ledger/tip.ts";
import { type Project, scratchDir } from "../../project.ts";
import { isContext } from "./context-path.ts";

export type WorkMerge = MergeResult & {
  /** Contexts that were merged by their values where git could not merge their lines. */
  readonly contexts: ReadonlyMap<string, TreeEntry>;
};

/**
 * Merges two commits in objects only, as `mergeCommits` does; contexts that git calls conflicting are merged by their
 * values, and stay conflicting only where both sides changed the same. [CTX-12] [TKT-12]
 */
export async function mergeWork(project: Project, ours: Oid, theirs: Oid): Promise<WorkMerge> {
  const result = await mergeCommits(project.git, scratchDir(project), ours, theirs);
  const contexts = new Map<string, TreeEntry>();
  if (result.clean) return { ...result, contexts };
  const base = await mergeBase(project.git, ours, theirs);
  for (const { path } of result.conflicts) {
    if (base === null || !isContext(project, path)) continue;
    const merged = await mergedContext(project, { base, ours, theirs }, path);
    if (merged) contexts.set(path, merged);
  }
  if (contexts.size === 0) return { ...result, contexts };
  const tree = await editTree(project.git, project.objects, result.tree, contexts);
  const conflicts = result.conflicts.filter(({ path }) => !contexts.has(path));
  return conflicts.length === 0 ? { clean: true, tree, contexts } : { clean: false, tree, conflicts, contexts };
}

/** @returns null where a side is missing or damaged, or where values conflict */
async function mergedContext(
  project: Project,
  commits: { readonly base: Oid; readonly ours: Oid; readonly theirs: Oid },
  path: string,
): Promise<TreeEntry | null> {
  const entry = await entryAt(project.objects, `${commits.ours}^{tree}`, path);
  const [base, ours, theirs] = await Promise.all(
    [commits.base, commits.ours, commits.theirs].map((commit) => readFileAt(project, commit, path)),
  );
  if (entry === null || typeof ours !== "string" || typeof theirs !== "string") return null;
  const merged = mergeContexts({ base: base ?? "", ours, theirs }, path);
  if (merged === null || merged.conflicts.length > 0) return null;
  const [oid] = await writeBlobs(project.git, scratchDir(project), [merged.text]);
  return oid ? { mode: entry.mode, oid } : null;
}
