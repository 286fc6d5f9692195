import { unixSeconds } from "../../clock.ts";
import { BerthError } from "../../errors.ts";
import { commitsBetween } from "../../git/history.ts";
import { branchRef, type Oid } from "../../git/names.ts";
import { isAncestor } from "../../git/refs.ts";
import { editTree, type TreeEdits } from "../../git/tree.ts";
import { writeBlobs, writeCommit } from "../../git/write.ts";
import { oneLine } from "../../ledger/message.ts";
import { type Project, scratchDir } from "../../project.ts";
import { checklistTemplate } from "../checklist-template.ts";
import { requireTicketName } from "../locate.ts";
import { partsOfTicket } from "../ticket-name.ts";
import { vocabularyOf } from "../vocabulary.ts";
import { type Central, centralOf, NOTHING } from "./carry.ts";
import { TICKET_FILE, type TicketFile, ticketFolder } from "./files.ts";
import {
  arrivedBefore,
  endIntent,
  fetchTicket,
  knownState,
  lostTo,
  type Move,
  openTicketWorkspace,
  publishTicket,
  ticketBranch,
  ticketMessage,
  type TicketState,
  withTicket,
} from "./publish-branch.ts";
import { isMap } from "./read.ts";
import { rowAt, type TicketRow } from "./row.ts";
import { type NewTicket, startingFiles } from "./starting-files.ts";
import { ticketProblems } from "./ticket-problems.ts";

export interface OpenInput {
  readonly phase: string;
  readonly issue: string;
  /** May be left out where the central context is about this issue. */
  readonly title?: string | undefined;
  readonly url?: string | undefined;
  readonly priority?: string | undefined;
  readonly parents?: readonly string[];
  readonly depends?: readonly string[];
  /** Leave the ticket open for somebody else: no workspace is made. */
  readonly noWorkspace?: boolean;
  readonly dryRun?: boolean;
}

/** What opening a ticket would do. */
export interface OpenPlan {
  readonly branch: string;
  readonly base: Oid;
  /** New files, by path from the top of the repository. */
  readonly files: Readonly<Record<string, string>>;
}

export interface OpenedTicket {
  readonly ticket: TicketRow;
  readonly commit: Oid;
  readonly workspace: { readonly path: string; readonly branch: string } | null;
  readonly warnings: readonly string[];
}

/**
 * Opens a ticket: its folder in one commit on a branch of its own, published, and a workspace for it. The checkout the
 * caller stands in is not touched. Running it again finishes what a killed run began. [TKT-01] [TKT-02] [TKT-13]
 * @throws BerthError CLAIM_LOST naming who has the ticket already, WRONG_STATE where its folder is on the base branch
 */
export async function ticketOpen(project: Project, input: OpenInput): Promise<OpenedTicket | { plan: OpenPlan }> {
  const name = requireTicketName(`${input.phase}_${input.issue}`);
  requirePhase(project, input.phase);
  if (input.dryRun === true)
    return { plan: (await planned(project, name, input, await knownState(project, name))).plan };
  return withTicket(project, name, async () => {
    const state = await fetchTicket(project, name);
    const arrived = await arrivedBefore(project, name, "open", state);
    const waits = input.noWorkspace === true;
    if (arrived !== null) {
      await requireAlone(project, name, arrived, state);
      return finishTicket(project, name, { what: "open", commit: arrived, warnings: [], waits });
    }
    const { plan, warnings } = await planned(project, name, input, state);
    const what = `open the ticket: ${plan.title}`;
    const commit = await commitFiles(project, { name, parent: state.base, tree: state.base, files: plan.files, what });
    const published = await publishTicket(project, name, { what: "open", old: null, new: commit });
    await requireAlone(project, name, published, await fetchTicket(project, name));
    return finishTicket(project, name, { what: "open", commit: published, warnings, waits });
  });
}

