import { isoSeconds } from "../../clock.ts";
import { setYaml } from "../../document/yaml-file.ts";
import { BerthError } from "../../errors.ts";
import type { Oid } from "../../git/names.ts";
import { isAncestor } from "../../git/refs.ts";
import type { Project } from "../../project.ts";
import { CONTEXT_FILE, requireTicketName } from "../locate.ts";
import { readContext } from "../read.ts";
import { withChanges } from "../update.ts";
import { TICKET_FILE, type TicketFiles, ticketFilesAt, ticketFolder } from "./files.ts";
import { commitFiles, finishTicket, type OpenedTicket } from "./open.ts";
import {
  arrivedBefore,
  fetchTicket,
  knownState,
  lostTo,
  publishTicket,
  ticketBranch,
  type TicketState,
  withTicket,
} from "./publish-branch.ts";
import { isMap } from "./read.ts";
import { noTicket, rowAt } from "./row.ts";

/** What taking a ticket would do. */
export interface TakePlan {
  readonly branch: string;
  /** The commit that the branch is at, or would begin at. */
  readonly from: Oid;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Takes a ticket that is open: its branch moves on the hub to a commit that says who works on it, and there is a
 * workspace for it. Of any number of agents that do so at once, one wins. Running it again finishes what a killed run
 * began. [TKT-02] [TKT-11]
 * @throws BerthError CLAIM_LOST naming who won; WRONG_STATE for a ticket that is not open, NOT_FOUND
 */
export async function ticketTake(
  project: Project,
  input: { readonly ticket: string; readonly dryRun?: boolean },
): Promise<OpenedTicket | { plan: TakePlan }> {
  const name = requireTicketName(input.ticket);
  if (input.dryRun === true) return { plan: await taking(project, name, await knownState(project, name)) };
  return withTicket(project, name, async () => {
    const state = await fetchTicket(project, name);
    const arrived = await arrivedBefore(project, name, "take", state);
    const finish = (commit: Oid): Promise<OpenedTicket> =>
      finishTicket(project, name, { what: "take", commit, warnings: [], waits: false });
    if (arrived !== null) return finish(arrived);
    const { from, files } = await taking(project, name, state);
    const commit = await commitFiles(project, { name, parent: from, tree: from, files, what: "take the ticket" });
    return finish(await publishTicket(project, name, { what: "take", old: state.hub, new: commit }));
  });
}

async function taking(project: Project, name: string, state: TicketState): Promise<TakePlan> {
  const from = await startOf(project, name, state);
  const found = await ticketFilesAt(project, from, name);
  if (found === null) throw noTicket(name);
  const { status, problem } = await rowAt(project, from, name, ticketBranch(name));
  if (status === "active") throw await lostTo(project, name, state.hub ?? state.here);
  if (status !== "open")
    throw new BerthError(
      "WRONG_STATE",
      `${name} is ${problem ?? status ?? "in a state that nobody knows"}, and not open.`,
      {
        hint: "See which ticket could be taken with: berth ticket next",
        facts: { ticket: name, status },
      },
    );
  const { caller, clock } = project;
  const by = { at: isoSeconds(clock.now()), assistant: caller.named ? caller.name : null };
  const files = Object.entries(taken(found, by)).map(([path, text]) => [
    `${ticketFolder(project, name)}/${path}`,
    text,
  ]);
  return { branch: ticketBranch(name), from, files: Object.fromEntries(files) as TakePlan["files"] };
}

/** The hub's branch; a local one that is ahead of it; else the base, where the folder has landed. */
async function startOf(project: Project, name: string, { hub, here, base }: TicketState): Promise<Oid> {
  if (here === null || here === hub) return hub ?? base;
  if (hub === null || (await isAncestor(project.git, hub, here))) return here;
  if (await isAncestor(project.git, here, hub)) return hub;
  throw new BerthError("WRONG_STATE", `${ticketBranch(name)} is another one here than on the hub.`, {
    hint: `Compare them with: git log ${ticketBranch(name)}...${project.hub.seen(ticketBranch(name))}`,
    facts: { ticket: name, hub, here },
  });
}

/** The documents of a ticket that somebody begins with, by path below its folder. */
export function taken(
  { files, folder }: TicketFiles,
  { at, assistant }: { readonly at: string; readonly assistant: string | null },
): Readonly<Record<string, string>> {
  const ticket = files.get(TICKET_FILE)?.text ?? "";
  const context = files.get(CONTEXT_FILE)?.text ?? null;
  const changed = setYaml(ticket, { status: "active", started_at: at }, `${folder}/${TICKET_FILE}`);
  if (context === null) return { [TICKET_FILE]: changed };
  const read = readContext(context, `${folder}/${CONTEXT_FILE}`);
  const task = isMap(read.data["task"]) ? { task: { ...read.data["task"], status: "in_progress" } } : {};
  const who = assistant === null ? {} : { assistant };
  const fields = { status: "active", ...task, ...who };
  return {
    [TICKET_FILE]: changed,
    [CONTEXT_FILE]: withChanges(context, read, fields, at, `${folder}/${CONTEXT_FILE}`),
  };
}
