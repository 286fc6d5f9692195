import { lstat, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BerthError } from "../errors.ts";
import { copyIndex, type IndexContent, readIndex, sharedIndexOf } from "../git/index-file.ts";
import type { Oid } from "../git/names.ts";
import type { ObjectReader } from "../git/objects.ts";
import { checkoutCommit } from "../git/refs.ts";
import { type Git, run } from "../git/run.ts";
import type { Mode } from "../git/tree.ts";
import { convertedFiles, readConversions } from "./converted.ts";
import { type Nested, readNested } from "./nested.ts";
import { readOperation, type StateFile } from "./operation.ts";
import { above, pathIn } from "./path-text.ts";
import { byteFields, findEmpty, isEmptyFolder, readUntracked } from "./untracked.ts";

/** A work tree and where its own git directory is. */
export interface WorkTree {
  readonly git: Git;
  readonly dir: string;
  readonly gitDir: string;
  readonly commonDir: string;
  /** Of the repository that the work tree belongs to. */
  readonly objects: ObjectReader;
  /** Bytes of an object's name. */
  readonly width: number;
}

/** A file as it was seen, by what tells whether it has changed since. */
export interface Seen {
  /** By bytes. */
  readonly path: string;
  readonly mode: Mode;
  readonly permissions: number;
  readonly size: number;
  readonly stamp: string;
}

/** Everything that a work tree holds, in so far as its index does not say it. Nothing was changed by looking. */
export interface Look {
  readonly head: Oid;
  /** Full name of the branch, null where HEAD is detached. */
  readonly branch: string | null;
  readonly entries: IndexContent;
  /** The index as it is on the disk, null where there is none, and when it was written. */
  readonly index: { readonly bytes: Buffer; readonly mtimeMs: number } | null;
  /** The second file of a split index. */
  readonly shared: StateFile | null;
  /** Paths in which the index differs from HEAD, by bytes. */
  readonly staged: readonly string[];
  /** Files whose bytes are not those that the index has, or may not be. */
  readonly files: readonly Seen[];
  /** Of tracked ones what the index has, as mode and name: git lists some whose times alone are others. */
  readonly indexed: ReadonlyMap<string, string>;
  /** Those of the files that are only converted on their way: git sees no change in them. */
  readonly converted: ReadonlySet<string>;
  /** Tracked paths that are not there, although they should be. */
  readonly gone: readonly string[];
  /** Empty folders, by bytes. */
  readonly folders: readonly string[];
  readonly nested: readonly Nested[];
  readonly operation: readonly StateFile[];
}

/**
 * Looks at a work tree through a copy of its index, so that not even git's cache of the files' times is touched.
 * @param scratch a folder for the short life of the call
 * @throws BerthError WRONG_STATE where there is no commit yet
 */
export async function lookAt(tree: WorkTree, scratch: string): Promise<Look> {
  const { git, dir, gitDir } = tree;
  const copy = join(scratch, "index");
  const env = { GIT_INDEX_FILE: copy, GIT_OPTIONAL_LOCKS: "0" };
  const there = await copyIndex(join(gitDir, "index"), copy);
  const bytes = there ? await readFile(copy) : null;
  const shared = bytes === null ? null : await sharedIndex(tree, bytes);
  // git looks for the other half beside the index that it is given.
  if (shared) await writeFile(join(scratch, shared.path), shared.data);
  const { head, branch } = await headOf(tree);
  const entries = bytes === null ? NONE : await plainEntries(tree, bytes, copy);
  const [differing, staged, listed, operation, conversions] = await Promise.all([
    run(git, ["diff-files", "-z", "--raw", "--no-renames", "--ignore-submodules=dirty"], { dir, env }),
    stagedPaths(tree, head, entries, env),
    readUntracked(git, dir, env),
    readOperation(gitDir),
    readConversions(tree),
  ]);
  const indexed = changedPaths(byteFields(differing.stdout));
  const tracked = new Set<string>(indexed.keys());
  const hidden = await anyFolder(dir, tracked);
  const untracked = hidden ? await readUntracked(git, dir, env, true) : listed;
  for (const { path, stage, unseen, mode } of entries.notable)
    if (mode !== "160000" && (stage > 0 || unseen)) tracked.add(path);
  const converted = new Set(await convertedFiles(tree, conversions, bytes, entries, untracked.files));
  for (const path of tracked) converted.delete(path);
  const nested = await readNested(git, dir, entries.notable, untracked.repositories);
  const skipped = new Set(entries.notable.filter((entry) => entry.skipped).map(({ path }) => path));
  const { files, gone } = await seeAll(dir, [...tracked, ...converted, ...untracked.files], entries.notable);
  return {
    head,
    branch,
    entries,
    index: bytes === null ? null : { bytes, mtimeMs: Math.floor((await stat(copy)).mtimeMs) },
    shared,
    staged,
    files,
    indexed,
    converted,
    gone: gone.filter((path) => !skipped.has(path)),
    folders: [...new Set([...untracked.empty, ...(await emptied(dir, gone))])],
    nested,
    operation,
  };
}

/** Paths in which the index differs from HEAD; git is asked where the index does not remember that it is the same. */
async function stagedPaths(
  { git, dir, objects }: WorkTree,
  head: Oid,
  entries: IndexContent,
  env: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  if (entries.tree !== null && (await objects.stat(`${head}^{tree}`))?.oid === entries.tree) return [];
  const args = ["diff-index", "--cached", "-z", "--name-only", "--no-renames", "--ignore-submodules=none", head];
  return byteFields((await run(git, args, { dir, env })).stdout);
}

