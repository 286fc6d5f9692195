import { listRefs, resolveCommit } from "../../git/refs.ts";
import { listWorktrees } from "../../git/worktree.ts";
import { branchRef } from "../../git/names.ts";
import type { Project } from "../../project.ts";
import { listWorkspaces } from "../../workspace/marker.ts";
import { ticketOfPlan } from "../locate.ts";
import { isTicketName } from "../ticket-name.ts";
import { CHECKLIST_FILE, TICKET_FILE, ticketFolder } from "./files.ts";
import { ticketsHere } from "./here.ts";
import { ticketBranch } from "./publish-branch.ts";
import { rowOf, type TicketRow } from "./row.ts";

/**
 * The tickets of this checkout, and those on branches of their own as last fetched. Of one that is in both, the branch
 * says how it stands, unless it is done here: then it has landed.
 */
export async function knownTickets(project: Project): Promise<readonly TicketRow[]> {
  const rows = new Map((await ticketsHere(project)).map((row) => [row.name, row]));
  for (const row of await ticketsOnBranches(project)) {
    const here = rows.get(row.name);
    if (here?.status !== "done") rows.set(row.name, row);
  }
  return [...rows.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Each ticket as it stands on its own branch: here where the hub's is not ahead. */
async function ticketsOnBranches(project: Project): Promise<TicketRow[]> {
  const prefix = ticketBranch("");
  const names = new Set<string>();
  for (const ref of [branchRef(`${prefix}x`), project.hub.seen(`${prefix}x`)]) {
    const all = ref.slice(0, -1);
    for (const found of (await listRefs(project.git, all)).keys()) names.add(found.slice(all.length));
  }
  const rows = await Promise.all([...names].filter(isTicketName).map((name) => rowOnBranch(project, name)));
  return rows.filter((row) => row !== null);
}

async function rowOnBranch(project: Project, name: string): Promise<TicketRow | null> {
  const branch = ticketBranch(name);
  const tips = await Promise.all(
    [branchRef(branch), project.hub.seen(branch)].map((ref) => resolveCommit(project.objects, ref)),
  );
  const newest = [...new Set(tips)].filter((tip) => tip !== null);
  const found = await Promise.all(newest.map((commit) => rowIn(project, commit, name, branch)));
  return found.filter((one) => one !== null).toSorted((a, b) => rank(b) - rank(a))[0] ?? null;
}

/** How far a ticket has come: of two versions of it, the one that is further counts. */
function rank({ status }: TicketRow): number {
  return ["open", "active", "blocked", "abandoned", "done"].indexOf(status ?? "");
}

async function rowIn(project: Project, commit: string, name: string, branch: string): Promise<TicketRow | null> {
  const folder = ticketFolder(project, name);
  const text = async (file: string): Promise<string | null> =>
    (await project.objects.read(`${commit}:${folder}/${file}`))?.data.toString("utf8") ?? null;
  const ticket = await text(TICKET_FILE);
  return ticket === null ? null : rowOf(name, { ticket, checklist: await text(CHECKLIST_FILE) }, branch);
}

/** The tickets that somebody works on in a checkout of this machine, whatever their documents say. */
export async function workedHere(project: Project): Promise<ReadonlySet<string>> {
  const prefix = branchRef(ticketBranch("x")).slice(0, -1);
  const names = new Set<string>();
  for (const { branch } of await listWorktrees(project.git))
    if (branch?.startsWith(prefix) === true) names.add(branch.slice(prefix.length));
  for (const { dir } of await listWorkspaces(project)) {
    const ticket = dir === null ? null : await ticketOfPlan(dir).catch(() => null);
    if (ticket !== null) names.add(ticket);
  }
  return names;
}
