import { loadSession } from "../../brain/state/session.ts";
import { shareCheckpoint } from "../../checkpoint/share.ts";
import { type Checkpoint, takeCheckpoint } from "../../checkpoint/take.ts";
import { messageOf } from "../../errors.ts";
import { oneLine } from "../../ledger/message.ts";
import { sessionId } from "../../ledger/session-id.ts";
import type { Project } from "../../project.ts";
import { readWorkspaceTip, sessionHere, workspaceFor } from "../../workspace/find.ts";
import type { Workspace } from "../../workspace/marker.ts";
import { pushSession } from "../land/push-session.ts";
import { pruneAfter } from "./prune.ts";
import { subjectOf } from "./subject.ts";

export interface CheckpointResult {
  readonly checkpoint: Checkpoint;
  readonly warnings: readonly string[];
}

/**
 * Keeps a workspace as it is now, whatever is in it, and pushes its commits. [XCS-19]
 * @throws BerthError NOT_HOLDER, WRONG_STATE without a workspace
 */
export async function checkpoint(
  project: Project,
  input: { readonly id?: string | undefined; readonly message?: string | undefined; readonly dryRun?: boolean } = {},
): Promise<CheckpointResult | { plan: Record<string, unknown> }> {
  const session = sessionId(await sessionHere(project, input.id));
  const workspace = await workspaceFor(project, session);
  const subject = await subjectOf(workspace);
  if (input.dryRun) return { plan: { session, workspace: subject.dir } };
  const { state, warnings } = await stateOf(project, workspace);
  const message = oneLine(input.message ?? "") || "by hand";
  const taken = await takeCheckpoint(project, subject, message, { always: true, state });
  if (!taken) throw new Error("a checkpoint was asked for in any case");
  await pruneAfter(project, session);
  const late = await pushWork(project, session, workspace);
  const shared = await shareCheckpoint(project, taken);
  return { checkpoint: taken, warnings: [...warnings, ...late, ...shared.warnings] };
}

/** The session state of the workspace one stands in; another one's is kept elsewhere. */
async function stateOf(project: Project, workspace: Workspace): Promise<{ state: unknown; warnings: string[] }> {
  if (project.here.gitDir !== workspace.gitDir) return { state: null, warnings: [] };
  try {
    return { state: await loadSession(project), warnings: [] };
  } catch (error) {
    return { state: null, warnings: [`The checkpoint is without the session state: ${messageOf(error)}`] };
  }
}

/** Best effort: the checkpoint is safe already. */
async function pushWork(project: Project, id: string, workspace: Workspace): Promise<string[]> {
  try {
    const at = await readWorkspaceTip(project, workspace);
    const late = at && (await pushSession(project, { id, workspace }, at.commit));
    return late ? [late] : [];
  } catch (error) {
    return [`The session branch was not pushed: ${messageOf(error)}`];
  }
}
