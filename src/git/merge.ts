import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Oid, oid } from "./names.ts";
import { type Git, run } from "./run.ts";

/** A path that could not be merged, with what git says of it. */
export interface MergeConflict {
  readonly path: string;
  readonly kind: string;
}

export type MergeResult =
  | { readonly clean: true; readonly tree: Oid }
  | { readonly clean: false; readonly tree: Oid; readonly conflicts: readonly MergeConflict[] };

/** Settings that would make the same merge come out differently on two machines. */
export const PINNED_MERGE: readonly string[] = [
  "merge.conflictStyle=diff3",
  "merge.renames=true",
  "merge.directoryRenames=false",
  "merge.renameLimit=20000",
  "merge.renormalize=false",
  "merge.default=text",
  "diff.algorithm=histogram",
  "core.attributesFile=",
].flatMap((setting) => ["-c", setting]);

/**
 * Merges two commits in objects only: no checkout, no index of the user's. Attributes are those of `ours`, read into
 * an index and a work tree of their own, so that the result does not depend on where the merge runs.
 * @param scratch a folder for the short life of the call
 * @throws GitError when the histories are unrelated
 */
export async function mergeCommits(git: Git, scratch: string, ours: Oid, theirs: Oid): Promise<MergeResult> {
  await mkdir(scratch, { recursive: true });
  const dir = await mkdtemp(join(scratch, "merge-"));
  try {
    const own = { GIT_INDEX_FILE: join(dir, "index"), GIT_WORK_TREE: join(dir, "tree"), GIT_ATTR_NOSYSTEM: "1" };
    const env = { ...own, ...(await gitDirOf(git)) };
    await mkdir(env.GIT_WORK_TREE);
    await run(git, ["read-tree", ours], { env, dir: env.GIT_WORK_TREE });
    await showAttributes(git, env);
    const { code, stdout } = await run(
      git,
      [...PINNED_MERGE, "merge-tree", "--write-tree", "-z", "--messages", ours, theirs],
      {
        env,
        dir: env.GIT_WORK_TREE,
        accept: [1],
      },
    );
    return parseMerge(stdout.toString("utf8"), code === 0);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Not every git reads attributes from the index while it merges; all of them read the files. */
export async function showAttributes(git: Git, env: { GIT_WORK_TREE: string; GIT_INDEX_FILE: string }): Promise<void> {
  const where = { env, dir: env.GIT_WORK_TREE };
  const { stdout } = await run(git, ["ls-files", "-z", "--", ":(top,glob)**/.gitattributes"], where);
  if (stdout.length > 0) await run(git, ["checkout-index", "-z", "--stdin"], { ...where, input: stdout });
}

async function gitDirOf(git: Git): Promise<{ GIT_DIR: string }> {
  const { stdout } = await run(git, ["rev-parse", "--path-format=absolute", "--git-dir"]);
  return { GIT_DIR: stdout.toString("utf8").replace(/\n$/, "") };
}

/** Parses `merge-tree -z --messages`: tree, conflicted file infos, an empty field, then messages. */
function parseMerge(said: string, clean: boolean): MergeResult {
  const parts = said.split("\0");
  const tree = oid(parts[0] ?? "");
  if (clean) return { clean, tree };
  const kinds = new Map<string, string>();
  let at = 1;
  for (; at < parts.length && parts[at] !== ""; at++) {
    const path = parts[at]?.slice((parts[at]?.indexOf("\t") ?? -1) + 1) ?? "";
    kinds.set(path, "conflict");
  }
  // Messages: <number of paths> NUL <path>… NUL <short kind> NUL <text> NUL
  for (at += 1; at < parts.length - 1;) {
    const count = Number(parts[at]);
    if (!Number.isInteger(count)) break;
    const paths = parts.slice(at + 1, at + 1 + count);
    const kind = parts[at + 1 + count] ?? "";
    if (kind.startsWith("CONFLICT")) for (const path of paths) kinds.set(path, kind.replace(/^CONFLICT ?\(|\)$/g, ""));
    at += count + 3;
  }
  return { clean: false, tree, conflicts: [...kinds].map(([path, kind]) => ({ path, kind })) };
}
