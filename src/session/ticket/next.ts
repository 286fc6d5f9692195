import { fetchWork } from "../../context/aggregate/fetch-work.ts";
import { knownTickets, workedHere } from "../../context/ticket/known.ts";
import { nextTicket, type Wanted } from "../../context/ticket/next.ts";
import type { TicketRow } from "../../context/ticket/row.ts";
import { vocabularyOf } from "../../context/vocabulary.ts";
import { BerthError } from "../../errors.ts";
import { fetchHub, withTurn } from "../../ledger/publish.ts";
import type { SessionRow } from "../../ledger/rows.ts";
import { tryReadTip } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { knownSessions, mayBegin, shortRow, type TicketSession } from "./sessions.ts";
import { takeTicket } from "./take.ts";

type Next = TicketRow & { readonly session: TicketSession | null };
type Taken = Exclude<Awaited<ReturnType<typeof takeTicket>>, { plan: unknown }>;

/**
 * The ticket to begin with next: open, with everything it depends on done, in nobody's hands. [TKT-11]
 * @param input.take take it too; of two who do so at once, the second takes the next one
 * @throws BerthError NOTHING_FITS; with `take` what taking throws
 */
export async function ticketNext(
  project: Project,
  input: Wanted & { readonly take?: boolean },
): Promise<{ readonly ticket: Next } | Taken> {
  if (input.take !== true) return { ticket: await choose(project, input, new Set()) };
  const tried = new Set<string>();
  for (;;) {
    await fetchWork(project);
    if ((await tryReadTip(project)) !== null) await withTurn(project, () => fetchHub(project));
    const { name } = await choose(project, input, tried);
    const taken = await takeTicket(project, { ticket: name }).catch((error: unknown) => {
      if (!(error instanceof BerthError) || !["CLAIM_LOST", "WRONG_STATE"].includes(error.code)) throw error;
      return null;
    });
    if (taken !== null && !("plan" in taken)) return taken;
    tried.add(name);
  }
}

/** @param without tickets that were tried already */
async function choose(project: Project, wanted: Wanted, without: ReadonlySet<string>): Promise<Next> {
  const sessions = await knownSessions(project);
  const rows = (await knownTickets(project, new Set(sessions.keys()))).map((row) => asPlanned(row, sessions));
  const worked = await inHands(project, sessions);
  const found = nextTicket(rows, new Set([...worked, ...without]), wanted, vocabularyOf(project.config));
  if (found !== null) return { ...found, session: shortRow(sessions.get(found.name)) };
  const open = rows.filter(({ status }) => status === "open").map(({ name }) => name);
  throw new BerthError("NOTHING_FITS", "No ticket fits.", {
    hint:
      open.length === 0
        ? "No ticket is open. Open one with: berth ticket open --phase PHASE --issue N --title T"
        : `Open, but waiting for others, in somebody's hands, or not what was asked for: ${open.slice(0, 10).join(", ")}.`,
    facts: { open },
  });
}

/** A session that was given back has begun its ticket, and waits for somebody like one that has not. */
function asPlanned(row: TicketRow, sessions: ReadonlyMap<string, SessionRow>): TicketRow {
  return sessions.get(row.name)?.state === "planned" && row.status === "active" ? { ...row, status: "open" } : row;
}

/** Of a ticket that is a session the ledger says who has it; of others the checkouts of this machine. */
async function inHands(project: Project, sessions: ReadonlyMap<string, SessionRow>): Promise<ReadonlySet<string>> {
  const worked = new Set(await workedHere(project));
  for (const [name, row] of sessions) {
    if (row.state === "planned" && row.problem === null && (await mayBegin(project, row))) worked.delete(name);
    else worked.add(name);
  }
  return worked;
}
