import { BerthError } from "../../errors.ts";
import { type CommitRecord, commitsBetween } from "../../git/history.ts";
import type { Oid } from "../../git/names.ts";
import { isAncestor, resolveCommit } from "../../git/refs.ts";
import { editTree, type TreeEntry } from "../../git/tree.ts";
import { writeBlobs, writeCommit } from "../../git/write.ts";
import type { ClaimRecord } from "../../ledger/claim-record.ts";
import { FILE, SESSION_DIR } from "../../ledger/layout.ts";
import { message } from "../../ledger/message.ts";
import { foldersIn, type LedgerTip, readTip, tipAt } from "../../ledger/tip.ts";
import { type Project, scratchDir } from "../../project.ts";
import { makeWorkspace } from "../../workspace/make.ts";
import { claimOnlyDir, dropMarker, type Marker, type Workspace } from "../../workspace/marker.ts";
import { prepareWorkspace } from "../../workspace/prepare.ts";
import { contextEdit, contextOf } from "../context/context-edit.ts";
import { takenEdit } from "../context/taken-edit.ts";
import { requireHeld } from "../holding.ts";
import { environmentOf, sessionEnvText } from "../session-env.ts";

/** A claim as it stands in the ledger, with the token that proves it. */
export interface WonClaim {
  readonly record: ClaimRecord;
  readonly token: string;
  readonly kind: Marker["kind"];
  /** First port of the workspace's range. */
  readonly port: number | null;
}

/**
 * Makes the workspace of a won claim: the session branch's first commit brings `.session/` in on top of the base tip of
 * the claim, or of the work an earlier claim left. Finishes what a killed run began.
 * @param begun that first commit, where it was begun before the claim was won; null where it could not be made
 */
export async function openWorkspace(
  project: Project,
  won: WonClaim,
  begun?: Promise<Oid | null>,
): Promise<{ workspace: Workspace; warnings: string[] }> {
  const { record } = won;
  const port = won.port;
  const marker: Marker = {
    version: 1,
    session: record.session,
    epoch: record.epoch,
    token: won.token,
    agent: record.agent,
    email: record.email,
    kind: won.kind,
    branch: record.branch,
    parent: project.repository.mainTop ?? project.repository.commonDir,
    port,
    createdAt: record.claimedAt,
  };
  const opening = async (): Promise<Oid> =>
    (await begun) ?? openingCommit(project, record, port, (await readTip(project)).commit);
  const start = won.kind === "none" ? null : await opening();
  // One that slept may have been replaced on this very machine: what the ledger was last seen to say is newer then.
  const stillHeld = async (): Promise<void> => {
    const workspace = { marker, dir: null, gitDir: "" };
    await requireHeld(project, await readTip(project), { id: record.session, workspace });
  };
  const workspace = await makeWorkspace(project, marker, start ?? (record.base as Oid), stillHeld);
  // A claim that was made without a workspace has its proof in the workspace from now on.
  if (won.kind !== "none") await dropMarker(claimOnlyDir(project, record.agent, record.session));
  const warnings = await prepareWorkspace(project, workspace, environmentOf(project, record, workspace.dir, port));
  return { workspace, warnings };
}

/**
 * The commit a session's work starts with. A branch that a killed run opened for this epoch is taken as it is.
 * @param ledger a commit of the ledger in which the claim stands
 */
export async function openingCommit(
  project: Project,
  record: ClaimRecord,
  port: number | null,
  ledger: Oid,
): Promise<Oid> {
  const opened = await openedBefore(project, record);
  if (opened) return opened;
  const parents = await parentsOf(project, record);
  const start = parents[0];
  const tip = await tipAt(project, ledger);
  const own = sessionFiles(project, tip, record, port);
  const tree = (await project.objects.stat(`${start}^{tree}`))?.oid ?? null;
  const made = await withHolder(project, record, start, await editTree(project.git, project.objects, tree, own));
  const text = message(`[${record.session}] chore: open the workspace`, {
    session: record.session,
    agent: record.agent,
    epoch: record.epoch,
  });
  const author = { name: record.agent, email: record.email };
  const seconds = openedAt(record);
  const plan = { tree: made, parents, message: `${text}Berth-Opens: ${record.epoch}\n`, author, seconds };
  return writeCommit(project.git, plan, project.signs);
}

