import { changedIn } from "../../git/diff.ts";
import { commitsBetween, trailer } from "../../git/history.ts";
import { branchRef, type Oid } from "../../git/names.ts";
import { listRefs, resolveCommit } from "../../git/refs.ts";
import type { Project } from "../../project.ts";
import { ticketFolder } from "./files.ts";
import { ownFolderProblems } from "./own-folder.ts";
import type { TicketProblem } from "./problem.ts";
import { ticketBranch } from "./publish-branch.ts";

/**
 * What the commits of a ticket's branch did to the folders of other tickets: hooks can be passed by. What was merged
 * from the base or from another ticket's branch is theirs, and so is what an earlier phase did before this ticket was
 * opened; what is as on the base again was taken back. [TKT-09]
 */
export async function foreignProblems(
  project: Project,
  name: string,
  base: Oid,
  head: Oid,
): Promise<readonly TicketProblem[]> {
  const { git, config, objects } = project;
  const { tickets } = config.context;
  const without = [base, ...(await othersOf(project, name, base, head))];
  const paths = await changedIn(git, without, head, [
    `:(literal)${tickets}`,
    `:(exclude,literal)${ticketFolder(project, name)}`,
  ]);
  const left: string[] = [];
  for (const path of paths) {
    const [here, there] = await Promise.all([head, base].map((commit) => objects.stat(`${commit}:${path}`)));
    if (here?.oid !== there?.oid) left.push(path);
  }
  return ownFolderProblems(name, left, tickets);
}

/** Where history is not this ticket's own: what it was opened on, the local base, the branches of other tickets. */
async function othersOf(project: Project, name: string, base: Oid, head: Oid): Promise<Oid[]> {
  const local = await resolveCommit(project.objects, branchRef(project.config.base));
  const others: Oid[] = local === null ? [] : [local];
  const own = new Set([branchRef(ticketBranch(name)), project.hub.seen(ticketBranch(name))]);
  for (const ref of own)
    for (const [other, tip] of await listRefs(project.git, ref.slice(0, -name.length)))
      if (!own.has(other)) others.push(tip);
  const commits = await commitsBetween(project.git, [base], head);
  const opened = commits.find(({ body }) => trailer(body, "Berth-Ticket").includes(name));
  return opened === undefined ? others : [...others, opened.oid];
}
