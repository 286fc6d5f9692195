import { join } from "node:path";
import { requireInside } from "../../disk/inside.ts";
import { readText, replaceText } from "../../disk/text-file.ts";
import { BerthError } from "../../errors.ts";
import { branchRef, type Oid } from "../../git/names.ts";
import { isAncestor, updateRefs } from "../../git/refs.ts";
import { run } from "../../git/run.ts";
import { type Project, reach, scratchDir } from "../../project.ts";
import { readMarker } from "../../workspace/marker.ts";
import { vocabularyOf } from "../vocabulary.ts";
import { closing } from "./closing.ts";
import { TICKET_FILE, type TicketFiles, ticketFilesAt } from "./files.ts";
import { foreignProblems } from "./foreign.ts";
import { followingName, type NextTicket, openFollowing, requireFollowing } from "./following.ts";
import { commitFiles } from "./open.ts";
import { ticketHere, type TicketPlace } from "./place.ts";
import type { TicketProblem } from "./problem.ts";
import {
  endIntent,
  fetchTicket,
  knownState,
  publishTicket,
  ticketBranch,
  type TicketState,
  withTicket,
} from "./publish-branch.ts";
import { readTicket, ticketOf } from "./read.ts";
import { noTicket, rowAt, type TicketRow } from "./row.ts";
import { artifactProblems, blobProblems } from "./size.ts";
import { ticketProblems } from "./ticket-problems.ts";
import { checkoutFiles, newBlobs } from "./working-tree.ts";

export interface CloseInput {
  readonly ticket?: string | undefined;
  /** Numbers of exit criteria that hold, or all. */
  readonly confirm?: readonly string[];
  /** The issue of the next phase's ticket; without it the same one. */
  readonly nextIssue?: string | undefined;
  readonly nextTitle?: string | undefined;
  readonly dryRun?: boolean;
}

/** What closing a ticket would do. */
export interface ClosePlan {
  readonly ticket: string;
  /** Its documents as they would be, by path from the top of the repository. */
  readonly files: Readonly<Record<string, string>>;
  /** The ticket that would be opened. */
  readonly next: string | null;
}

export interface ClosedTicket {
  readonly ticket: TicketRow;
  /** The commit that closed it. */
  readonly commit: Oid;
  readonly next: NextTicket | null;
  readonly warnings: readonly string[];
}

/**
 * Closes the ticket of a checkout through its exit gate, commits that, and opens the next phase's ticket with what was
 * decided and what is left. Only the ticket's folder is committed. Running it again finishes what a killed run began.
 * [TKT-04] [TKT-05] [TKT-06]
 * @param open how the next phase's ticket is opened
 * @throws BerthError GATE_REFUSED with everything that stands in the way; WRONG_STATE, CLAIM_LOST
 */
export async function ticketClose(
  project: Project,
  input: CloseInput,
  open: typeof openFollowing = openFollowing,
): Promise<ClosedTicket | { plan: ClosePlan }> {
  const place = await ticketHere(project, input.ticket);
  const branch = await branchOf(project, place);
  if (input.dryRun === true) return { plan: await dryPlan(project, place, branch, input) };
  return withTicket(project, place.name, async () => {
    const state = await fetchTicket(project, place.name);
    const { head, before } = await checkoutFiles(project, place.top, place.name);
    const marker = await readMarker(project.here.gitDir);
    // A session's branch is published by its own verbs, which ask whether the claim still holds.
    const own = marker === null && branch === ticketBranch(place.name);
    if (own) await requireUpToDate(project, place.name, state, head);
    const done = before !== null && isDone(before);
    if (own && done) await requireAsClosed(project, place.name, state, head, before);
    const { commit, warnings } = done
      ? { commit: head, warnings: [] }
      : await closeHere(project, place, branch, state, input);
    await pushClosed(project, place.name, own ? commit : null);
    const next = await open(project, place.name, commit, { title: input.nextTitle, fromBase: !own });
    await endIntent(project, place.name, "close");
    return { ticket: await rowAt(project, commit, place.name, branch), commit, next, warnings };
  });
}

/** The branch of the checkout. @throws BerthError WRONG_STATE on another ticket's, or on none */
async function branchOf(project: Project, { name }: TicketPlace): Promise<string> {
  const { stdout } = await run({ ...project.git, dir: project.here.top ?? project.cwd }, ["branch", "--show-current"]);
  const branch = stdout.toString("utf8").trim();
  const other = branch.startsWith(ticketBranch("")) && branch !== ticketBranch(name);
  if (branch !== "" && !other) return branch;
  throw new BerthError(
    "WRONG_STATE",
    other ? `${name} is not closed on ${branch}, where another ticket is worked on.` : "HEAD is on no branch here.",
    { hint: `Go to a checkout of ${ticketBranch(name)}.`, facts: { ticket: name, branch } },
  );
}

async function requireUpToDate(project: Project, name: string, { hub }: TicketState, head: Oid): Promise<void> {
  if (hub === null || (await isAncestor(project.git, hub, head))) return;
  throw new BerthError("WRONG_STATE", `The hub's ${ticketBranch(name)} has commits that are not here.`, {
    hint: `Bring them in first: git merge ${project.hub.seen(ticketBranch(name))}`,
    facts: { ticket: name, hub },
  });
}

function isDone({ files, folder }: TicketFiles): boolean {
  const text = files.get(TICKET_FILE)?.text;
  return typeof text === "string" && ticketOf(readTicket(text, `${folder}/${TICKET_FILE}`).data).status === "done";
}

/** What closing would write, having passed the gate. */
interface Judged {
  readonly head: Oid;
  /** HEAD's tree with the folder as it was judged. */
  readonly tree: Oid;
  /** The commit that closes; only an object. */
  readonly commit: Oid;
  readonly texts: Readonly<Record<string, string>>;
  readonly next: string | null;
  readonly warnings: readonly string[];
}

