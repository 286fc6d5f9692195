import { BerthError, isBerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { partsOfTicket } from "../ticket-name.ts";
import { CHECKLIST_FILE, TICKET_FILE, type TicketFiles, ticketFilesAt } from "./files.ts";
import { checklistItems } from "./checklist.ts";
import { readTicket, type Ticket, ticketOf } from "./read.ts";

/** A ticket as lists show it. */
export interface TicketRow {
  readonly name: string;
  readonly issue: string;
  readonly phase: string;
  readonly title: string;
  /** open, active, blocked, done or abandoned; null for a word that is none of them, and for a damaged ticket.yml. */
  readonly status: string | null;
  readonly mode: string | null;
  readonly operator: string | null;
  readonly priority: string;
  readonly parents: readonly string[];
  readonly depends: readonly string[];
  readonly openedAt: string | null;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly nextPhase: string | null;
  /** Items of the checklist that are ticked, of all, and required ones that are not. */
  readonly checklist: { readonly done: number; readonly all: number; readonly left: number };
  /** The branch it was read from; null for the files of a checkout. */
  readonly branch: string | null;
  /** Why it cannot be read. */
  readonly problem: string | null;
}

/** The row of a ticket whose ticket.yml and checklist have these texts; damage is part of it. */
export function rowOf(
  name: string,
  texts: { readonly ticket: string | null; readonly checklist: string | null },
  branch: string | null,
): TicketRow {
  const [ticket, problem] = read(texts.ticket, name);
  const parts = partsOfTicket(name);
  const items = checklistItems(texts.checklist ?? "");
  return {
    name,
    issue: ticket?.issue ?? parts?.issue ?? "",
    phase: ticket?.phase ?? parts?.phase ?? "",
    title: ticket?.title ?? "",
    status: ticket?.status ?? null,
    mode: ticket?.mode ?? null,
    operator: ticket?.operator ?? null,
    priority: ticket?.priority ?? "next",
    parents: ticket?.parents ?? [],
    depends: ticket?.dependencies ?? [],
    openedAt: ticket?.openedAt ?? null,
    startedAt: ticket?.startedAt ?? null,
    completedAt: ticket?.completedAt ?? null,
    nextPhase: ticket?.nextPhase ?? null,
    checklist: {
      done: items.filter(({ done }) => done).length,
      all: items.length,
      left: items.filter(({ done, required }) => required && !done).length,
    },
    branch,
    problem,
  };
}

function read(text: string | null, name: string): [Ticket | null, string | null] {
  if (text === null) return [null, `${name} has no ${TICKET_FILE}`];
  try {
    return [ticketOf(readTicket(text, `${name}/${TICKET_FILE}`).data), null];
  } catch (error) {
    if (!isBerthError(error)) throw error;
    return [null, error.message];
  }
}

/** The row of a ticket as it stands in a commit. @throws BerthError NOT_FOUND */
export async function rowAt(project: Project, commit: string, name: string, branch: string): Promise<TicketRow> {
  const found = await ticketFilesAt(project, commit, name);
  if (found === null) throw noTicket(name);
  return rowOf(name, textsOf(found), branch);
}

function textsOf({ files }: TicketFiles): Parameters<typeof rowOf>[1] {
  return { ticket: files.get(TICKET_FILE)?.text ?? null, checklist: files.get(CHECKLIST_FILE)?.text ?? null };
}

export function noTicket(name: string): BerthError {
  return new BerthError("NOT_FOUND", `There is no ticket ${name} here.`, {
    hint: "See those that there are with: berth ticket list",
    facts: { ticket: name },
  });
}
