import { lstat, readdir } from "node:fs/promises";
import { type Git, run } from "../git/run.ts";
import { pathIn } from "./path-text.ts";

/** What stands in a work tree that the index does not have, apart from what is ignored. Paths by bytes. */
export interface Untracked {
  readonly files: readonly string[];
  /** Folders with nothing in them. */
  readonly empty: readonly string[];
  /** Folders that are repositories of their own. */
  readonly repositories: readonly string[];
}

/**
 * Lists with git, which enters no folder that it need not; folders that are new as a whole are looked through.
 * @param whole enter every folder: git is silent of one that stands where the index has a file
 */
export async function readUntracked(
  git: Git,
  dir: string,
  env: Readonly<Record<string, string>>,
  whole = false,
): Promise<Untracked> {
  const list = async (...flags: string[]): Promise<string[]> =>
    byteFields((await run(git, ["ls-files", "-z", "--others", "--exclude-standard", ...flags], { dir, env })).stdout);
  const found = await list("--directory");
  const folders = found.filter(isFolder);
  if (folders.length === 0 && !whole) return { files: found, empty: [], repositories: [] };
  // Names that are not UTF-8 cannot be given to git as arguments: both are asked about the whole.
  const [all, ignored] = await Promise.all([list(), list("--ignored", "--directory")]);
  const repositories = all.filter(isFolder).map(withoutSlash);
  const skipped = new Set([...repositories, ...ignored.map(withoutSlash)]);
  const empty: string[] = [];
  for (const folder of folders.map(withoutSlash)) await findEmpty(dir, folder, skipped, empty);
  return { files: all.filter((path) => !isFolder(path)), empty, repositories };
}

/** NUL-ended fields, one character a byte. */
export function byteFields(said: Buffer): string[] {
  const pieces = said.toString("latin1").split("\0");
  if (pieces.at(-1) === "") pieces.pop();
  return pieces;
}

/** Whether a folder is there, and no link to one, and nothing in it. */
export async function isEmptyFolder(dir: string, path: string): Promise<boolean> {
  if (!(await lstat(pathIn(dir, path)).catch(() => null))?.isDirectory()) return false;
  const names = await readdir(pathIn(dir, path)).catch(() => null);
  return names !== null && names.length === 0;
}

/** Adds every folder with nothing in it, at or below one that may be there. */
export async function findEmpty(
  dir: string,
  folder: string,
  skipped: ReadonlySet<string>,
  empty: string[],
): Promise<void> {
  if (skipped.has(folder)) return;
  const entries = await readdir(pathIn(dir, folder), { withFileTypes: true, encoding: "buffer" }).catch(() => null);
  if (entries?.length === 0) empty.push(folder);
  // A repository of its own: what is in it is its own affair.
  if (entries?.some(({ name }) => name.toString("latin1") === ".git")) return;
  for (const entry of entries ?? [])
    if (entry.isDirectory()) await findEmpty(dir, `${folder}/${entry.name.toString("latin1")}`, skipped, empty);
}

function isFolder(path: string): boolean {
  return path.endsWith("/");
}

function withoutSlash(path: string): string {
  return isFolder(path) ? path.slice(0, -1) : path;
}
