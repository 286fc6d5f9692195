import { ticketList, type TicketQuery, type TicketRow } from "../../context/aggregate/ticket-list.ts";
import { fetchHub, withTurn } from "../../ledger/publish.ts";
import { tryReadTip } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { knownSessions, shortRow, type TicketSession } from "./sessions.ts";

/** Tickets of all branches, by name, with the living sessions that work them. [TKT-08] @throws BerthError as `ticketList` */
export async function listTickets(
  project: Project,
  input: TicketQuery & { readonly fetch?: boolean } = {},
): Promise<{
  readonly tickets: readonly (TicketRow & { readonly session: TicketSession | null })[];
  readonly warnings: readonly string[];
}> {
  if (input.fetch === true && (await tryReadTip(project)) !== null) await withTurn(project, () => fetchHub(project));
  const [{ tickets, warnings }, sessions] = await Promise.all([ticketList(project, input), knownSessions(project)]);
  return { tickets: tickets.map((row) => ({ ...row, session: shortRow(sessions.get(row.ticket)) })), warnings };
}
