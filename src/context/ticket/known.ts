import { listWorktrees } from "../../git/worktree.ts";
import { branchRef } from "../../git/names.ts";
import type { Project } from "../../project.ts";
import { listWorkspaces } from "../../workspace/marker.ts";
import { type Aggregate, aggregate } from "../aggregate/aggregate.ts";
import { parseRow } from "../aggregate/cache.ts";
import { kindOf, type Unit } from "../aggregate/units.ts";
import { ticketOfPlan } from "../locate.ts";
import { statusOf, WORK_STATUS } from "../status-word.ts";
import { CHECKLIST_FILE, TICKET_FILE } from "./files.ts";
import { ticketBranch } from "./publish-branch.ts";
import { rowOf, type TicketRow } from "./row.ts";

/**
 * The tickets of all branches, here and on the hub as last fetched, in the versions that `ticket list` shows. Where two
 * branches changed one apart, the version that has come further counts.
 * @param asked whose documents are read as a whole, beside those that are open; of others what lists show is known
 */
export async function knownTickets(project: Project, asked: ReadonlySet<string>): Promise<readonly TicketRow[]> {
  const all = await aggregate(project);
  const units = all.units.filter(({ name }) => kindOf(name) === "ticket");
  const rows = new Map<string, TicketRow>();
  for (const row of await Promise.all(units.map((unit) => rowIn(project, all, unit, asked)))) {
    const other = rows.get(row.name);
    if (other === undefined || rank(row) > rank(other)) rows.set(row.name, row);
  }
  return [...rows.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** How far a ticket has come: of two versions of it, the one that is further counts. */
function rank({ status }: TicketRow): number {
  return ["open", "active", "blocked", "abandoned", "done"].indexOf(status ?? "");
}

async function rowIn(project: Project, all: Aggregate, unit: Unit, asked: ReadonlySet<string>): Promise<TicketRow> {
  const { name, known } = unit;
  const branch = all.tip(unit)?.branch ?? null;
  const shown = parseRow(known.row);
  const status = statusOf(WORK_STATUS, shown.status);
  if (status === "open" || asked.has(name)) {
    const [ticket, checklist] = await Promise.all(
      [TICKET_FILE, CHECKLIST_FILE].map((file) => project.objects.read(`${known.object}:${file}`)),
    );
    const texts = {
      ticket: ticket?.data.toString("utf8") ?? null,
      checklist: checklist?.data.toString("utf8") ?? null,
    };
    return rowOf(name, texts, branch);
  }
  const bare = rowOf(name, { ticket: null, checklist: null }, branch);
  return { ...bare, issue: shown.issue || bare.issue, title: shown.title, status, problem: shown.problem };
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
