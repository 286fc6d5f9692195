import { BerthError } from "../errors.ts";
import type { Oid } from "../git/names.ts";
import { isAncestor, resolveCommit } from "../git/refs.ts";
import type { ClaimRecord } from "../ledger/claim-record.ts";
import { tokenHash } from "../ledger/token.ts";
import { notPossible } from "../ledger/layout.ts";
import { fetchHub, withTurn } from "../ledger/publish.ts";
import { sessionId } from "../ledger/session-id.ts";
import { type Folder, type LedgerTip, readClaim, readTip, requireFolder } from "../ledger/tip.ts";
import { baseRef, type Project } from "../project.ts";
import { sessionHere, workspaceFor } from "../workspace/find.ts";
import { claimOnlyDir, type Marker, type Workspace } from "../workspace/marker.ts";

/** A claim on this machine with the proof that it is ours. Whether it still holds is asked of each tip anew. */
export interface Holding {
  readonly id: string;
  readonly workspace: Workspace;
  /** The claim has ended by this very verb, and its workspace is gone: what is left is to say so again. */
  readonly ended?: true;
}

/** A claim that holds at one tip of the ledger. */
export interface Held {
  readonly at: Folder;
  readonly record: ClaimRecord;
}

/**
 * Finds the claim a verb works on: of the workspace the caller stands in, or of the named session.
 * @throws BerthError USAGE, NOT_HOLDER; WRONG_STATE for a session that nobody holds, NOT_FOUND for none at all
 */
export async function findHolding(project: Project, id: string | undefined, verb: string): Promise<Holding> {
  const session = sessionId(await sessionHere(project, id));
  try {
    return { id: session, workspace: await workspaceFor(project, session) };
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== "NOT_HOLDER") throw error;
    await withTurn(project, () => fetchHub(project));
    const at = await requireFolder(project, await readTip(project), session);
    const ended = await endedHolding(project, at, verb);
    if (ended) return ended;
    throw at.state === "active" ? error : notPossible(session, at.state, verb);
  }
}

const ENDS: Readonly<Record<string, string>> = { complete: "completed", abandon: "abandoned", release: "released" };

/** The caller's own claim, ended by the same verb before: a run that was killed late is told that it had succeeded. */
async function endedHolding(project: Project, at: Folder, verb: string): Promise<Holding | null> {
  const record = at.state === "active" ? null : await readClaim(project, at);
  if (!record?.ended || record.ended.how !== ENDS[verb] || record.agent !== project.caller.name) return null;
  const { session, epoch, agent, email, branch, claimedAt } = record;
  const parent = project.repository.mainTop ?? project.repository.commonDir;
  const proof = { version: 1, token: "", kind: "none", parent, port: null, createdAt: claimedAt } as const;
  const marker: Marker = { ...proof, session, epoch, agent, email, branch };
  return { id: at.id, workspace: { marker, dir: null, gitDir: claimOnlyDir(project, agent, at.id) }, ended: true };
}

/**
 * The claim at a tip, when it is still this holder's at this epoch. Called on every tip that a change is built on: the
 * push then carries the check, because it succeeds on that tip only.
 * @throws BerthError STALE_EPOCH saying who holds it now and where unsaved work is
 */
export async function requireHeld(project: Project, tip: LedgerTip, holding: Holding): Promise<Held> {
  const { marker } = holding.workspace;
  const at = await requireFolder(project, tip, holding.id);
  const record = await readClaim(project, at);
  const live = at.state === "active" && record !== null;
  if (live && record.epoch === marker.epoch && record.token === tokenHash(marker.token)) {
    return { at, record: await settleAnnounced(project, record) };
  }
  throw ended(holding, at, live ? record : null);
}

/**
 * As {@link requireHeld} of a hook, which hears of nothing but what this machine has fetched: only who was replaced is
 * refused. The workspace of a claim that has ended otherwise may still be worked in.
 * @throws BerthError STALE_EPOCH
 */
export async function requireNotReplaced(project: Project, tip: LedgerTip, holding: Holding): Promise<void> {
  const { marker } = holding.workspace;
  const at = await requireFolder(project, tip, holding.id);
  const record = at.state === "active" ? await readClaim(project, at) : null;
  if (record !== null && record.epoch > marker.epoch) throw ended(holding, at, record);
}

/** The refusal of a holder whose claim is not any more: who has it now, since when, and where his own work is. */
function ended({ id, workspace }: Holding, at: Folder, live: ClaimRecord | null): BerthError {
  const { marker, dir } = workspace;
  const taken = live?.takenFrom?.epoch === marker.epoch ? live.takenFrom : null;
  const how = taken === null ? "claimed" : "taken over";
  const now = live ? `${live.agent} holds it at epoch ${live.epoch}, ${how} at ${live.claimedAt}` : `it is ${at.state}`;
  const snapshot = taken?.snapshot ?? null;
  const others = live && taken === null ? ` Snapshots that were taken of it: berth checkpoint list ${id}.` : "";
  const saved = snapshot === null ? others : ` What was not committed is in ${snapshot} as well.`;
  return new BerthError("STALE_EPOCH", `The claim on ${id} at epoch ${marker.epoch} has ended: ${now}.`, {
    hint: `What you have not published is untouched in ${dir ?? "this claim"}, on ${marker.branch} and its files.${saved} Keep it there, or take it to a new session: berth draft TITLE`,
    facts: {
      session: id,
      epoch: marker.epoch,
      state: at.state,
      ...(live ? { winner: { agent: live.agent, epoch: live.epoch, at: live.claimedAt } } : {}),
      workspace: dir,
      snapshot,
    },
  });
}

/**
 * An announced landing that reached the base branch before its run ended counts as landed (INV-5): the record as it
 * really is. The holder's next change writes it down.
 */
async function settleAnnounced(project: Project, record: ClaimRecord): Promise<ClaimRecord> {
  const { landing } = record;
  const base = landing && (await resolveCommit(project.objects, baseRef(project)));
  if (!landing || !base || !(await isAncestor(project.git, landing.commit, base))) return record;
  return { ...record, landing: null, tip: landing.tip, landed: [...record.landed, landing] };
}

/**
 * The commit that stands for all of a session's work: the branch's tip, or, where that lags behind (another holder went
 * on elsewhere), what the ledger names.
 * @throws BerthError WOULD_LOSE_WORK when each of the two holds something that the other lacks
 */
export async function wholeTip(project: Project, record: ClaimRecord, own: Oid): Promise<Oid> {
  const { session, tip, landed } = record;
  if (tip === null || tip === own || landed.some((landing) => landing.tip === tip)) return own;
  if (await isAncestor(project.git, tip, own)) return own;
  if (await isAncestor(project.git, own, tip)) return tip;
  const merge = `git merge -m "[${session}] chore: take earlier work in"`;
  throw new BerthError(
    "WOULD_LOSE_WORK",
    `The branch of ${session} lacks ${tip.slice(0, 10)}, the work of an earlier holder.`,
    {
      hint: `In the workspace: ${merge} ${tip}, or, to leave it out on purpose: ${merge} -s ours ${tip}`,
      facts: { session, tip: own, missing: tip },
    },
  );
}
