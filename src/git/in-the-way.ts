import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Change } from "./diff.ts";
import { holds } from "./file-content.ts";
import type { Git } from "./run.ts";

/**
 * Files that stand where a checkout would put new ones. git refuses to overwrite an untracked file and silently
 * overwrites an ignored one, which may be somebody's only copy; here both are in the way, unless they hold the very
 * bytes that would be written.
 */
export async function filesInTheWay(git: Git, dir: string, changes: readonly Change[]): Promise<string[]> {
  const leaving = new Set(changes.filter((c) => c.from !== null).map((c) => c.path));
  const found = new Set<string>();
  for (const { path, from, to } of changes) {
    if (from !== null || to === null) continue;
    const there = await lstat(join(dir, path)).catch(() => null);
    if (there && !(await holds(git, dir, path, to))) found.add(path);
    for (let above = dirname(path); above !== "."; above = dirname(above)) {
      const folder = await lstat(join(dir, above)).catch(() => null);
      if (folder && !folder.isDirectory() && !leaving.has(above)) found.add(above);
    }
  }
  return [...found];
}
