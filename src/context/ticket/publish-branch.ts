import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BerthError } from "../../errors.ts";
import { commitsBetween, trailer } from "../../git/history.ts";
import { branchRef, type Oid } from "../../git/names.ts";
import { isAncestor, resolveCommit, updateRefs } from "../../git/refs.ts";
import { findWorktree } from "../../git/worktree.ts";
import { shortHash } from "../../hash.ts";
import { oneLine } from "../../ledger/message.ts";
import { baseRef, type Project, reach, stateDir } from "../../project.ts";
import { withMutex } from "../../store/mutex.ts";
import { branchWorkspace } from "../../workspace/branch-workspace.ts";

/** The branch that a ticket is worked on. */
export function ticketBranch(name: string): string {
  return `phase/${name}`;
}

/** The message of a commit about a ticket. In a session's workspace its subject is as that one's commits are. */
export function ticketMessage(
  about: {
    readonly name: string;
    readonly what: string;
    readonly follows?: string;
    readonly session?: string | undefined;
  },
  agent: string,
): string {
  const lines = [`Berth-Ticket: ${about.name}`, `Berth-Agent: ${oneLine(agent)}`];
  if (about.follows !== undefined) lines.push(`Berth-Follows: ${about.follows}`);
  return `[${about.session ?? about.name}] chore: ${oneLine(about.what)}\n\n${lines.join("\n")}\n`;
}

/** Runs `work` while no other process of this machine is at work on the same ticket. */
export async function withTicket<T>(project: Project, name: string, work: () => Promise<T>): Promise<T> {
  const file = join(stateDir(project), "locks", `ticket-${shortHash(name).slice(0, 2)}.lock`);
  const what = `another command about ${name}`;
  return withMutex(file, { clock: project.clock, waitMs: 600_000, what, signal: project.signal }, work);
}

/** Where a ticket's branch stands, as last fetched. */
export interface BranchState {
  /** On the hub; null where it has none. */
  readonly hub: Oid | null;
  /** In this repository; the same as `hub` where this is the hub. */
  readonly here: Oid | null;
}

/** Where the base and a ticket's branch stand on the hub. */
export interface TicketState extends BranchState {
  readonly base: Oid;
}

/** Fetches the base and a ticket's branch. @throws BerthError NO_BASE, HUB_UNREACHABLE */
export async function fetchTicket(project: Project, name: string): Promise<TicketState> {
  await project.hub.fetch([project.config.base], [ticketBranch(name)]);
  return knownState(project, name);
}

/** As last fetched. @throws BerthError NO_BASE */
export async function knownState(project: Project, name: string): Promise<TicketState> {
  const base = await resolveCommit(project.objects, baseRef(project));
  if (base === null)
    throw new BerthError("NO_BASE", `The base branch ${project.config.base} has no commit on ${project.hub.name}.`, {
      hint: "Make its first commit there, then run the same command again.",
    });
  return { base, ...(await branchState(project, ticketBranch(name))) };
}

async function branchState(project: Project, branch: string): Promise<BranchState> {
  return {
    hub: await resolveCommit(project.objects, project.hub.seen(branch)),
    here: await resolveCommit(project.objects, branchRef(branch)),
  };
}

/**
 * What runs were about to publish, written before: a rerun after a kill knows by it that a commit is its own. There may
 * be several: git may outlive the run that started it, and publish after the next run has looked.
 */
interface Intent {
  readonly agent: string;
  readonly commits: readonly Oid[];
}

/** What a ticket's branch is moved for. */
export type Move = "open" | "take" | "close";

function intentFile(project: Project, name: string, what: Move): string {
  const key = shortHash([name, what, project.caller.name].join("\0"));
  return join(stateDir(project), "intents", "tickets", `${key}.json`);
}