/** The context says who works the session from now on; one that was made for this claim says it already. */
async function withHolder(project: Project, record: ClaimRecord, start: Oid, tree: Oid): Promise<Oid> {
  const { path } = await contextOf(project, tree);
  if (record.epoch === 1 && path.startsWith(`${SESSION_DIR}/`)) return tree;
  const begun = await editTree(project.git, project.objects, tree, await takenEdit(project, record, tree));
  const who = { assistant: record.agent, branch: record.branch, status: "active" };
  const step = { commit: start, tree: begun, at: Date.parse(record.claimedAt), against: start };
  return editTree(project.git, project.objects, begun, await contextEdit(project, record, step, who));
}

/**
 * The branch's tip, here or on the hub, when it has been opened for this epoch: what was done since stays. The commit
 * that opened it bears the claim's own agent and time, which nobody could know before the claim.
 */
async function openedBefore(project: Project, record: ClaimRecord): Promise<Oid | null> {
  for (const ref of [`refs/heads/${record.branch}`, project.hub.seen(record.branch)]) {
    const tip = await resolveCommit(project.objects, ref);
    if (!tip) continue;
    const commits = await commitsBetween(project.git, record.base ? [record.base] : [], tip);
    if (commits.some((c) => opens(c, record))) return tip;
  }
  return null;
}

function opens(commit: CommitRecord, record: ClaimRecord): boolean {
  const { author, body, seconds } = commit;
  if (author.name !== record.agent || seconds !== openedAt(record)) return false;
  return body.split("\n").includes(`Berth-Opens: ${record.epoch}`);
}

function openedAt(record: ClaimRecord): number {
  return Math.floor(Date.parse(record.claimedAt) / 1000);
}

/**
 * Where a claim's work starts: at the base tip, or at the work of earlier claims. What an earlier holder pushed after
 * the ledger was told is part of it; where it went another way it becomes a second parent, so that nothing is lost and
 * the hub's branch can move forward to this claim.
 */
async function parentsOf(project: Project, record: ClaimRecord): Promise<[Oid, ...Oid[]]> {
  const own = record.tip ?? record.base;
  if (!own) throw new BerthError("UNREADABLE", `The claim of ${record.session} names neither a base nor a tip.`);
  const pushed = record.epoch === 1 ? null : await resolveCommit(project.objects, project.hub.seen(record.branch));
  if (!pushed || (await isAncestor(project.git, pushed, own))) return [own];
  return (await isAncestor(project.git, own, pushed)) ? [pushed] : [own, pushed];
}

/** `.session/` as the ledger's folder has it, without the claim record and with this machine's environment. */
async function sessionFiles(
  project: Project,
  tip: LedgerTip,
  record: ClaimRecord,
  port: number | null,
): Promise<Map<string, TreeEntry | null>> {
  const folder = (await foldersIn(project, tip, "active")).get(record.session);
  if (!folder) throw new BerthError("UNREADABLE", `${record.session} is not active in the ledger any more.`);
  const env = await sessionEnvText(project, tip, record, port);
  const [environment] = await writeBlobs(project.git, scratchDir(project), [env]);
  const edits = new Map<string, TreeEntry | null>([[SESSION_DIR, { mode: "040000", oid: folder }]]);
  edits.set(`${SESSION_DIR}/${FILE.claim}`, null);
  if (environment) edits.set(`${SESSION_DIR}/${FILE.environment}`, { mode: "100644", oid: environment });
  return edits;
}
