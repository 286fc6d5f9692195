import { type ShownTicket, ticketShow } from "../../context/ticket/show.ts";
import type { Project } from "../../project.ts";
import { knownSessions, shortRow, type TicketSession } from "./sessions.ts";

/** A ticket of this checkout, as its files stand, and its living session. @throws BerthError as `ticketShow` */
export async function showTicket(
  project: Project,
  input: { readonly ticket?: string | undefined },
): Promise<ShownTicket & { readonly session: TicketSession | null }> {
  const shown = await ticketShow(project, input);
  return { ...shown, session: shortRow((await knownSessions(project)).get(shown.ticket.name)) };
}
