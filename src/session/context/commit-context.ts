import type { Oid } from "../../git/names.ts";
import { run } from "../../git/run.ts";
import { type Project, reach } from "../../project.ts";
import { readWorkspaceTip, type WorkspaceTip } from "../../workspace/find.ts";
import type { Holding } from "../holding.ts";
import { contextOf } from "./context-edit.ts";

/**
 * Commits the session's context, where it is changed and nothing is being merged: `context set` and hooks write it now
 * and then, and nobody should have to think of it. Other changes stay as they are. [CTX-14]
 * @param dryRun only leave it out of what is told to be changed
 * @returns the tip afterwards
 */
export async function commitContext(
  project: Project,
  holding: Holding,
  tip: WorkspaceTip,
  dryRun = false,
): Promise<WorkspaceTip> {
  const { workspace, id } = holding;
  const { changed, unmerged } = tip.status;
  if (changed.length === 0 || unmerged.length > 0 || workspace.dir === null) return tip;
  const { path, frozen } = await contextOf(project, tip.commit);
  if (frozen || !changed.includes(path) || !(await isPlainFile(project, tip.commit, path))) return tip;
  if (dryRun) return { ...tip, status: { ...tip.status, changed: changed.filter((one) => one !== path) } };
  const git = { ...project.git, dir: workspace.dir };
  const subject = `[${id}] docs: context`;
  await run(git, ["commit", "--quiet", "--no-verify", "--only", "-m", subject, "--", `:(top,literal)${path}`]);
  await reach(project, "commit.made", subject);
  return (await readWorkspaceTip(project, workspace)) ?? tip;
}

/** A context that was replaced by something else, or taken away, is no matter of ours. */
async function isPlainFile(project: Project, commit: Oid, path: string): Promise<boolean> {
  return (await project.objects.stat(`${commit}:${path}`))?.type === "blob";
}
