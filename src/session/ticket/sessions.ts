import { isTicketName } from "../../context/ticket-name.ts";
import { commitsBetween } from "../../git/history.ts";
import { folder } from "../../ledger/layout.ts";
import { rowsOf, type SessionRow } from "../../ledger/rows.ts";
import { findFolder, type LedgerTip, tryReadTip } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";

/** The session that works a ticket, as lists show it. */
export interface TicketSession {
  readonly id: string;
  readonly state: SessionRow["state"];
  readonly agent: string | null;
}

/** In which states a session may still be worked; of two that work one ticket, the one that is further. */
const LIVING = ["drafting", "planned", "active"] as const;

/** The living sessions that work tickets, by the ticket's name. */
export async function sessionsOfTickets(project: Project, tip: LedgerTip): Promise<ReadonlyMap<string, SessionRow>> {
  const rows = (await Promise.all(LIVING.map((state) => rowsOf(project, tip, state)))).flat();
  return new Map(rows.flatMap((row) => (row.ticket !== null && isTicketName(row.ticket) ? [[row.ticket, row]] : [])));
}

/** As last fetched; none where the repository has no ledger. */
export async function knownSessions(project: Project): Promise<ReadonlyMap<string, SessionRow>> {
  const tip = await tryReadTip(project);
  return tip === null ? new Map() : sessionsOfTickets(project, tip);
}

export function shortRow(row: SessionRow | undefined): TicketSession | null {
  return row === undefined ? null : { id: row.id, state: row.state, agent: row.agent };
}

/** Whether everything that a session waits for is completed. */
export async function mayBegin(project: Project, { depends }: Pick<SessionRow, "depends">): Promise<boolean> {
  const tip = await tryReadTip(project);
  if (tip === null) return true;
  const found = await Promise.all(depends.map((id) => findFolder(project, tip, id)));
  return found.every((at) => at?.state === "completed");
}

/** Who made a session what it is, and when. */
export async function makerOf(
  project: Project,
  tip: LedgerTip,
  { id, state }: SessionRow,
): Promise<{ readonly agent: string; readonly at: string } | null> {
  const [last] = await commitsBetween(project.git, [], tip.commit, { paths: [folder(state, id)], limit: 1 });
  return last === undefined ? null : { agent: last.author.name, at: new Date(last.seconds * 1000).toISOString() };
}
