import { BerthError } from "../../errors.ts";
import { branchRef, type Oid } from "../../git/names.ts";
import { isAncestor, resolveCommit } from "../../git/refs.ts";
import { fetchHub } from "../../ledger/publish.ts";
import { readTip } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { type Holding, requireHeld } from "../holding.ts";

/**
 * Pushes the session branch, so that another machine finds the work. It moves forward only; a newer claim has put the
 * branch on a commit of its own, so an older holder's push does not fit. What is in the workspace is safe already, so
 * a hub that cannot be reached now is worth a warning.
 * @returns why it was not pushed, or null
 * @throws BerthError STALE_EPOCH when the claim is another's by now
 */
export async function pushSession(project: Project, holding: Holding, tip: Oid): Promise<string | null> {
  if (project.hub.kind === "local" || !project.config.push.session) return null;
  const { branch } = holding.workspace.marker;
  try {
    await fetchHub(project, [branch]);
  } catch (error) {
    if (!(error instanceof BerthError) || !["HUB_UNREACHABLE", "HUB_REFUSED"].includes(error.code)) throw error;
    return `The session branch was not pushed: ${error.message}`;
  }
  await requireHeld(project, await readTip(project), holding);
  const old = await resolveCommit(project.objects, project.hub.seen(branch));
  if (old === tip) return null;
  if (old && !(await isAncestor(project.git, old, tip))) {
    return `The hub's ${branch} holds commits that are not in this workspace; bring them in with: git pull --no-rebase ${project.config.remote || "origin"} ${branch}`;
  }
  const answer = await project.hub.publish([{ ref: branchRef(branch), old, new: tip }]);
  return answer.accepted ? null : `The session branch was not pushed: ${answer.said.split("\n")[0] ?? "refused"}`;
}