async function intended(project: Project, name: string, what: Move): Promise<readonly Oid[]> {
  const text = await readFile(intentFile(project, name, what), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return text === null ? [] : (JSON.parse(text) as Intent).commits;
}

/** The commit that an earlier run of the caller was publishing, if it arrived. */
export async function arrivedBefore(
  project: Project,
  name: string,
  what: Move,
  { hub }: Pick<BranchState, "hub">,
): Promise<Oid | null> {
  if (hub === null) return null;
  for (const commit of await intended(project, name, what)) {
    const known = await resolveCommit(project.objects, commit);
    if (known !== null && (await isAncestor(project.git, known, hub))) return known;
  }
  return null;
}

/**
 * Moves a ticket's branch on the hub: of any number of agents that do so at once, one wins.
 * @param move.old null: the branch is new
 * @returns the commit that arrived: the new one, or that of an earlier run of the caller which was killed
 * @throws BerthError CLAIM_LOST naming who won, HUB_UNREACHABLE, HUB_REFUSED
 */
export async function publishTicket(
  project: Project,
  name: string,
  move: { readonly what: Move; readonly old: Oid | null; readonly new: Oid },
): Promise<Oid> {
  await noteIntent(project, name, move.what, move.new);
  const arrived = await publish(project, name, move);
  await reach(project, "ticket.published", name);
  return arrived;
}

/** Notes a commit that is about to be published for a ticket: `arrivedBefore` knows it again. */
export async function noteIntent(project: Project, name: string, what: Move, commit: Oid): Promise<void> {
  const file = intentFile(project, name, what);
  await mkdir(dirname(file), { recursive: true });
  const intent: Intent = { agent: project.caller.name, commits: [...(await intended(project, name, what)), commit] };
  await writeFile(`${file}.${process.pid}`, JSON.stringify(intent), { flush: true });
  await rename(`${file}.${process.pid}`, file);
  await reach(project, "ticket.intended", name);
}

async function publish(
  project: Project,
  name: string,
  { what, ...move }: { readonly what: Move; readonly old: Oid | null; readonly new: Oid },
): Promise<Oid> {
  const branch = ticketBranch(name);
  const answer = await project.hub.publish([{ ref: branchRef(branch), ...move }]);
  if (answer.accepted) return move.new;
  await project.hub.fetch([project.config.base], [branch]);
  const { hub } = await branchState(project, branch);
  const arrived = await arrivedBefore(project, name, what, { hub });
  if (arrived !== null) return arrived;
  if (hub !== move.old) {
    await rm(intentFile(project, name, what), { force: true });
    throw await lostTo(project, name, hub);
  }
  throw new BerthError(
    answer.cut ? "HUB_UNREACHABLE" : "HUB_REFUSED",
    `The hub did not take ${branch}: ${answer.said}.`,
    { hint: "Run the same command again; see what is wrong with: berth doctor", facts: { branch, said: answer.said } },
  );
}

/** The refusal for who came too late: who has the ticket, and since when. */
export async function lostTo(project: Project, name: string, tip: Oid | null): Promise<BerthError> {
  const base = await resolveCommit(project.objects, baseRef(project));
  const own = tip === null ? [] : await commitsBetween(project.git, base === null ? [] : [base], tip);
  const last = own.findLast(({ body }) => trailer(body, "Berth-Ticket").includes(name)) ?? own.at(-1);
  const winner =
    last === undefined ? null : { agent: last.author.name, at: new Date(last.seconds * 1000).toISOString() };
  const by = winner === null ? "" : ` by ${winner.agent} at ${winner.at.slice(0, 19)}Z`;
  return new BerthError("CLAIM_LOST", `${name} has a branch already: ${ticketBranch(name)}, last moved${by}.`, {
    hint: `See it with: git log ${project.hub.seen(ticketBranch(name))}. A phase that starts anew gets a new issue.`,
    facts: { ticket: name, branch: ticketBranch(name), winner },
  });
}

/** The workspace of a ticket whose branch was published, with the local branch it needs; ends the intent. */
export async function openTicketWorkspace(
  project: Project,
  name: string,
  commit: Oid,
): Promise<{ readonly path: string; readonly branch: string; readonly warnings: readonly string[] }> {
  const branch = ticketBranch(name);
  const ref = branchRef(branch);
  const here = await resolveCommit(project.objects, ref);
  // A branch that is checked out stays where its files are.
  const free = (await findWorktree(project.git, project.repository.commonDir, ref)) === undefined;
  if (free && (here === null || (here !== commit && (await isAncestor(project.git, here, commit)))))
    await updateRefs(project.git, [{ ref, old: here, new: commit }], `berth: open ${name}`);
  await reach(project, "workspace.branched", branch);
  const start = (await resolveCommit(project.objects, ref)) ?? commit;
  const { path, warnings } = await branchWorkspace(project, { name, branch, start });
  const behind = (await isAncestor(project.git, commit, start))
    ? []
    : [`${path} is a checkout of ${branch} from before: bring it forward with: git merge --ff-only ${commit}`];
  return { path, branch, warnings: [...warnings, ...behind] };
}

/** Says that all of it is done. */
export async function endIntent(project: Project, name: string, what: Move): Promise<void> {
  await reach(project, "ticket.done", name);
  await rm(intentFile(project, name, what), { force: true });
}