/** @throws BerthError INVALID naming the phases that there are */
export function requirePhase({ config }: Pick<Project, "config">, phase: string): void {
  const { phases } = vocabularyOf(config);
  if (phases.has(phase)) return;
  throw new BerthError("INVALID", `There is no phase ${phase}.`, {
    hint: `One of ${[...phases.keys()].join(", ")}; see context.phases with: berth config`,
    facts: { phase, phases: [...phases.keys()] },
  });
}

/**
 * What opening a ticket would write, for a branch of its own or for a session.
 * @throws BerthError CLAIM_LOST, WRONG_STATE, USAGE, INVALID
 */
export async function planned(
  project: Project,
  name: string,
  input: OpenInput,
  { base, hub, here }: TicketState,
): Promise<{ plan: OpenPlan & { readonly title: string }; warnings: readonly string[] }> {
  await requireNew(project, name, base, hub ?? here);
  const central = await centralOf(project, input.issue);
  const said = central !== null && "warning" in central ? null : central;
  const ticket = await newTicket(project, name, input, said, base);
  const texts = startingFiles(project, ticket);
  const odd = judgedStart(project, name, texts, said);
  const folder = ticketFolder(project, name);
  const files = Object.entries(texts).map(([path, text]) => [`${folder}/${path}`, text]);
  return {
    plan: { branch: ticket.branch, base, title: ticket.title, files: Object.fromEntries(files) as OpenPlan["files"] },
    warnings: [...(central === null ? [] : "warning" in central ? [central.warning] : central.warnings), ...odd],
  };
}

/**
 * What was taken over comes as it was; what is new must be right.
 * @returns what of the former is not as its schema says
 * @throws BerthError INVALID
 */
function judgedStart(
  project: Project,
  name: string,
  texts: Readonly<Record<string, string>>,
  central: Central | null,
): string[] {
  const file = (text: string): TicketFile => ({ id: "", size: text.length, text, image: false });
  const files = new Map(Object.entries(texts).map(([path, text]) => [path, file(text)]));
  const start = { name, folder: ticketFolder(project, name), files, elsewhere: new Set<string>() };
  const problems = ticketProblems(null, start, vocabularyOf(project.config));
  const carried = Object.keys(central?.context ?? {});
  const old = problems.filter(({ key }) => carried.some((top) => key === top || key.startsWith(`${top}.`)));
  const wrong = problems.filter((problem) => !old.includes(problem));
  if (wrong.length === 0) return old.map(({ file: at, message }) => `${at}: taken over as it was: ${message}.`);
  throw new BerthError("INVALID", `This would be no ticket: ${wrong.map(({ message }) => message).join("; ")}.`, {
    hint: "See what it takes with: berth help ticket open",
    facts: { ticket: name, problems: wrong },
  });
}

/** @throws BerthError CLAIM_LOST, WRONG_STATE */
export async function requireNew(project: Project, name: string, base: Oid, tip: Oid | null): Promise<void> {
  if (tip !== null) throw await lostTo(project, name, tip);
  const folder = ticketFolder(project, name);
  if ((await project.objects.stat(`${base}:${folder}`)) === null) return;
  throw new BerthError("WRONG_STATE", `${folder} is on ${project.config.base} already.`, {
    hint: `See it with: berth ticket show ${name}. A phase that starts anew gets a new issue.`,
    facts: { ticket: name, folder },
  });
}

/**
 * Whoever opens the ticket as a session at the same moment moves the base and not this branch, and has won: what is on
 * the base stays. The branch that was just made, which holds the documents of the opening alone, goes again.
 * @throws BerthError CLAIM_LOST
 */
async function requireAlone(project: Project, name: string, commit: Oid, { base, hub }: TicketState): Promise<void> {
  if (hub !== commit || (await project.objects.stat(`${base}:${ticketFolder(project, name)}`)) === null) return;
  if (await isAncestor(project.git, commit, base)) return;
  await project.hub.publish([{ ref: branchRef(ticketBranch(name)), old: commit, new: null }]);
  await endIntent(project, name, "open");
  throw new BerthError("CLAIM_LOST", `${name} was opened as a session at the same time.`, {
    hint: `See it with: berth ticket list --issue ${partsOfTicket(name)?.issue ?? name}`,
    facts: { ticket: name, winner: await openerOf(project, name, base) },
  });
}

