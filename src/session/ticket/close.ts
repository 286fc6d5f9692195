import { requireTicketName, ticketOfPlan } from "../../context/locate.ts";
import { type ClosedTicket, type CloseInput, type ClosePlan, ticketClose } from "../../context/ticket/close.ts";
import { followingOf, followsSubject, type NextTicket, openFollowing } from "../../context/ticket/following.ts";
import { ticketBranch, withTicket } from "../../context/ticket/publish-branch.ts";
import { rowAt } from "../../context/ticket/row.ts";
import { endTicketWorkspace, isDone, type TicketWorkspaceEnd } from "../../context/ticket/workspace.ts";
import { BerthError } from "../../errors.ts";
import { branchRef, type Oid } from "../../git/names.ts";
import { resolveCommit } from "../../git/refs.ts";
import { partsOfTicket } from "../../context/ticket-name.ts";
import type { Priority } from "../../ledger/plan.ts";
import { readRow } from "../../ledger/rows.ts";
import { type LedgerTip, findFolder } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { workspaceHere } from "../../workspace/find.ts";
import type { Workspace } from "../../workspace/marker.ts";
import { safeguard } from "../checkpoint/safeguard.ts";
import { announce, type Beginning, settle } from "./announce.ts";
import { sessionPlan } from "./open.ts";
import { knownSessions, shortRow, type TicketSession } from "./sessions.ts";

type Next = NextTicket & { readonly session: TicketSession | null };
type Closed = Omit<ClosedTicket, "next"> & TicketWorkspaceEnd & { readonly next: Next | null };

export interface CloseTicketInput extends CloseInput {
  /** Remove the ticket's workspace too, where nothing in it would be lost; of a ticket that is done, only that. */
  readonly removeWorkspace?: boolean;
}

/**
 * Closes the ticket of a checkout. Where a session works it, the next phase's ticket is opened as a session too, which
 * waits for this one to be completed; else on a branch of its own. [TKT-04] [TKT-05] [TKT-06]
 * @throws BerthError as `ticketClose`; USAGE where the workspace of a session is to be removed
 */
export async function closeTicket(project: Project, input: CloseTicketInput): Promise<Closed | { plan: ClosePlan }> {
  const here = await workspaceHere(project);
  const remove = input.removeWorkspace === true && input.dryRun !== true;
  if (remove && here !== null)
    throw new BerthError("USAGE", "The workspace of a session goes when the session ends.", {
      hint: "Close the ticket without --remove-workspace, then bring it home with: berth complete",
    });
  const made = (remove ? await closedBefore(project, input) : null) ?? (await closeNow(project, here, input));
  if ("plan" in made) return made;
  const ended = remove
    ? await withTicket(project, made.ticket.name, () => endTicketWorkspace(project, made.ticket.name))
    : { workspaceRemoved: false, kept: [] };
  const { next } = made;
  if (next === null) return { ...made, ...ended, next };
  const session = shortRow((await knownSessions(project)).get(next.ticket.name));
  return { ...made, ...ended, next: { ...next, session } };
}

async function closeNow(
  project: Project,
  here: Workspace | null,
  input: CloseInput,
): Promise<ClosedTicket | { plan: ClosePlan }> {
  const ticket = here?.dir ? await ticketOfPlan(here.dir) : null;
  if (here?.dir && input.dryRun !== true) await safeguard(project, here, "before the ticket was closed");
  return ticketClose(project, input, (own, name, closed, how) =>
    here !== null && name === ticket
      ? openNextSession(own, { name, session: here.marker.session }, closed, how.title)
      : openFollowing(own, name, closed, how),
  );
}

/** A named ticket that is done on its own branch: then it may be tidied up from anywhere. */
async function closedBefore(project: Project, { ticket, nextTitle }: CloseInput): Promise<ClosedTicket | null> {
  if (ticket === undefined) return null;
  const name = requireTicketName(ticket);
  const commit = await resolveCommit(project.objects, branchRef(ticketBranch(name)));
  if (commit === null || !(await isDone(project, commit, name))) return null;
  const next = await openFollowing(project, name, commit, { title: nextTitle, fromBase: false });
  return { ticket: await rowAt(project, commit, name, ticketBranch(name)), commit, next, warnings: [] };
}

/** The ticket that follows, planned as a session; where that was done before, only that. */
async function openNextSession(
  project: Project,
  from: { readonly name: string; readonly session: string },
  closed: Oid,
  title: string | undefined,
): Promise<NextTicket | null> {
  const found = await followingOf(project, from.name, closed, title);
  if (found === null) return null;
  if ("opened" in found) {
    const { name } = found.opened.ticket;
    if ((await knownSessions(project)).has(name)) await settle(project, name);
    return found.opened;
  }
  const { next, files, priority } = found;
  const begin = async (tip: LedgerTip): Promise<Beginning> => {
    const at = await findFolder(project, tip, from.session);
    const { capabilities } = at === null ? { capabilities: [] } : await readRow(project, at);
    const { phase, issue } = partsOfTicket(next) ?? { phase: "", issue: "" };
    const plan = {
      ...sessionPlan({ phase, issue, title: found.title }),
      priority: isPriority(priority) ? priority : "next",
      capabilities,
      depends: [from.session],
    } as const;
    return { files, plan, what: followsSubject(from.name), follows: from.name };
  };
  const { ticket, commit } = await announce(project, next, begin);
  return { ticket, commit, branch: project.config.base };
}

function isPriority(word: string): word is Priority {
  return ["now", "next", "future"].includes(word);
}
