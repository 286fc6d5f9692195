import { commitFiles, openerOf } from "../../context/ticket/open.ts";
import {
  arrivedBefore,
  endIntent,
  knownState,
  noteIntent,
  ticketBranch,
  type TicketState,
} from "../../context/ticket/publish-branch.ts";
import { rowAt, type TicketRow } from "../../context/ticket/row.ts";
import { BerthError } from "../../errors.ts";
import { commitsBetween, trailer } from "../../git/history.ts";
import { branchRef, type Oid } from "../../git/names.ts";
import { isAncestor } from "../../git/refs.ts";
import type { LedgerChange } from "../../ledger/change.ts";
import { FILE, folder } from "../../ledger/layout.ts";
import { showLedger } from "../../ledger/linked-worktree.ts";
import { message } from "../../ledger/message.ts";
import { planProblems } from "../../ledger/plan.ts";
import { fetchHub, publish, withTurn } from "../../ledger/publish.ts";
import { readRow, type SessionRow } from "../../ledger/rows.ts";
import { type LedgerTip, readTip, requireFolder } from "../../ledger/tip.ts";
import { type Project, reach } from "../../project.ts";
import { type DraftInput, freeId, planText } from "../plan/draft.ts";
import { takeUpEdits } from "../plan/take-up.ts";
import { makerOf, sessionsOfTickets } from "./sessions.ts";

/** A ticket that is to become a session. */
export interface Beginning {
  /** The files of its folder, by path from the top of the repository. */
  readonly files: Readonly<Record<string, string>>;
  readonly plan: DraftInput;
  /** What the base's commit says. */
  readonly what: string;
  /** The ticket that it follows. */
  readonly follows?: string;
}

/** A ticket whose folder is on the base branch, and the session that works it. */
export interface Announced {
  readonly ticket: TicketRow;
  readonly session: SessionRow;
  /** The commit that brought its folder to the base branch, or a later one of it. */
  readonly commit: Oid;
  readonly warnings: readonly string[];
}

/**
 * Opens a ticket as a session: its folder on the base branch and the planned session, in one push. Of any number who do
 * so at once one wins. Running it again finishes what a killed run began. [TKT-02] [TKT-06]
 * @param begin decides on the state that the push is made onto
 * @throws BerthError CLAIM_LOST naming who has it; what `begin` throws; HUB_REFUSED with nothing changed
 */
export async function announce(
  project: Project,
  name: string,
  begin: (tip: LedgerTip, state: TicketState) => Promise<Beginning>,
): Promise<Announced> {
  const branch = ticketBranch(name);
  await withTurn(project, () => fetchHub(project, [branch]));
  const before = await arrivedBefore(project, name, "open", { hub: (await readTip(project)).commit });
  if (before !== null) return finish(project, name, before, []);
  const warnings = await takeUpEdits(project, null);
  const { commit } = await publish(
    project,
    async (tip) => {
      const { change, also } = await announcement(project, tip, name, begin);
      return { change, also: () => Promise.resolve(also) };
    },
    { branches: [branch], beforePush: (made) => noteIntent(project, name, "open", made) },
  );
  await reach(project, "ticket.published", name);
  return finish(project, name, commit, warnings);
}

/** What would be published on a tip: plain data, and objects that nobody sees yet. */
export async function announcement(
  project: Project,
  tip: LedgerTip,
  name: string,
  begin: (tip: LedgerTip, state: TicketState) => Promise<Beginning>,
): Promise<{
  readonly change: LedgerChange;
  readonly also: readonly { readonly ref: ReturnType<typeof branchRef>; readonly old: Oid | null; readonly new: Oid }[];
  readonly files: Beginning["files"];
}> {
  const state = await knownState(project, name);
  await requireNoSession(project, tip, name, state.base);
  const { files, plan, what, follows } = await begin(tip, state);
  const id = await freeId(project, tip, plan);
  const change = await plannedChange(project, tip, { name, id, plan });
  const at = { name, parent: state.base, tree: state.base, files, what };
  const commit = await commitFiles(project, follows === undefined ? at : { ...at, follows });
  const also = [
    { ref: branchRef(project.config.base), old: state.base, new: commit },
    // Whoever opens the ticket on a branch of its own at this moment cannot make that branch.
    { ref: branchRef(ticketBranch(name)), old: null, new: commit },
  ];
  return { change, also, files };
}

/** @throws BerthError CLAIM_LOST */
async function requireNoSession(project: Project, tip: LedgerTip, name: string, base: Oid): Promise<void> {
  const session = (await sessionsOfTickets(project, tip)).get(name);
  if (session === undefined) return;
  const winner = (await openerOf(project, name, base)) ?? (await makerOf(project, tip, session));
  const by = winner === null ? "" : ` by ${winner.agent} at ${winner.at.slice(0, 19)}Z`;
  throw new BerthError("CLAIM_LOST", `${name} is a session already: ${session.id} (${session.state}), opened${by}.`, {
    hint:
      session.state === "planned" ? `Take it with: berth ticket take ${name}` : `See it with: berth show ${session.id}`,
    facts: { ticket: name, session: session.id, state: session.state, winner },
  });
}

/** @throws BerthError GATE_REFUSED where the team's template leaves out what a planned session has */
async function plannedChange(
  project: Project,
  tip: LedgerTip,
  { name, id, plan }: { readonly name: string; readonly id: string; readonly plan: DraftInput },
): Promise<LedgerChange> {
  const file = folder("planned", id, FILE.plan);
  const text = await planText(project, tip, id, { ...plan, ticket: name });
  const problems = planProblems(text, file);
  if (problems.length > 0)
    throw new BerthError("GATE_REFUSED", `The session of ${name} would not be ready: ${problems.join("; ")}.`, {
      hint: "Its plan comes from the session template: see _templates in the ledger.",
      facts: { ticket: name, problems },
    });
  return {
    message: message(`[${id}] Plan the session of ${name}`, { session: id, agent: project.caller.name }),
    moves: [],
    files: { [file]: text },
    keeps: [],
  };
}

/**
 * What is left to do once a ticket is a session: the name that was held for the moment of the push goes again, and the
 * ledger is shown.
 * @returns warnings
 */
export async function settle(project: Project, name: string): Promise<string[]> {
  const { base, hub } = await knownState(project, name);
  if (hub !== null && (await isAncestor(project.git, hub, base)))
    await project.hub.publish([{ ref: branchRef(ticketBranch(name)), old: hub, new: null }]);
  const shown = await showLedger(project);
  await endIntent(project, name, "open");
  return shown;
}

/** @param made the ledger's commit */
async function finish(project: Project, name: string, made: Oid, warnings: readonly string[]): Promise<Announced> {
  const [commit] = await commitsBetween(project.git, [], made, { limit: 1 });
  const [id = ""] = trailer(commit?.body ?? "", "Berth-Session");
  const shown = await settle(project, name);
  const session = await readRow(project, await requireFolder(project, await readTip(project), id));
  const { base } = await knownState(project, name);
  const ticket = await rowAt(project, base, name, project.config.base);
  return { ticket, session, commit: base, warnings: [...warnings, ...shown] };
}
