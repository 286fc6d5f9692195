import { delimiter } from "node:path";
import type { Git } from "./run.ts";

/**
 * The same repository, whose runs write new objects into a folder beside it and read those of other folders as well:
 * what is only looked at fills nobody's repository, and may be thrown away.
 * @param others folders of objects, the repository's own among them
 */
export function objectsBeside(git: Git, own: string, others: readonly string[]): Git {
  const env = {
    ...git.env,
    GIT_OBJECT_DIRECTORY: own,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: others.map(quoted).join(delimiter),
  };
  return { ...git, env };
}

/** Settings for runs that write only what may be lost. */
export const UNSYNCED: readonly string[] = ["-c", "core.fsync=none", "-c", "core.looseCompression=1"];

/** git takes what begins with a quote as quoted, and splits all else at the delimiter. */
function quoted(path: string): string {
  if (!path.includes(delimiter) && !path.startsWith('"')) return path;
  return `"${path.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll("\n", String.raw`\n`)}"`;
}
