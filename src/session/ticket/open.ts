import { requireTicketName } from "../../context/locate.ts";
import {
  type OpenedTicket,
  type OpenInput,
  type OpenPlan,
  planned,
  requirePhase,
  ticketOpen,
} from "../../context/ticket/open.ts";
import { type TicketState, withTicket } from "../../context/ticket/publish-branch.ts";
import { partsOfTicket } from "../../context/ticket-name.ts";
import type { TicketRow } from "../../context/ticket/row.ts";
import { BerthError } from "../../errors.ts";
import { oneLine } from "../../ledger/message.ts";
import type { Priority } from "../../ledger/plan.ts";
import type { SessionRow } from "../../ledger/rows.ts";
import { type LedgerTip, readTip } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import type { DraftInput } from "../plan/draft.ts";
import { type Announced, announce, announcement, type Beginning } from "./announce.ts";
import { sessionsOfTickets, shortRow, type TicketSession } from "./sessions.ts";

export interface OpenTicketInput extends OpenInput {
  /** Open it as a session that whoever fits claims. */
  readonly session?: boolean;
  /** What its session must do; without one, that the ticket is closed. */
  readonly criteria?: readonly string[];
  /** What an agent must be able to do to claim its session. */
  readonly capabilities?: readonly string[];
}

type Opened = OpenedTicket & { readonly session: TicketSession | null };
type Plan = OpenPlan & { readonly session?: Readonly<Record<string, unknown>> };

/**
 * Opens a ticket, on a branch of its own with a workspace, or as a session that is planned. [TKT-01] [TKT-02]
 * @throws BerthError CLAIM_LOST naming who has the ticket already, WRONG_STATE where its folder is on the base branch
 */
export async function openTicket(project: Project, input: OpenTicketInput): Promise<Opened | { plan: Plan }> {
  if (input.session === true) return openAsSession(project, input);
  if ((input.criteria ?? []).length + (input.capabilities ?? []).length > 0)
    throw new BerthError("USAGE", "Only a session has acceptance criteria and capabilities.", {
      hint: "Open it as one with: berth ticket open --session",
    });
  const made = await ticketOpen(project, input);
  return "plan" in made ? made : { ...made, session: null };
}

async function openAsSession(project: Project, input: OpenTicketInput): Promise<Opened | { plan: Plan }> {
  const name = requireTicketName(`${input.phase}_${input.issue}`);
  requirePhase(project, input.phase);
  const warnings: string[] = [];
  const begin = async (tip: LedgerTip, state: TicketState): Promise<Beginning> => {
    const made = await planned(project, name, { ...input, noWorkspace: true }, state);
    warnings.splice(0, warnings.length, ...made.warnings);
    const { title, files } = made.plan;
    return { files, plan: await planOf(project, tip, input, title), what: `open the ticket: ${title}` };
  };
  if (input.dryRun === true) {
    const { base } = project.config;
    const { change, also, files } = await announcement(project, await readTip(project), name, begin);
    return { plan: { branch: base, base: also[0]?.old ?? ("" as OpenPlan["base"]), files, session: { ...change } } };
  }
  return withTicket(project, name, async () => {
    const made = await announce(project, name, begin);
    return opened(made, [...warnings, ...made.warnings]);
  });
}

function opened({ ticket, session, commit }: Announced, warnings: readonly string[]): Opened {
  return { ticket, commit, workspace: null, session: shortRow(session), warnings };
}

async function planOf(project: Project, tip: LedgerTip, input: OpenTicketInput, title: string): Promise<DraftInput> {
  const plan = sessionPlan({ ...input, title });
  const living = await sessionsOfTickets(project, tip);
  const waitsFor = (input.depends ?? []).flatMap((meant) => sessionsMeant(living, meant));
  return {
    ...plan,
    ...(input.priority === undefined ? {} : { priority: input.priority as Priority }),
    ...(input.criteria?.length ? { criteria: input.criteria } : {}),
    ...(input.capabilities?.length ? { capabilities: input.capabilities } : {}),
    depends: [...new Set(waitsFor)],
  };
}

/** The living sessions of a ticket, or of all tickets of an issue. */
function sessionsMeant(living: ReadonlyMap<string, SessionRow>, meant: string): string[] {
  return [...living].flatMap(([name, { id }]) => (name === meant || partsOfTicket(name)?.issue === meant ? [id] : []));
}

/** What the plan of a ticket's session says where nobody says more. */
export function sessionPlan(
  ticket: Pick<TicketRow, "phase" | "issue" | "title"> & { readonly url?: string | undefined },
): DraftInput {
  const { phase, issue, url } = ticket;
  const name = `${phase}_${issue}`;
  const title = oneLine(ticket.title);
  const more = url === undefined ? "" : ` See ${oneLine(url)}.`;
  return {
    // So long a session's title may be, with the name behind it.
    title: `${title
      .slice(0, 197 - name.length)
      .replace(/[\uD800-\uDBFF]$/, "")
      .trim()} (${name})`,
    context: `The ticket ${name}: ${title}.${more} Its folder says how far it is, and what is left.`,
    criteria: [`The ticket ${name} is closed: berth ticket close`],
  };
}