/** The commit and the branch that HEAD is on, read without git where references are files. */
async function headOf({ git, dir, gitDir, objects }: WorkTree): Promise<{ head: Oid; branch: string | null }> {
  const said = await readFile(join(gitDir, "HEAD"), "utf8").catch(() => "");
  let branch = /^ref: (refs\/heads\/.+)$/m.exec(said)?.[1] ?? null;
  // Where references are kept in tables, the file names a branch that cannot be.
  if (branch === "refs/heads/.invalid") {
    const { code, stdout } = await run(git, ["symbolic-ref", "--quiet", "HEAD"], { dir, accept: [1] });
    branch = code === 0 ? stdout.toString("utf8").trim() : null;
  }
  const found = branch === null ? null : await objects.stat(`${branch}^{commit}`);
  const head = found?.oid ?? (await checkoutCommit({ ...git, dir }, "HEAD^{commit}"));
  if (head) return { head, branch };
  throw new BerthError("WRONG_STATE", `There is no commit in ${dir} yet: a checkpoint stands on one.`, {
    hint: "Make a first commit there.",
    facts: { dir },
  });
}

/**
 * The entries of an index; of a form that only git reads, through a copy that git makes plain.
 * @param copy a file of ours that holds these bytes
 */
export async function plainEntries(
  tree: Pick<WorkTree, "git" | "dir" | "width">,
  bytes: Buffer,
  copy: string,
): Promise<IndexContent> {
  const { width } = tree;
  const content = readIndex(bytes, width);
  if (typeof content === "object") return content;
  const plain = `${copy}.plain`;
  await copyIndex(copy, plain);
  const flags = ["-c", "index.sparse=false", "-c", "core.splitIndex=false"];
  const env = { GIT_INDEX_FILE: plain, GIT_OPTIONAL_LOCKS: "1" };
  await run(tree.git, [...flags, "update-index", "--no-split-index", "--force-write-index"], { dir: tree.dir, env });
  const again = readIndex(await readFile(plain), width);
  if (typeof again === "object") return again;
  throw new BerthError("UNREADABLE", `The index of ${tree.dir} is of a form that is not known (${again}).`, {
    hint: "Update Berth, or have git write it anew: git update-index --force-write-index",
  });
}

const NONE: IndexContent = { notable: [], tree: null, all: () => [] };

/** A split index names its other half, which lies beside it. */
async function sharedIndex({ gitDir, width }: WorkTree, bytes: Buffer): Promise<StateFile | null> {
  const name = sharedIndexOf(bytes, width);
  return name === null ? null : { path: name, data: await readFile(join(gitDir, name)) };
}

/** Paths of `diff-files --raw -z`, with what the index has there; submodules stay what the index says of them. */
function changedPaths(said: readonly string[]): Map<string, string> {
  const paths = new Map<string, string>();
  for (let at = 0; at + 1 < said.length; at += 2) {
    const [mode = "", , oid = ""] = (said[at] ?? "").slice(1).split(" ");
    if (!said[at]?.startsWith(":160000 160000 ")) paths.set(said[at + 1] ?? "", `${mode} ${oid}`);
  }
  return paths;
}

/** Looks at each path on the disk: what is there, and what is not. A folder in a file's place is not the file. */
async function seeAll(
  dir: string,
  paths: readonly string[],
  entries: IndexContent["notable"],
): Promise<{ files: Seen[]; gone: string[] }> {
  const links = new Set(entries.filter(({ mode }) => mode === "160000").map(({ path }) => path));
  const files: Seen[] = [];
  const gone: string[] = [];
  const through = new Map<string, boolean>();
  for (const path of paths) {
    const seen = (await leadsThroughLink(dir, path, through)) ? null : await see(dir, path);
    if (seen) files.push(seen);
    else if (!links.has(path) || !(await isFolder(dir, path))) gone.push(path);
  }
  return { files, gone };
}

/** A file below a link is not the one of that name: git does not look there either. */
async function leadsThroughLink(dir: string, path: string, known: Map<string, boolean>): Promise<boolean> {
  for (const folder of above(path)) {
    let is = known.get(folder);
    if (is === undefined) {
      is = (await lstat(pathIn(dir, folder)).catch(() => null))?.isSymbolicLink() ?? false;
      known.set(folder, is);
    }
    if (is) return true;
  }
  return false;
}

/** The file or link at a path, null where there is none. */
export async function see(dir: string, path: string): Promise<Seen | null> {
  const there = await lstat(pathIn(dir, path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
  if (!there || !(there.isFile() || there.isSymbolicLink())) return null;
  const mode = there.isSymbolicLink() ? "120000" : there.mode & 0o100 ? "100755" : "100644";
  const stamp = [there.ino, there.size, there.mtimeMs, there.ctimeMs, there.mode].join(" ");
  return { path, mode, permissions: there.mode & 0o777, size: there.size, stamp };
}

async function isFolder(dir: string, path: string): Promise<boolean> {
  return (await lstat(pathIn(dir, path)).catch(() => null))?.isDirectory() ?? false;
}

async function anyFolder(dir: string, paths: Iterable<string>): Promise<boolean> {
  for (const path of paths) if (await isFolder(dir, path)) return true;
  return false;
}

/** Folders with nothing in them where tracked files were, or in their place; never those that a link leads to. */
async function emptied(dir: string, gone: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const through = new Map<string, boolean>();
  for (const folder of new Set(gone.flatMap(above)))
    if (!(await leadsThroughLink(dir, folder, through)) && (await isEmptyFolder(dir, folder))) found.push(folder);
  for (const path of gone)
    if (!(await leadsThroughLink(dir, path, through))) await findEmpty(dir, path, new Set(), found);
  return found;
}
