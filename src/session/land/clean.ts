import { BerthError } from "../../errors.ts";
import { run, text as gitText } from "../../git/run.ts";
import { type Oid, oid } from "../../git/names.ts";
import { type Project, reach } from "../../project.ts";
import { readWorkspaceTip, type WorkspaceTip } from "../../workspace/find.ts";
import { safeguard } from "../checkpoint/safeguard.ts";
import { commitContext } from "../context/commit-context.ts";
import type { Holding } from "../holding.ts";

/**
 * The session's tip with nothing uncommitted beside it; with `commit`, what is there is committed first, by the
 * session's agent.
 * The context is committed in any case, by itself.
 * @param options.ignore what is not committed is passed over: a dry run of a commit
 * @returns null for a claim without a workspace
 * @throws BerthError DIRTY naming the files
 */
export async function cleanTip(
  project: Project,
  holding: Holding,
  options: { commit?: boolean; subject?: string; ignore?: boolean; dryRun?: boolean } = {},
): Promise<WorkspaceTip | null> {
  const found = await readWorkspaceTip(project, holding.workspace);
  if (!found) return null;
  const tip = await commitContext(project, holding, found, options.dryRun);
  const files = [...tip.status.changed, ...tip.status.untracked];
  if (files.length === 0) return tip;
  const dir = holding.workspace.dir ?? "";
  if (tip.status.unmerged.length > 0) {
    throw new BerthError(
      "MERGE_CONFLICT",
      `A merge is under way in ${dir}, with conflicts in ${tip.status.unmerged.join(", ")}.`,
      {
        hint: "Resolve the files there, then git add them and git commit.",
        facts: { session: holding.id, dir, files: tip.status.unmerged },
      },
    );
  }
  if (options.ignore) return tip;
  if (!options.commit) {
    throw new BerthError(
      "DIRTY",
      `${dir} has work that is not committed: ${files.slice(0, 5).join(", ")}${files.length > 5 ? ` and ${files.length - 5} more` : ""}.`,
      {
        hint: `Commit it there as "[${holding.id}] type: description", or let complete do it with --commit.`,
        facts: { session: holding.id, dir, files: files.slice(0, 50) },
      },
    );
  }
  const git = { ...project.git, dir };
  requireNoRepositories(holding.id, dir, tip.status.untracked);
  await safeguard(project, holding.workspace, "before all of it was committed");
  await run(git, ["add", "--all", "--", ":/"]);
  await run(git, [
    "commit",
    "--quiet",
    "--no-verify",
    "-m",
    options.subject ?? `[${holding.id}] chore: commit the rest`,
  ]);
  const commit: Oid = oid(await gitText(git, ["rev-parse", "HEAD"]));
  await reach(project, "commit.made", commit);
  return readWorkspaceTip(project, holding.workspace);
}

/** git would note no more of a repository inside this one than the name of its commit. */
function requireNoRepositories(id: string, dir: string, untracked: readonly string[]): void {
  const found = untracked.filter((path) => path.endsWith("/"));
  if (found.length === 0) return;
  throw new BerthError(
    "DIRTY",
    `${found.join(", ")} in ${dir} is a repository of its own, whose files git would not commit here.`,
    {
      hint: "Move it away, add it as a submodule, or take its .git folder out of it.",
      facts: { session: id, dir, files: found },
    },
  );
}
