import { branchRef, type Oid } from "../../git/names.ts";
import { resolveCommit } from "../../git/refs.ts";
import { listWorktrees } from "../../git/worktree.ts";
import { type Project, reach } from "../../project.ts";
import { madeWorkspace } from "../../workspace/branch-workspace.ts";
import { reasonsToKeep, removeWorkspace } from "../../workspace/remove.ts";
import { isTicketName } from "../ticket-name.ts";
import { TICKET_FILE, ticketFilesAt } from "./files.ts";
import { readTicket, ticketOf } from "./read.ts";
import { ticketBranch } from "./publish-branch.ts";

/** What became of the workspace of a ticket that is done. */
export interface TicketWorkspaceEnd {
  readonly workspaceRemoved: boolean;
  /** Why it stays, and where. */
  readonly kept: readonly string[];
}

/**
 * Removes the workspace of a ticket, where nothing in it would be lost; its branch stays, here and on the hub. One that
 * somebody else made of the branch stays too. Running it again finishes what a killed run began. [TKT-02] [INV-3]
 */
export async function endTicketWorkspace(project: Project, name: string): Promise<TicketWorkspaceEnd> {
  const branch = ticketBranch(name);
  const workspace = await madeWorkspace(project, { name, branch });
  if (workspace === null) return { workspaceRemoved: false, kept: [] };
  if (workspace === "foreign")
    return { workspaceRemoved: false, kept: [`The checkout of ${branch} stays: Berth did not make it`] };
  const safe = await resolveCommit(project.objects, branchRef(branch));
  const stay = (reasons: readonly string[]): TicketWorkspaceEnd => ({
    workspaceRemoved: false,
    kept: reasons.map((reason) => `${workspace.dir} stays: ${reason}`),
  });
  const reasons = await reasonsToKeep(project, workspace, safe);
  await reach(project, "workspace.checked", workspace.dir ?? branch);
  if (reasons.length > 0) return stay(reasons);
  const { stays } = await removeWorkspace(project, workspace, safe);
  return stays.length > 0 ? stay(stays) : { workspaceRemoved: true, kept: [] };
}

/** The tickets whose branches have a work tree of Berth's here although they are done. */
export async function leftWorkspaces(project: Project): Promise<{ readonly all: number; readonly done: string[] }> {
  const prefix = branchRef(ticketBranch("x")).slice(0, -1);
  const names = (await listWorktrees(project.git)).flatMap(({ branch }) =>
    branch?.startsWith(prefix) === true ? [branch.slice(prefix.length)] : [],
  );
  let all = 0;
  const done: string[] = [];
  for (const name of names.filter(isTicketName)) {
    const branch = ticketBranch(name);
    const made = await madeWorkspace(project, { name, branch });
    if (made === null || made === "foreign") continue;
    all += 1;
    const tip = await resolveCommit(project.objects, branchRef(branch));
    if (tip !== null && (await isDone(project, tip, name))) done.push(name);
  }
  return { all, done };
}

/** Whether a ticket is done in a commit. @throws BerthError INVALID where its ticket.yml is damaged */
export async function isDone(project: Project, commit: Oid, name: string): Promise<boolean> {
  const text = (await ticketFilesAt(project, commit, name))?.files.get(TICKET_FILE)?.text ?? null;
  return text !== null && ticketOf(readTicket(text, TICKET_FILE).data).status === "done";
}
