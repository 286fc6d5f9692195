import type { Change } from "../git/diff.ts";
import { CONTEXT_FILE } from "./locate.ts";
import type { ContextText } from "./read.ts";
import type { Changes } from "./update.ts";

/** What git knows of a work, as a context tells it. */
export interface WorkFacts {
  readonly branch: string;
  /** The commit that the context is written on. */
  readonly commit: string | null;
  /** What differs from where the work started. */
  readonly changes: readonly Change[];
  readonly repository: string;
  readonly directory: string | null;
}

/**
 * What git says of the work, as keys of a context: nobody has to write it by hand. Files that the work made and took
 * away again are not listed. [CTX-06] [CTX-08]
 * @param own paths that belong to the context itself
 */
export function factsOf(read: Pick<ContextText, "data">, facts: WorkFacts, own: (path: string) => boolean): Changes {
  const files = facts.changes.filter(({ path, to }) => to !== null && !own(path));
  const created = files.filter(({ from }) => from === null).map(({ path }) => path);
  const modified = files.filter(({ from }) => from !== null).map(({ path }) => path);
  return {
    created_files: known(read.data["created_files"], created),
    modified_files: known(read.data["modified_files"], modified),
    repository: read.data["repository"] ?? facts.repository,
    current_branch: facts.branch,
    ...(facts.directory === null ? {} : { working_directory: facts.directory }),
    uncommitted_changes: false,
    ...(facts.commit === null ? {} : { last_commit: facts.commit }),
  };
}

/** Files in the order in which they came; what git does not name of those that were there was written by hand, and goes. */
function known(before: unknown, now: readonly string[]): readonly string[] {
  const there = new Set(now);
  const kept = Array.isArray(before) ? before.filter((path): path is string => there.has(path as string)) : [];
  const had = new Set(kept);
  return [...kept, ...now.filter((path) => !had.has(path))];
}

/** Whether a path is a context, or stands in the folder of one. */
export function isOfContext(path: string, ticket: string | null, tickets: string): boolean {
  return (
    path.startsWith(".session/") ||
    path.endsWith(`/${CONTEXT_FILE}`) ||
    (ticket !== null && path.startsWith(`${tickets}/${ticket}/`))
  );
}
