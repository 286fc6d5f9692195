import { join } from "node:path";
import type { Project } from "../../project.ts";
import { vocabularyOf } from "../vocabulary.ts";
import { type ChecklistItem, checklistItems } from "./checklist.ts";
import { exitProblems } from "./exit-gate.ts";
import { CHECKLIST_FILE, TICKET_FILE } from "./files.ts";
import { textAt } from "./here.ts";
import { ticketHere } from "./place.ts";
import type { TicketProblem } from "./problem.ts";
import { readTicket, ticketOf } from "./read.ts";
import { noTicket, rowOf, type TicketRow } from "./row.ts";
import { ticketProblems } from "./ticket-problems.ts";
import { checkoutFiles } from "./working-tree.ts";

export interface ShownTicket {
  readonly ticket: TicketRow;
  readonly path: string;
  readonly items: readonly ChecklistItem[];
  readonly exitCriteria: readonly { readonly text: string; readonly confirmed: boolean }[];
  /** The keys of ticket.yml as they stand on disk. */
  readonly data: Readonly<Record<string, unknown>>;
  /** What is not as it must be. */
  readonly problems: readonly TicketProblem[];
  /** What stands between the ticket and its end. */
  readonly left: readonly TicketProblem[];
  readonly warnings: readonly string[];
}

/** A ticket of this checkout, as its files stand. @throws BerthError NOT_FOUND, INVALID where ticket.yml is damaged */
export async function ticketShow(
  project: Project,
  input: { readonly ticket?: string | undefined },
): Promise<ShownTicket> {
  const { name, top, folder } = await ticketHere(project, input.ticket);
  const text = (file: string): Promise<string | null> => textAt(join(top, folder, file));
  const [ticket, checklist] = [await text(TICKET_FILE), await text(CHECKLIST_FILE)];
  if (ticket === null) throw noTicket(name);
  const read = readTicket(ticket, `${folder}/${TICKET_FILE}`);
  const vocabulary = vocabularyOf(project.config);
  const { after } = await checkoutFiles(project, top, name);
  const known = ticketOf(read.data);
  return {
    ticket: rowOf(name, { ticket, checklist }, null),
    path: folder,
    items: checklistItems(checklist ?? ""),
    exitCriteria: known.exitCriteria.map((one) => ({ text: one.text, confirmed: known.confirmed.includes(one.text) })),
    data: read.data,
    problems: ticketProblems(null, after, vocabulary),
    left: known.status === "done" || after === null ? [] : exitProblems(after, read, vocabulary),
    warnings: modeWarnings(known.mode, known.phase, vocabulary.phases),
  };
}

/** A command in the place of a mode is borne, and told of. [TKT-03] */
function modeWarnings(
  mode: string | null,
  phase: string | null,
  phases: ReadonlyMap<string, { readonly mode: string }>,
): string[] {
  if (mode === null || !mode.startsWith("/")) return [];
  const known = phases.get(phase ?? "")?.mode;
  const said = known === undefined ? "" : `; the phase ${phase} is worked in the mode ${known}`;
  return [`mode is the command ${mode}, and no mode${said}.`];
}
