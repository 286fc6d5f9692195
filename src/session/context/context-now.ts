import { type Changes, updateContext } from "../../context/update.ts";
import { type Change, changesBetween, workChanges } from "../../git/diff.ts";
import type { Oid } from "../../git/names.ts";
import { checkoutCommit } from "../../git/refs.ts";
import type { Git } from "../../git/run.ts";
import { readStatus } from "../../git/status.ts";
import type { Project } from "../../project.ts";
import { workspaceHere } from "../../workspace/find.ts";
import { startOf } from "./context-at-commit.ts";
import { contextOf, readable, workFacts } from "./context-edit.ts";

/**
 * Brings the context of the workspace one stands in up to what is there now, edits that are not committed included. The
 * next verb commits it. [CTX-14]
 * @returns the keys that changed; none outside a workspace, and of a context that is frozen or damaged
 * @throws BerthError NOT_FOUND where there is no context
 */
export async function contextNow(project: Project): Promise<{ readonly changed: readonly string[] }> {
  const here = await workspaceHere(project);
  if (here === null || here.dir === null) return { changed: [] };
  const { marker, dir } = here;
  const git = { ...project.git, dir };
  const head = await checkoutCommit(git, "HEAD");
  if (head === null) return { changed: [] };
  const { path, ticket, frozen } = await contextOf(project, head);
  if (frozen) return { changed: [] };
  const { changes, uncommitted } = await changesNow(git, await startOf(project, git, head), head);
  const facts = (read: Parameters<typeof workFacts>[1]): Changes => ({
    ...workFacts(project, read, { branch: marker.branch, commit: head, changes, ticket }),
    uncommitted_changes: uncommitted.some((one) => one !== path),
  });
  const place = { layout: "sessions", top: dir, path, session: marker.session, ticket } as const;
  const { changed } = await updateContext(project, place, (read) =>
    readable(read.text, path) === null ? {} : facts(read),
  );
  return { changed };
}

/** What differs from where the work started, committed or not. */
async function changesNow(
  git: Git,
  start: Oid,
  head: Oid,
): Promise<{ readonly changes: readonly Change[]; readonly uncommitted: readonly string[] }> {
  const { changed, untracked } = await readStatus(git, git.dir);
  // The index may not know yet that a file is as it was: what git's status does not name has not changed.
  const real = new Set([...changed, ...(await changesBetween(git, start, head)).map(({ path }) => path)]);
  const tracked = (await workChanges(git, start)).filter(({ path }) => real.has(path));
  const made = untracked.map((path): Change => ({ path, from: null, to: { mode: "100644", oid: head } }));
  return { changes: [...tracked, ...made], uncommitted: [...changed, ...untracked] };
}
