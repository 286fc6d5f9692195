import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A file of a work tree's git directory that says what is under way in it. */
export interface StateFile {
  /** Relative to the git directory. */
  readonly path: string;
  readonly data: Buffer;
}

/** Files and folders in which git keeps a merge, a rebase, a pick, a revert, a bisection, or the form of a checkout. */
export const OPERATION: readonly string[] = [
  "MERGE_HEAD",
  "MERGE_MSG",
  "MERGE_MODE",
  "MERGE_RR",
  "MERGE_AUTOSTASH",
  "AUTO_MERGE",
  "SQUASH_MSG",
  "CHERRY_PICK_HEAD",
  "REVERT_HEAD",
  "REBASE_HEAD",
  "ORIG_HEAD",
  "BISECT_ANCESTORS_OK",
  "BISECT_EXPECTED_REV",
  "BISECT_FIRST_PARENT",
  "BISECT_LOG",
  "BISECT_NAMES",
  "BISECT_RUN",
  "BISECT_START",
  "BISECT_TERMS",
  "sequencer",
  "rebase-merge",
  "rebase-apply",
  "info/sparse-checkout",
];

/** What is under way in the work tree of a git directory, in the order of its names. */
export async function readOperation(gitDir: string): Promise<StateFile[]> {
  const found: StateFile[] = [];
  for (const name of OPERATION) found.push(...(await filesAt(gitDir, name)));
  return found;
}

async function filesAt(gitDir: string, path: string): Promise<StateFile[]> {
  const file = join(gitDir, path);
  const there = await lstat(file).catch(() => null);
  if (there?.isFile()) return [{ path, data: await readFile(file) }];
  if (!there?.isDirectory()) return [];
  const found: StateFile[] = [];
  for (const name of (await readdir(file)).sort()) found.push(...(await filesAt(gitDir, `${path}/${name}`)));
  return found;
}

/** Full object names that the files mention: they must stay reachable, or the operation could not go on. */
export function namedObjects(files: readonly StateFile[]): string[] {
  const found = new Set<string>();
  for (const { path, data } of files) {
    if (path.endsWith("MSG") || path === "info/sparse-checkout") continue;
    for (const [name] of data.toString("latin1").matchAll(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g))
      if (!/^0+$/.test(name)) found.add(name);
  }
  return [...found];
}
