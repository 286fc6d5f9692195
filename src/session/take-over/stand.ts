import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { isBerthError, messageOf } from "../../errors.ts";
import { branchRef, type Oid } from "../../git/names.ts";
import { isAncestor, resolveCommit } from "../../git/refs.ts";
import { readStatus } from "../../git/status.ts";
import type { Project } from "../../project.ts";
import { readWorkspaceTip } from "../../workspace/find.ts";
import type { Workspace } from "../../workspace/marker.ts";
import { safeguard, type Safeguard } from "../checkpoint/safeguard.ts";

/** The work of a claim that is replaced, as far as this machine can see it. */
export interface Stand {
  readonly tip: Oid | null;
  readonly snapshot: Safeguard | null;
  /** The old workspace's folder, where it is on this machine. */
  readonly dir: string | null;
  readonly warnings: readonly string[];
}

/**
 * The work of the old workspace, with a snapshot of what is not committed there; or the last tip that was pushed.
 * @param damage where the workspace's mark cannot be read: what it is of is a guess, and its commits stay where they are
 */
export async function standOf(
  project: Project,
  branch: string,
  workspace: Workspace | undefined,
  damage: string | null,
): Promise<Stand> {
  const pushed = await resolveCommit(project.objects, project.hub.seen(branch));
  const local = await resolveCommit(project.objects, branchRef(branch));
  const known = local && (!pushed || (await isAncestor(project.git, pushed, local))) ? local : pushed;
  const dir = workspace?.dir ?? null;
  const there = dir !== null && (await lstat(dir).catch(() => null)) !== null;
  const stays = there ? [`What the old holder left in ${dir} stays as it is, with what git ignores there.`] : [];
  const none = { tip: known, snapshot: null, dir, warnings: stays };
  // Without git's pointer it is none of ours any more, and git would answer for the repository around it.
  if (!workspace || dir === null || !(await lstat(join(dir, ".git")).catch(() => null))) return none;
  const unreadable = await readStatus(project.git, dir).then(() => null, messageOf);
  if (unreadable !== null) return { ...none, warnings: [...stays, `No snapshot could be taken of it: ${unreadable}`] };
  // Also where it is on no branch, as in the middle of a rebase: its files are kept all the same.
  const at = damage === null ? await readWorkspaceTip(project, workspace).catch(absent) : null;
  const snapshot = await safeguard(project, workspace, "before the take-over");
  const left = damage === null ? stays : [damage, ...stays];
  return { tip: at?.commit ?? known, snapshot, dir, warnings: left };
}

function absent(error: unknown): null {
  if (isBerthError(error)) return null;
  throw error;
}