/** What closing would write, judged: the plan on which both a run and a dry run stand. */
async function judged(
  project: Project,
  { name, top, folder }: TicketPlace,
  branch: string,
  state: Pick<TicketState, "base">,
  input: CloseInput,
): Promise<Judged> {
  const { head, tree, before, after } = await checkoutFiles(project, top, name);
  if (after === null || !after.files.has(TICKET_FILE)) throw noTicket(name);
  const now = { by: project.caller.name, at: project.clock.now(), confirm: input.confirm ?? [] };
  const { texts, ticket } = closing(after, { ...now, next: (one) => followingName(project, one, name, input) });
  const files = Object.fromEntries(Object.entries(texts).map(([path, text]) => [`${folder}/${path}`, text]));
  const session = (await readMarker(project.here.gitDir))?.session;
  const commit = await commitFiles(project, { name, parent: head, tree, files, what: "close the ticket", session });
  const closed = await ticketFilesAt(project, commit, name);
  const { limits } = project.config.context;
  const blobs = blobProblems(await newBlobs(project, state.base, head, commit), limits);
  const problems = [
    ...ticketProblems(before, closed, vocabularyOf(project.config)),
    ...(closed === null ? [] : artifactProblems(closed, limits)),
    ...blobs.problems,
    ...(branch === ticketBranch(name) ? await foreignProblems(project, name, state.base, head) : []),
  ];
  if (problems.length > 0) throw refused(name, problems);
  return { head, tree, commit, texts, next: ticket.nextTicket, warnings: blobs.warnings };
}

/** What was closed earlier is published as it was closed. @throws BerthError GATE_REFUSED */
async function requireAsClosed(
  project: Project,
  name: string,
  { base, hub }: TicketState,
  head: Oid,
  files: TicketFiles,
): Promise<void> {
  const known = hub === null ? null : await ticketFilesAt(project, hub, name);
  const problems = [
    ...(known === null ? [] : ticketProblems(known, files, vocabularyOf(project.config))),
    ...(await foreignProblems(project, name, base, head)),
  ];
  if (problems.length > 0) throw refused(name, problems);
}

function refused(name: string, problems: readonly TicketProblem[]): BerthError {
  const isMissing = problems.some(({ found }) => found === "no such file");
  const ignored = isMissing ? "; a file that .gitignore names is taken once it was added with: git add -f" : "";
  const count = problems.length === 1 ? "one thing stands" : `${problems.length} things stand`;
  return new BerthError("GATE_REFUSED", `${name} cannot be closed yet: ${count} in the way.`, {
    hint: `Tick items with: berth ticket tick N; confirm exit criteria with: berth ticket close --confirm N${ignored}`,
    facts: { ticket: name, problems },
  });
}

async function dryPlan(project: Project, place: TicketPlace, branch: string, input: CloseInput): Promise<ClosePlan> {
  const { texts, next } = await judged(project, place, branch, await knownState(project, place.name), input);
  const files = Object.entries(texts).map(([path, text]) => [`${place.folder}/${path}`, text]);
  return { ticket: place.name, files: Object.fromEntries(files) as ClosePlan["files"], next };
}

/**
 * The commit that closes: first the files, then the index, then the branch, so that a run which is killed in between
 * leaves changes that are still to be committed, and never a branch whose files are behind it.
 */
async function closeHere(
  project: Project,
  place: TicketPlace,
  branch: string,
  state: TicketState,
  input: CloseInput,
): Promise<{ commit: Oid; warnings: readonly string[] }> {
  const { head, tree, commit, texts, next, warnings } = await judged(project, place, branch, state, input);
  if (next !== null) await requireFollowing(project, place.name, next);
  await requireInside(place.top, join(place.top, place.folder));
  const seen = await Promise.all(
    Object.entries(texts).map(async ([path, text]) => {
      const [file, shown] = [join(place.top, place.folder, path), `${place.folder}/${path}`];
      return { file, shown, text, was: await readText(file, shown) };
    }),
  );
  // Who writes after this is seen by the stamps.
  const now = await checkoutFiles(project, place.top, place.name);
  if (now.tree !== tree) throw changed(place.name, "its folder changed");
  for (const { file, shown, text, was } of seen)
    if (was.text !== text && !(await replaceText(file, text, was, scratchDir(project))))
      throw changed(place.name, `${shown} changed`);
  const folder = `:(literal)${place.folder}`;
  await run(project.git, ["add", "--all", "--", folder], { dir: place.top });
  const moved = await updateRefs(
    project.git,
    [{ ref: branchRef(branch), old: head, new: commit }],
    `commit: close ${place.name}`,
  );
  if (!moved) throw changed(place.name, `${branch} moved`);
  await reach(project, "ticket.closed", place.name);
  return { commit, warnings };
}

function changed(name: string, what: string): BerthError {
  return new BerthError("FAILED", `${name} was not closed: ${what} meanwhile.`, {
    hint: "Run the same command again.",
    facts: { ticket: name },
  });
}

/** The hub's branch follows, where it has one. */
async function pushClosed(project: Project, name: string, commit: Oid | null): Promise<void> {
  if (commit === null || project.hub.kind === "local") return;
  const { hub } = await knownState(project, name);
  if (hub === null || hub === commit) return;
  await publishTicket(project, name, { what: "close", old: hub, new: commit }).catch(async (error: unknown) => {
    // Somebody pushed in between: what he did is to be merged, and is no other ticket.
    await requireUpToDate(project, name, await fetchTicket(project, name), commit);
    throw error;
  });
}
