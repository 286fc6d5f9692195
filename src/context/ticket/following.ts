import { BerthError } from "../../errors.ts";
import { commitsBetween, trailer } from "../../git/history.ts";
import type { Oid } from "../../git/names.ts";
import type { Project } from "../../project.ts";
import { checklistTemplate } from "../checklist-template.ts";
import { CONTEXT_FILE } from "../locate.ts";
import { readContext } from "../read.ts";
import { isTicketName, partsOfTicket } from "../ticket-name.ts";
import { vocabularyOf } from "../vocabulary.ts";
import { handedOn } from "./carry.ts";
import { TICKET_FILE, ticketFilesAt, ticketFolder } from "./files.ts";
import { commitFiles, requireNew, requirePhase } from "./open.ts";
import { endIntent, fetchTicket, publishTicket, ticketBranch } from "./publish-branch.ts";
import { isMap, readTicket, type Ticket, ticketOf } from "./read.ts";
import { rowAt, type TicketRow } from "./row.ts";
import { startingFiles } from "./starting-files.ts";

/** The ticket that a closed one opened: it waits for whoever takes it. */
export interface NextTicket {
  readonly ticket: TicketRow;
  readonly commit: Oid;
  readonly branch: string;
}

/** The name of the ticket that follows, `<next phase>_<issue>`; null at an end. */
export function followingName(
  project: Pick<Project, "config">,
  ticket: Ticket,
  name: string,
  input: { readonly nextIssue?: string | undefined },
): string | null {
  const parts = partsOfTicket(name);
  const phase = ticket.phase ?? parts?.phase ?? "";
  const next = ticket.nextPhase === undefined ? vocabularyOf(project.config).phases.get(phase)?.next : ticket.nextPhase;
  if (next === undefined || next === null) {
    if (input.nextIssue === undefined) return null;
    throw new BerthError("USAGE", `No phase follows ${phase}, so that there is no next issue.`, {
      hint: "Leave --next-issue out.",
    });
  }
  requirePhase(project, next);
  const following = `${next}_${input.nextIssue ?? parts?.issue ?? ""}`;
  if (isTicketName(following)) return following;
  throw new BerthError("INVALID", `${JSON.stringify(following)} is no ticket's name.`, {
    hint: "Name the issue of the next phase: berth ticket close --next-issue N",
  });
}

/** @throws BerthError CLAIM_LOST, WRONG_STATE where the ticket that would follow is there already, and follows another */
export async function requireFollowing(project: Project, name: string, next: string): Promise<void> {
  const { base, hub, here } = await fetchTicket(project, next);
  const tip = hub ?? here;
  if (tip !== null && (await follows(project, name, base, tip)) !== null) return;
  await requireNew(project, next, base, tip).catch((error: unknown) => {
    if (!(error instanceof BerthError)) throw error;
    throw new BerthError(error.code, error.message, {
      hint: "Give the next phase an issue of its own: berth ticket close --next-issue N",
      facts: error.facts,
    });
  });
}

/** The commit on a branch that opened it as what follows a ticket. */
async function follows(project: Project, name: string, base: Oid, tip: Oid): Promise<Oid | null> {
  const commits = await commitsBetween(project.git, [base], tip);
  return commits.find(({ body }) => trailer(body, "Berth-Follows").includes(name))?.oid ?? null;
}

/** A ticket that is to follow a closed one. */
export interface Following {
  readonly next: string;
  readonly title: string;
  readonly priority: string;
  /** By path from the top of the repository. */
  readonly files: Readonly<Record<string, string>>;
  readonly base: Oid;
}

/**
 * What follows a closed ticket, with its decisions, blockers and next steps; where it was opened before, that. [TKT-06]
 * @param closed the commit that closed it
 * @returns null where nothing follows
 */
