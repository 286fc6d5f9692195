import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { BerthError } from "../../errors.ts";
import { changesBetween } from "../../git/diff.ts";
import { readStatus } from "../../git/status.ts";
import { FILE } from "../../ledger/layout.ts";
import { findLinked, type LinkedWorktree, showLedger, withLinked } from "../../ledger/linked-worktree.ts";
import { message } from "../../ledger/message.ts";
import { parsePlan } from "../../ledger/plan.ts";
import { publish } from "../../ledger/publish.ts";
import { isSessionId } from "../../ledger/session-id.ts";
import type { Project } from "../../project.ts";
import { takeUpCommits } from "./hand-commits.ts";

/**
 * Takes up what people did by hand in the linked worktree: commits that are not in the ledger yet, and, for the named
 * session, edits of its files while it is drafted or planned. They are checked and published, or kept and reported.
 * @returns warnings
 */
export async function takeUpEdits(project: Project, id: string | null): Promise<string[]> {
  const linked = await findLinked(project);
  if (!linked) return [];
  const warnings = await takeUpCommits(project, linked);
  if (id === null) return warnings;
  if ((await editedPaths(project, linked, id)).length === 0) return warnings;
  // What looks like an edit may be another process that is just showing the ledger: in turn it is looked at again.
  const edits = await withLinked(project, (now) => readEdits(project, now, id));
  if (!edits || Object.keys(edits.files).length === 0) return warnings;
  await publishEdits(project, edits, id);
  return [...warnings, ...(await showLedger(project))];
}

/** Takes up the edits of every planned session, for a claim that may take any. One that cannot be used is told of. */
export async function takeUpPlanned(project: Project): Promise<string[]> {
  const linked = await findLinked(project);
  if (!linked) return [];
  const warnings = await takeUpCommits(project, linked);
  const { changed, untracked } = await readStatus(project.git, linked.dir, { paths: ["planned/"] });
  const ids = new Set([...changed, ...untracked].map((path) => path.split("/")[1] ?? ""));
  for (const id of [...ids].filter(isSessionId))
    warnings.push(...(await takeUpEdits(project, id).catch((error: unknown) => [asWarning(error)])));
  return warnings;
}

function asWarning(error: unknown): string {
  if (error instanceof BerthError) return error.message;
  throw error;
}

/** Files of a session that were edited by hand, and the version of the ledger that they were edited on. */
interface Edits {
  readonly linked: LinkedWorktree;
  readonly files: Readonly<Record<string, Buffer | null>>;
}

async function editedPaths(project: Project, linked: LinkedWorktree, id: string): Promise<string[]> {
  const folders = [`drafting/${id}/`, `planned/${id}/`];
  const status = await readStatus(project.git, linked.dir, { paths: folders });
  return [...status.changed, ...status.untracked].filter((path) => folders.some((f) => path.startsWith(f)));
}

/** @throws BerthError INVALID for an edited SESSION.md that cannot be used: nothing is published then */
async function readEdits(project: Project, linked: LinkedWorktree, id: string): Promise<Edits> {
  const files: Record<string, Buffer | null> = {};
  for (const path of await editedPaths(project, linked, id)) {
    const file = join(linked.dir, path);
    const there = await lstat(file).catch(() => null);
    if (there && !there.isFile())
      throw new BerthError("INVALID", `${path} is not a plain file.`, {
        hint: `Replace it with one, or remove it, in ${linked.dir}.`,
      });
    files[path] = there ? await readFile(file) : null;
    if (path.endsWith(`/${FILE.plan}`)) parsePlan(files[path]?.toString("utf8") ?? "", id, join(linked.dir, path));
  }
  return { linked, files };
}

async function publishEdits(project: Project, { linked, files }: Edits, id: string): Promise<void> {
  const about = message(`[${id}] Edit by hand`, { session: id, agent: project.caller.name });
  await publish(project, async (tip) => {
    // An edit is taken up on the version it was made on; a newer one in the ledger must be seen first.
    await requireUnchanged(project, linked, tip.commit, Object.keys(files));
    return { change: { message: about, moves: [], files, keeps: [] } };
  });
}

async function requireUnchanged(
  project: Project,
  linked: LinkedWorktree,
  tip: Parameters<typeof changesBetween>[2],
  paths: readonly string[],
): Promise<void> {
  const changed = await changesBetween(project.git, linked.head, tip);
  const both = changed.map((c) => c.path).filter((p) => paths.includes(p));
  if (both.length === 0) return;
  throw new BerthError(
    "MERGE_CONFLICT",
    `${both.join(", ")} was edited by hand in ${linked.dir} and by somebody else in the ledger.`,
    {
      hint: `Commit your edit there (git -C ${linked.dir} commit), and run the same command again: it is then merged.`,
      facts: { paths: both },
    },
  );
}
