import { lstat, readdir } from "node:fs/promises";
import type { IndexContent } from "../git/index-file.ts";
import type { Oid } from "../git/names.ts";
import { type Git, run } from "../git/run.ts";
import type { Mode, TreeEntry } from "../git/tree.ts";
import { objectOf, type ObjectFormat } from "../git/write-objects.ts";
import type { Manifest } from "./manifest.ts";
import { above, bytesOf, pathIn, textOf } from "./path-text.ts";
import { readBytes } from "./store-files.ts";
import { byteFields } from "./untracked.ts";

/** One file that is to become another, to come, or to go. Paths by bytes. */
export interface FileChange {
  readonly path: string;
  readonly from: TreeEntry | null;
  readonly to: TreeEntry | null;
}

/** One side: a tree of files, with what of it is not on the disk. */
export interface Side {
  /** Null for nothing at all. */
  readonly tree: Oid | null;
  /** Paths that a sparse checkout leaves out. */
  readonly absent: ReadonlySet<string>;
}

/** The paths of an index that its sparse checkout leaves out, and that are not there all the same. */
export function absentPaths(entries: IndexContent, manifest: Manifest): Set<string> {
  const present = new Set(manifest.files.map(({ path }) => bytesOf(path)));
  return new Set(entries.notable.filter(({ skipped, path }) => skipped && !present.has(path)).map(({ path }) => path));
}

/** What must change on the disk to get from one side to the other. */
export async function changesOnDisk(git: Git, from: Side, to: Side): Promise<FileChange[]> {
  const before = from.tree === null ? null : from;
  if (before?.tree === to.tree && before?.absent.size === 0 && to.absent.size === 0) return [];
  const sparse = from.absent.size > 0 || to.absent.size > 0;
  if (before?.tree && to.tree && !sparse) return diffTrees(git, before.tree, to.tree);
  const [old, next] = [await listTree(git, from), await listTree(git, to)];
  const changes: FileChange[] = [];
  for (const [path, entry] of old) {
    const then = next.get(path) ?? null;
    if (then?.oid !== entry.oid || then.mode !== entry.mode) changes.push({ path, from: entry, to: then });
  }
  for (const [path, entry] of next) if (!old.has(path)) changes.push({ path, from: null, to: entry });
  return changes;
}

async function diffTrees(git: Git, from: Oid, to: Oid): Promise<FileChange[]> {
  const args = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-commit-id", "--full-index", from, to, "--"];
  const said = byteFields((await run(git, args)).stdout);
  const changes: FileChange[] = [];
  for (let at = 0; at + 1 < said.length; at += 2) {
    const [oldMode = "", newMode = "", oldOid = "", newOid = ""] = (said[at] ?? "").slice(1).split(" ");
    changes.push({ path: said[at + 1] ?? "", from: entryOf(oldMode, oldOid), to: entryOf(newMode, newOid) });
  }
  return changes;
}

function entryOf(mode: string, name: string): TreeEntry | null {
  return mode === "000000" ? null : { mode: mode as Mode, oid: name as Oid };
}

async function listTree(git: Git, { tree, absent }: Side): Promise<Map<string, TreeEntry>> {
  const files = new Map<string, TreeEntry>();
  if (tree === null) return files;
  for (const line of byteFields((await run(git, ["ls-tree", "-r", "-z", "--full-tree", tree])).stdout)) {
    const tab = line.indexOf("\t");
    const [mode = "", , name = ""] = line.slice(0, tab).split(" ");
    const path = line.slice(tab + 1);
    if (!absent.has(path)) files.set(path, { mode: mode as Mode, oid: name as Oid });
  }
  return files;
}

/**
 * What stands where something is to be written, or folders are needed, and is in no checkpoint: files that git ignores,
 * repositories, and what is neither file, link nor folder.
 * @returns their paths, as text
 */
export async function inTheWay(
  dir: string,
  format: ObjectFormat,
  changes: readonly FileChange[],
  folders: readonly string[],
): Promise<string[]> {
  const leaving = new Set(changes.filter(({ from }) => from !== null).map(({ path }) => path));
  const found = new Set<string>();
  const needed = new Set<string>();
  for (const { path, from, to } of changes) {
    if (to === null) continue;
    for (const folder of above(path)) needed.add(folder);
    if (from !== null && from.mode !== "160000") continue;
    const there = await lstat(pathIn(dir, path)).catch(() => null);
    if (!there) continue;
    if (there.isDirectory()) {
      if (to.mode !== "160000") await staying(dir, path, leaving, found);
    } else if (!(await isAlready(dir, format, path, to))) found.add(path);
  }
  for (const folder of folders) for (const each of [folder, ...above(folder)]) needed.add(each);
  for (const folder of needed) {
    const there = await lstat(pathIn(dir, folder)).catch(() => null);
    if (there && !there.isDirectory() && !leaving.has(folder)) found.add(folder);
  }
  return [...found].map(textOf).sort();
}

/** Files in a folder that would have to go, and that nothing else holds. */
async function staying(dir: string, folder: string, leaving: ReadonlySet<string>, found: Set<string>): Promise<void> {
  for (const entry of await readdir(pathIn(dir, folder), { withFileTypes: true, encoding: "buffer" })) {
    const path = `${folder}/${entry.name.toString("latin1")}`;
    if (entry.isDirectory()) await staying(dir, path, leaving, found);
    else if (!leaving.has(path)) found.add(path);
  }
}

/** Whether a file is, byte by byte, what an entry says. */
export async function isAlready(dir: string, format: ObjectFormat, path: string, entry: TreeEntry): Promise<boolean> {
  const there = await lstat(pathIn(dir, path)).catch(() => null);
  if (!there) return false;
  if (entry.mode === "160000") return there.isDirectory();
  const mode = there.isSymbolicLink() ? "120000" : !there.isFile() ? "" : there.mode & 0o100 ? "100755" : "100644";
  if (mode !== entry.mode) return false;
  const bytes = await readBytes(dir, path, mode);
  return bytes !== null && objectOf(format, "blob", bytes).oid === entry.oid;
}
