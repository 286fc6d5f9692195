import { lstat } from "node:fs/promises";
import { leaveSession } from "../../coordination/agent/session.ts";
import { messageOf } from "../../errors.ts";
import { branchRef, type Oid } from "../../git/names.ts";
import { isAncestor, resolveCommit, updateRefs } from "../../git/refs.ts";
import { type Project, reach } from "../../project.ts";
import { reasonsToKeep, removeWorkspace } from "../../workspace/remove.ts";
import type { Holding } from "../holding.ts";

export interface EndedWorkspace {
  readonly removed: boolean;
  readonly kept: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Tidies up after the end of a claim: the hub's session branch, the workspace, the local branch, each only when what it
 * holds is reachable from `safe`. Best effort: what fails is said and may be repeated.
 */
export async function endWorkspace(
  project: Project,
  holding: Holding,
  safe: Oid,
  options: { readonly keep: boolean; readonly deleteBranch: boolean },
): Promise<EndedWorkspace> {
  const { workspace } = holding;
  const there = workspace.dir !== null && (await lstat(workspace.dir).catch(() => null)) !== null;
  const warnings = options.deleteBranch ? await deleteHubBranch(project, workspace.marker.branch, safe) : [];
  warnings.push(...(await leaveSession(project, workspace.marker.agent, holding.id)));
  const reasons = options.keep ? ["it was asked for"] : await reasonsToKeep(project, workspace, safe);
  await reach(project, "workspace.checked", workspace.dir ?? "no workspace");
  if (reasons.length > 0) {
    const kept = reasons.map((reason) => `${workspace.dir ?? workspace.marker.branch} stays: ${reason}`);
    return { removed: false, kept, warnings };
  }
  const discarded: string[] = [];
  try {
    const { stays, discarded: ref } = await removeWorkspace(project, workspace, safe);
    if (stays.length > 0)
      return { removed: false, kept: stays.map((reason) => `${workspace.dir} stays: ${reason}`), warnings };
    if (ref !== null) discarded.push(`${ref} holds commits that were discarded in ${workspace.dir}`);
  } catch (error) {
    return { removed: false, kept: [`${workspace.dir} stays: ${messageOf(error)}`], warnings };
  }
  await deleteLocalBranch(project, workspace.marker.branch, safe);
  await reach(project, "branch.deleted", workspace.marker.branch);
  return { removed: there, kept: discarded, warnings };
}

async function deleteHubBranch(project: Project, branch: string, safe: Oid): Promise<string[]> {
  if (project.hub.kind === "local") return [];
  const old = await resolveCommit(project.objects, project.hub.seen(branch));
  if (!old) return [];
  if (!(await isAncestor(project.git, old, safe)))
    return [`The hub's branch ${branch} stays: it holds commits that are nowhere else.`];
  const answer = await project.hub.publish([{ ref: branchRef(branch), old, new: null }]);
  return answer.accepted ? [] : [`The hub's branch ${branch} stays: ${answer.said.split("\n")[0] ?? "it refused"}`];
}

async function deleteLocalBranch(project: Project, branch: string, safe: Oid): Promise<void> {
  const ref = branchRef(branch);
  const old = await resolveCommit(project.objects, ref);
  if (!old || !(await isAncestor(project.git, old, safe))) return;
  await updateRefs(project.git, [{ ref, old, new: null }], "berth: session ended");
}
