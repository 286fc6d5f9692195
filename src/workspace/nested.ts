import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { type Git, fields } from "../git/run.ts";
import { readStatus, unseenFiles } from "../git/status.ts";

/**
 * What repositories inside a workspace hold that would go with it. One that has its objects in its own folder may be
 * the only copy of all of them; of a submodule, whose commits are looked at elsewhere, these are the files alone.
 * @returns a sentence each
 */
export async function nestedWork(git: Git, dir: string): Promise<string[]> {
  const reasons: string[] = [];
  for (const path of await linkedPaths(git, dir)) {
    const own = await lstat(join(dir, path, ".git")).catch(() => null);
    if (own === null) continue;
    if (own.isDirectory()) {
      reasons.push(`a repository of its own: ${path}`);
      continue;
    }
    const inside = join(dir, path);
    const { changed, untracked, ignored } = await readStatus(git, inside, { ignored: true });
    const files = [...changed, ...untracked, ...ignored, ...(await unseenFiles(git, inside))];
    if (files.length > 0) reasons.push(`files in the submodule ${path}: ${files.slice(0, 4).join(", ")}`);
    for (const deeper of await nestedWork(git, inside)) reasons.push(`in ${path}: ${deeper}`);
  }
  return reasons;
}

/** Paths that the index has as commits of other repositories. */
async function linkedPaths(git: Git, dir: string): Promise<string[]> {
  const found: string[] = [];
  for (const line of await fields(git, ["ls-files", "-z", "--stage"], { dir })) {
    const tab = line.indexOf("\t");
    if (line.startsWith("160000 ")) found.push(line.slice(tab + 1));
  }
  return found;
}