export async function followingOf(
  project: Project,
  name: string,
  closed: Oid,
  given: string | undefined,
): Promise<{ readonly opened: NextTicket } | Following | null> {
  const found = await ticketFilesAt(project, closed, name);
  const text = found?.files.get(TICKET_FILE)?.text ?? "";
  const { data } = readTicket(text, `${ticketFolder(project, name)}/${TICKET_FILE}`);
  const { nextTicket: next, priority, title: own } = ticketOf(data);
  if (next === null || !isTicketName(next)) return null;
  const branch = ticketBranch(next);
  const { base, hub, here } = await fetchTicket(project, next);
  const tip = hub ?? here;
  const before = tip === null ? null : await follows(project, name, base, tip);
  if (before !== null)
    return { opened: { ticket: await rowAt(project, tip ?? before, next, branch), commit: before, branch } };
  const landed = (await project.objects.stat(`${base}:${ticketFolder(project, next)}`)) !== null;
  if (landed) {
    const ticket = await rowAt(project, base, next, project.config.base);
    return { opened: { ticket, commit: base, branch } };
  }
  await requireNew(project, next, base, tip);
  const context = found?.files.get(CONTEXT_FILE)?.text ?? null;
  const title = given ?? own ?? next;
  const files = await filesOfNext(project, { name, next, data, context, tree: closed, title });
  return { next, title, priority, files, base };
}

/**
 * Opens the ticket that follows a closed one on a branch of its own; where that was done before, only says so. [TKT-06]
 * @param closed the commit that closed it
 * @param how.fromBase whether the branch begins at the base, and not at that commit
 */
export async function openFollowing(
  project: Project,
  name: string,
  closed: Oid,
  how: { readonly title: string | undefined; readonly fromBase: boolean },
): Promise<NextTicket | null> {
  const found = await followingOf(project, name, closed, how.title);
  if (found === null) return null;
  if ("opened" in found) {
    await endIntent(project, found.opened.ticket.name, "open");
    return found.opened;
  }
  const { next, files, base } = found;
  const branch = ticketBranch(next);
  const start = how.fromBase ? base : closed;
  const what = followsSubject(name);
  const commit = await commitFiles(project, { name: next, parent: start, tree: start, files, what, follows: name });
  const published = await publishTicket(project, next, { what: "open", old: null, new: commit });
  await endIntent(project, next, "open");
  return { ticket: await rowAt(project, published, next, branch), commit: published, branch };
}

/** What the commit says that opens a ticket after another one. */
export function followsSubject(name: string): string {
  return `open the ticket that follows ${name}`;
}

/** Keys of ticket.yml that are the same in every phase of a piece of work. */
const LASTING = ["description", "team", "project", "client", "prd_issue", "crd_issue", "revenue_value"] as const;

async function filesOfNext(
  project: Project,
  from: {
    readonly name: string;
    readonly next: string;
    readonly data: Readonly<Record<string, unknown>>;
    readonly context: string | null;
    readonly tree: Oid;
    readonly title: string;
  },
): Promise<Readonly<Record<string, string>>> {
  const { name, next, data } = from;
  const ticket = ticketOf(data);
  const { phase, issue } = partsOfTicket(next) ?? { phase: "", issue: "" };
  const read = from.context === null ? null : readContext(from.context, CONTEXT_FILE);
  const url = read !== null && isMap(read.data["task"]) ? read.data["task"]["url"] : data["url"];
  const sameIssue = partsOfTicket(name)?.issue === issue;
  const mode = vocabularyOf(project.config).phases.get(phase)?.mode ?? "default";
  const lasting = LASTING.flatMap((key) => (data[key] === undefined || data[key] === null ? [] : [[key, data[key]]]));
  const files = startingFiles(project, {
    name: next,
    phase,
    issue,
    title: from.title,
    url: sameIssue && typeof url === "string" ? url : undefined,
    priority: ticket.priority,
    parents: ticket.parents,
    dependencies: [name],
    at: project.clock.now(),
    operator: ticket.operator ?? project.caller.name,
    assistant: null,
    waits: true,
    branch: ticketBranch(next),
    checklist: await checklistTemplate(project, from.tree, mode),
    carried: read === null ? { context: {}, body: "" } : handedOn(read),
    fields: Object.fromEntries(lasting) as Readonly<Record<string, unknown>>,
  });
  const folder = ticketFolder(project, next);
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
}
