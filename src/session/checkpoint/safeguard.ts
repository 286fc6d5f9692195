import { shareCheckpoint } from "../../checkpoint/share.ts";
import { type Checkpoint, takeCheckpoint } from "../../checkpoint/take.ts";
import type { Oid } from "../../git/names.ts";
import type { Project } from "../../project.ts";
import type { Workspace } from "../../workspace/marker.ts";
import { pruneAfter } from "./prune.ts";
import { subjectOf } from "./subject.ts";

/** A checkpoint that a verb took by itself. */
export interface Safeguard extends Checkpoint {
  /** What of it the ledger may lead others to; null where nothing is pushed. */
  readonly shared: Oid | null;
  readonly warnings: readonly string[];
}

/**
 * Keeps a workspace before a verb does something to it, where it holds anything beyond its last commit. [XCS-19] [INV-3]
 * @returns null where HEAD alone says all of it
 */
export async function safeguard(project: Project, workspace: Workspace, message: string): Promise<Safeguard | null> {
  const subject = await subjectOf(workspace);
  const taken = await takeCheckpoint(project, subject, message);
  if (!taken) return null;
  await pruneAfter(project, subject.session);
  const { commit, warnings } = await shareCheckpoint(project, taken);
  return { ...taken, shared: commit, warnings };
}
