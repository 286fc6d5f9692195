import type { Oid } from "./names.ts";
import { type Git, fields, run } from "./run.ts";
import type { Mode } from "./tree.ts";

/** One path that differs between two trees. `from`/`to` are null where it does not exist. */
export interface Change {
  readonly path: string;
  readonly from: { readonly mode: Mode; readonly oid: Oid } | null;
  readonly to: { readonly mode: Mode; readonly oid: Oid } | null;
}

/** The paths that differ between two trees or commits, folders entered, renames as removal and addition. */
export async function changesBetween(git: Git, from: Oid, to: Oid, below?: string): Promise<Change[]> {
  if (from === to) return [];
  const args = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-commit-id", "--full-index", from, to, "--"];
  return rawChanges(await fields(git, below === undefined ? args : [...args, `:(literal)${below}`]));
}

/** The paths in which the index differs from a commit. */
export async function stagedChanges(
  git: Git,
  from: Oid,
  options: { readonly env?: Record<string, string> } = {},
): Promise<Change[]> {
  const args = ["diff-index", "--cached", "-z", "--raw", "--no-renames", "--full-index", from, "--"];
  return rawChanges(await fields(git, args, options));
}

/** The paths in which the files of a checkout differ from a commit, or may; what git does not follow is not among them. */
export async function workChanges(git: Git, from: Oid): Promise<Change[]> {
  return rawChanges(await fields(git, ["diff-index", "-z", "--raw", "--no-renames", "--full-index", from, "--"]));
}

/**
 * The paths that commits reachable from `to`, and from none of `without`, changed by themselves: of a merge what is as in
 * none of its parents. What was changed and taken back within them may be left out.
 * @param below pathspecs
 */
export async function changedIn(
  git: Git,
  without: readonly Oid[],
  to: Oid,
  below: readonly string[],
): Promise<readonly string[]> {
  const ends = [to, ...without.map((commit) => `^${commit}`)].join("\n");
  const commits = await run(git, ["rev-list", "--stdin", "--", ...below], { input: `${ends}\n` });
  const args = ["diff-tree", "--stdin", "-r", "-c", "--root", "-z", "--name-only", "--no-commit-id", "--no-renames"];
  return [...new Set(await fields(git, [...args, "--", ...below], { input: commits.stdout.toString("utf8") }))];
}

function rawChanges(said: readonly string[]): Change[] {
  const changes: Change[] = [];
  for (let at = 0; at + 1 < said.length; at += 2) {
    const [fromMode, toMode, fromOid, toOid] = (said[at] ?? "").slice(1).split(" ");
    changes.push({
      path: said[at + 1] ?? "",
      from: fromMode === "000000" ? null : { mode: fromMode as Mode, oid: fromOid as Oid },
      to: toMode === "000000" ? null : { mode: toMode as Mode, oid: toOid as Oid },
    });
  }
  return changes;
}

/** A patch that `git am` and `git apply` take, binary files included, of the given commits in that order. */
export async function patchOf(git: Git, commits: readonly Oid[]): Promise<Buffer> {
  const args = ["format-patch", "--stdout", "--binary", "--full-index", "--no-signature", "--no-renames", "-1"];
  // Settings of the user's would make a patch that no other machine can apply.
  args.push("--no-attach", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/");
  const parts: Buffer[] = [];
  for (const commit of commits) parts.push((await run(git, [...args, commit])).stdout);
  return Buffer.concat(parts);
}
