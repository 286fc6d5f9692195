import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "./sandbox.ts";

/** Everything that can be seen of a work tree: files and folders to the byte, index, what is under way, git's own words. */
export interface Photograph {
  readonly files: Readonly<Record<string, string>>;
  readonly index: string;
  readonly status: string;
  readonly under: Readonly<Record<string, string>>;
}

const STATE = ["MERGE_HEAD", "MERGE_MSG", "MERGE_MODE", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "AUTO_MERGE"];
const FOLDERS = ["rebase-merge", "rebase-apply", "sequencer"];

/** @param options.without paths that are left out of the picture, with what is below them */
export function photograph(box: Sandbox, dir: string, options: { without?: readonly string[] } = {}): Photograph {
  const files: Record<string, string> = {};
  walk(dir, "", files, new Set([".git", ...(options.without ?? [])]));
  const gitDir = box.git(dir, "rev-parse", "--absolute-git-dir");
  const under: Record<string, string> = {};
  for (const name of STATE) addFile(gitDir, name, under);
  for (const folder of FOLDERS) walk(join(gitDir, folder), "", under, new Set(), `${folder}/`);
  return {
    files,
    index: readFileSync(join(gitDir, "index")).toString("base64"),
    status: box.git(dir, "--no-optional-locks", "status", "--porcelain=v2", "-z", "--untracked-files=all"),
    under,
  };
}

function walk(dir: string, at: string, files: Record<string, string>, without: ReadonlySet<string>, label = ""): void {
  for (const name of names(join(dir, at))) {
    const path = at === "" ? name : `${at}/${name}`;
    if (without.has(path)) continue;
    const file = join(dir, path);
    const there = lstatSync(file);
    if (there.isSymbolicLink()) files[label + path] = `-> ${readlinkSync(file)}`;
    else if (there.isDirectory()) {
      if (readdirSync(file).length === 0) files[`${label}${path}/`] = "empty";
      walk(dir, path, files, without, label);
    } else files[label + path] = `${(there.mode & 0o777).toString(8)} ${readFileSync(file).toString("base64")}`;
  }
}

function names(dir: string): string[] {
  return statSync(dir, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(dir).sort() : [];
}

function addFile(dir: string, name: string, files: Record<string, string>): void {
  if (statSync(join(dir, name), { throwIfNoEntry: false })) files[name] = readFileSync(join(dir, name), "base64");
}