/** Who brought a ticket's folder to a commit's history, and when; null where nobody did. */
export async function openerOf(
  project: Project,
  name: string,
  tip: Oid,
): Promise<{ readonly agent: string; readonly at: string } | null> {
  const [first] = await commitsBetween(project.git, [], tip, {
    paths: [`${ticketFolder(project, name)}/${TICKET_FILE}`],
  });
  if (first === undefined) return null;
  return { agent: first.author.name, at: new Date(first.seconds * 1000).toISOString() };
}

async function newTicket(
  project: Project,
  name: string,
  input: OpenInput,
  central: Central | null,
  base: Oid,
): Promise<NewTicket> {
  const task = central?.task ?? {};
  const word = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
  const title = oneLine(input.title ?? "") || word(task["title"]);
  if (title === undefined)
    throw new BerthError("USAGE", "A ticket needs a title.", {
      hint: 'For example: berth ticket open --phase training --issue 142 --title "Train on the new data"',
    });
  const { caller, config } = project;
  const mode = vocabularyOf(config).phases.get(input.phase)?.mode ?? "default";
  const waits = input.noWorkspace === true;
  return {
    name,
    phase: input.phase,
    issue: input.issue,
    title,
    url: input.url ?? word(task["url"]),
    priority: input.priority ?? word(task["priority"]),
    parents: input.parents ?? [],
    dependencies: input.depends ?? [],
    at: project.clock.now(),
    operator: word(central?.context["operator"]) ?? caller.name,
    assistant: caller.named && !waits ? caller.name : null,
    waits,
    branch: ticketBranch(name),
    checklist: await checklistTemplate(project, base, mode),
    carried: central ?? NOTHING,
    fields: isMap(central?.context["project"]) ? { project: central.context["project"] } : {},
  };
}

/** A commit that puts files into a tree; only objects, which nobody sees before a reference names it. */
export async function commitFiles(
  project: Project,
  plan: {
    readonly name: string;
    readonly parent: Oid;
    /** The commit or tree that the files are put into. */
    readonly tree: Oid;
    readonly files: Readonly<Record<string, string>>;
    readonly what: string;
    /** The ticket that this one follows. */
    readonly follows?: string;
    /** The session in whose workspace it is made. */
    readonly session?: string | undefined;
  },
): Promise<Oid> {
  const paths = Object.keys(plan.files);
  const blobs = await writeBlobs(project.git, scratchDir(project), Object.values(plan.files));
  const edits: TreeEdits = new Map(
    paths.flatMap((path, i) => (blobs[i] ? [[path, { mode: "100644", oid: blobs[i] }]] : [])),
  );
  const start = (await project.objects.stat(`${plan.tree}^{tree}`))?.oid ?? null;
  const tree = await editTree(project.git, project.objects, start, edits);
  const { name, email } = project.caller;
  const message = ticketMessage(plan, name);
  const seconds = unixSeconds(project.clock.now());
  return writeCommit(
    project.git,
    { tree, parents: [plan.parent], message, author: { name, email }, seconds },
    project.signs,
  );
}

/** The workspace of a published ticket, unless it waits for somebody, and what is said of it. */
export async function finishTicket(
  project: Project,
  name: string,
  done: {
    readonly what: Move;
    readonly commit: Oid;
    readonly warnings: readonly string[];
    readonly waits: boolean;
  },
): Promise<OpenedTicket> {
  const { commit, waits } = done;
  const made = waits ? null : await openTicketWorkspace(project, name, commit);
  await endIntent(project, name, done.what);
  const ticket = await rowAt(project, commit, name, ticketBranch(name));
  const workspace = made === null ? null : { path: made.path, branch: made.branch };
  return { ticket, commit, workspace, warnings: [...done.warnings, ...(made?.warnings ?? [])] };
}
