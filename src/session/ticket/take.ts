import { requireTicketName } from "../../context/locate.ts";
import type { OpenedTicket } from "../../context/ticket/open.ts";
import { rowAt, rowOf, type TicketRow } from "../../context/ticket/row.ts";
import { type TakePlan, ticketTake } from "../../context/ticket/take.ts";
import { isBerthError } from "../../errors.ts";
import type { LedgerChange } from "../../ledger/change.ts";
import { fetchHub, withTurn } from "../../ledger/publish.ts";
import { tryReadTip } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { claim } from "../claim/claim.ts";
import { sessionsOfTickets, shortRow, type TicketSession } from "./sessions.ts";

type Taken = Omit<OpenedTicket, "commit"> & {
  /** The commit that took it: of its branch, or of the ledger where it is a session. */
  readonly commit: string;
  readonly session: TicketSession | null;
};

/**
 * Takes a ticket that is open: its branch, or the session that works it, which is claimed. Of any number of agents that
 * do so at once, one wins. Running it again finishes what a killed run began. [TKT-02] [TKT-11]
 * @throws BerthError CLAIM_LOST naming who won; WRONG_STATE for a ticket that is not open, NOT_FOUND; what `claim` throws
 */
export async function takeTicket(
  project: Project,
  input: { readonly ticket: string; readonly dryRun?: boolean },
): Promise<Taken | { plan: TakePlan | LedgerChange }> {
  const name = requireTicketName(input.ticket);
  const known = await tryReadTip(project);
  if (known !== null && input.dryRun !== true) await withTurn(project, () => fetchHub(project));
  const tip = known === null ? null : await tryReadTip(project);
  const row = tip === null ? undefined : (await sessionsOfTickets(project, tip)).get(name);
  if (row === undefined) {
    const made = await ticketTake(project, { ...input, ticket: name });
    return "plan" in made ? made : { ...made, session: null };
  }
  const made = await claim(project, { id: row.id, dryRun: input.dryRun === true });
  if ("plan" in made) return { plan: made.plan };
  const { session, workspace, warnings, claim: won } = made;
  return {
    ticket: await rowOn(project, name, session.branch),
    commit: won.commit,
    workspace: workspace === null ? null : { path: workspace.path, branch: workspace.branch },
    session: shortRow(session),
    warnings,
  };
}

/** The ticket as its session's branch has it: one that was planned by hand may name a ticket whose folder is elsewhere. */
async function rowOn(project: Project, name: string, branch: string | null): Promise<TicketRow> {
  try {
    return await rowAt(project, `refs/heads/${branch ?? ""}`, name, branch ?? "");
  } catch (error) {
    if (!isBerthError(error) || error.code !== "NOT_FOUND") throw error;
    return rowOf(name, { ticket: null, checklist: null }, branch);
  }
}
