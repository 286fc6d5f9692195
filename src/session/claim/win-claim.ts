import { access } from "node:fs/promises";
import { ticketBranch } from "../../context/ticket/publish-branch.ts";
import { enterSession } from "../../coordination/agent/session.ts";
import { BerthError } from "../../errors.ts";
import { commitsBetween } from "../../git/history.ts";
import { branchRef, type Oid } from "../../git/names.ts";
import { inTheWayOf } from "../../git/name-room.ts";
import { resolveCommit } from "../../git/refs.ts";
import { newToken, tokenHash } from "../../ledger/token.ts";
import { dropIntent, type Intent, readIntents, storeIntent } from "../../ledger/intent.ts";
import { FILE, folder, sessionBranch } from "../../ledger/layout.ts";
import { showLedger } from "../../ledger/linked-worktree.ts";
import { type SessionPlan, parsePlan } from "../../ledger/plan.ts";
import { fetchHub, publish, withTurn } from "../../ledger/publish.ts";
import { readRow, rowsOf, type SessionRow } from "../../ledger/rows.ts";
import {
  findFolder,
  type Folder,
  type LedgerTip,
  readClaim,
  readFileAt,
  readTip,
  requireFolder,
} from "../../ledger/tip.ts";
import { type Project, reach } from "../../project.ts";
import { type Marker, soundWorkspacesOf } from "../../workspace/marker.ts";
import { workspaceHere } from "../../workspace/find.ts";
import { freePort } from "../../workspace/port.ts";
import { type ClaimPlan, planClaim } from "./claim-plan.ts";
import { openingCommit, openWorkspace, type WonClaim } from "./opening.ts";
import { changedByOthers } from "../../conflicts/changed-by-others.ts";
import { overlaps } from "./overlap.ts";
import { knownBranch } from "../session-branch.ts";
import { takeUpEdits, takeUpPlanned } from "../plan/take-up.ts";

/** Which workspace a claim is to have. */
export function kindOf(
  project: Project,
  input: { readonly noWorkspace?: boolean; readonly workspace?: "worktree" | "clone" | undefined },
): Marker["kind"] {
  return input.noWorkspace ? "none" : (input.workspace ?? project.config.workspace.kind);
}

/** Decides the claim of a session on a tip. */
export async function planOf(project: Project, tip: LedgerTip, id: string, token: string): Promise<ClaimPlan> {
  const at = await requireFolder(project, tip, id);
  const text = await readFileAt(project, at.tree, FILE.plan);
  if (text === null) {
    throw new BerthError("INVALID", `${folder(at.state, id)} has no ${FILE.plan}.`, {
      hint: `Add one in ${project.config.ledger.path} and commit it there.`,
    });
  }
  const plan: SessionPlan = parsePlan(text, id, folder(at.state, id, FILE.plan));
  const decided = await planClaim(project, tip, id, token, plan.depends);
  const active = await rowsOf(project, tip, "active");
  return { ...decided, warnings: [...decided.warnings, ...overlaps(plan, active)] };
}

export interface ClaimInput {
  readonly id?: string | undefined;
  /** Take whatever planned session fits best. */
  readonly next?: boolean;
  /** With `next`: how long to watch for one. */
  readonly waitMs?: number | undefined;
  readonly capabilities?: readonly string[];
  readonly workspace?: "worktree" | "clone" | undefined;
  readonly noWorkspace?: boolean;
  readonly dryRun?: boolean;
}

export interface ClaimResult {
  readonly session: SessionRow;
  readonly claim: { readonly epoch: number; readonly holder: string; readonly commit: Oid };
  readonly workspace: { readonly path: string; readonly branch: string; readonly kind: "worktree" | "clone" } | null;
  readonly warnings: readonly string[];
}

/** Claims what `choose` picks on each tip it is shown, and opens the workspace. */
export async function win(
  project: Project,
  order: {
    readonly filed: string;
    readonly choose: (tip: LedgerTip) => Promise<string>;
    readonly kind: Marker["kind"];
  },
): Promise<ClaimResult> {
  await requireRoom(project);
  const token = newToken();
  const port = order.kind === "none" ? null : await freePort(project);
  let plan: ClaimPlan | undefined;
  let begun: Promise<Oid | null> | undefined;
  const next = order.filed === "next";
  const warnings = await (next ? takeUpPlanned(project) : takeUpEdits(project, order.filed));
  const published = await publish(
    project,
    async (tip) => {
      const decided = await planOf(project, tip, await order.choose(tip), token);
      plan = decided;
      return { change: decided.change, ledgerFirst: true, also: (commit) => fencing(project, decided, port, commit) };
    },
    {
      beforePush: async (commit) => {
        const { session, epoch, branch } = (plan as ClaimPlan).record;
        await storeIntent(project, order.filed, {
          session,
          epoch,
          branch,
          token,
          agent: project.caller.name,
          kind: order.kind,
          commit,
        });
        await reach(project, "claim.intended", session);
        begun = order.kind === "none" ? undefined : beginOpening(project, plan as ClaimPlan, port, commit);
      },
      branches: next ? [] : [await knownBranch(project, order.filed)],
    },
  );
  const decided = plan as ClaimPlan;
  await reach(project, "claim.won", `${decided.record.session} at epoch ${decided.record.epoch}`);
  const won: WonClaim = { record: decided.record, token, kind: order.kind, port };
  return finish(project, order.filed, won, published.commit, [...warnings, ...decided.warnings], begun);
}

/**
 * Makes the first commit of a new session's branch while the claim is on its way to the hub: only objects, which nobody
 * sees if it is lost. A later epoch's is made with the claim, or must see what others pushed.
 */
function beginOpening(
  project: Project,
  plan: ClaimPlan,
  port: number | null,
  commit: Oid,
): Promise<Oid | null> | undefined {
  if (plan.record.epoch > 1) return undefined;
  return openingCommit(project, plan.record, port, commit).catch(() => null);
}

/** @throws BerthError FAILED when a branch of this repository leaves no room for those of sessions */
async function requireRoom(project: Project): Promise<void> {
  const kinds = project.config.context.branch === "phase" ? [sessionBranch(""), ticketBranch("")] : [sessionBranch("")];
  const refs = kinds.flatMap((kind) => [branchRef(`${kind}any`), project.hub.seen(`${kind}any`)]);
  for (const ref of new Set(refs)) {
    const blocking = await inTheWayOf(project.objects, ref);
    if (blocking === null) continue;
    const local = blocking.startsWith("refs/heads/");
    const name = blocking.slice(blocking.lastIndexOf("/") + 1);
    throw new BerthError("FAILED", `${blocking} leaves no room for the branches of sessions, ${name}/ID.`, {
      hint: local
        ? `Rename it, and claim again: git branch -m ${name} ${name}-old`
        : "Rename it on the hub; when it is gone there: git fetch --prune, and claim again.",
      facts: { ref: blocking },
    });
  }
}

/** From the second epoch on the hub's session branch moves with the claim, so that an older holder's push cannot fit. */
async function fencing(
  project: Project,
  plan: ClaimPlan,
  port: number | null,
  commit: Oid,
): Promise<{ ref: ReturnType<typeof branchRef>; old: Oid | null; new: Oid }[]> {
  const { record } = plan;
  if (record.epoch === 1 || project.hub.kind === "local" || !project.config.push.session) return [];
  const old = await resolveCommit(project.objects, project.hub.seen(record.branch));
  return [{ ref: branchRef(record.branch), old, new: await openingCommit(project, record, port, commit) }];
}

/** Opens the workspace of a claim that is won, and tells of it. */
export async function finish(
  project: Project,
  filed: string,
  won: WonClaim,
  commit: Oid,
  warnings: readonly string[],
  begun?: Promise<Oid | null>,
): Promise<ClaimResult> {
  const [opening, showing, comparing] = await Promise.allSettled([
    openWorkspace(project, won, begun),
    showLedger(project),
    changedByOthers(project, won.record.session),
  ]);
  if (opening.status === "rejected") throw opening.reason;
  if (showing.status === "rejected") throw showing.reason;
  const [opened, shown] = [opening.value, showing.value];
  const changed = comparing.status === "fulfilled" ? comparing.value : [];
  await reach(project, "claim.done", won.record.session);
  for (const past of await readIntents(project, filed))
    if (past.session === won.record.session) await dropIntent(project, filed, past.token);
  const session = await readRow(project, await activeFolder(project, won.record.session));
  const { dir, marker } = opened.workspace;
  const place = dir ?? project.here.top ?? project.cwd;
  const { agent, epoch } = won.record;
  const met = await enterSession(project, { agent, session: session.id, epoch, place, paths: session.paths });
  return {
    session,
    claim: { epoch, holder: agent, commit },
    workspace: dir === null || marker.kind === "none" ? null : { path: dir, branch: marker.branch, kind: marker.kind },
    warnings: [...warnings, ...changed, ...opened.warnings, ...shown, ...met],
  };
}

async function activeFolder(project: Project, id: string): Promise<Folder> {
  return requireFolder(project, await readTip(project), id);
}

/**
 * The claim that is the caller's already: proved by the workspace he stands in, by a workspace of his whose folder is
 * gone, or by the intent of a run that was killed.
 * @param id null: whatever such an intent names
 * @param kind the workspace that a claim without one is to have now
 */
export async function resume(
  project: Project,
  id: string | null,
  filed: string,
  kind: Marker["kind"] = "none",
): Promise<ClaimResult | null> {
  const proofs = await proofsOf(project, id, await readIntents(project, filed));
  if (proofs.length === 0) return null;
  const branches = [...new Set(proofs.map((proof) => proof.branch ?? sessionBranch(proof.session)))];
  await withTurn(project, () => fetchHub(project, branches));
  const tip = await readTip(project);
  for (const proof of proofs) {
    const at = await findFolder(project, tip, proof.session);
    const record = at && (await readClaim(project, at));
    if (at?.state === "active" && record?.epoch === proof.epoch && record.token === tokenHash(proof.token)) {
      const made = proof.kind === "none" ? kind : proof.kind;
      const port = made === "none" ? null : (proof.port ?? (await freePort(project)));
      const won: WonClaim = { record, token: proof.token, kind: made, port };
      return finish(project, filed, won, await claimCommit(project, tip, at), []);
    }
    // A later claim has been made: this one can no longer arrive.
    if ((record?.epoch ?? 0) >= proof.epoch) await dropIntent(project, filed, proof.token);
  }
  return null;
}

/**
 * Runs `work`, which claims. Where it loses although an earlier run of the caller was killed, it may have lost to that
 * run's own push, which arrived late: then the claim is the caller's after all.
 */
export async function orLate(
  project: Project,
  id: string | null,
  filed: string,
  work: () => Promise<ClaimResult>,
): Promise<ClaimResult> {
  const earlier = await readIntents(project, filed);
  try {
    return await work();
  } catch (error) {
    const lost = error instanceof BerthError && (error.code === "CLAIM_LOST" || error.code === "NOTHING_FITS");
    const own = lost && earlier.length > 0 ? await resume(project, id, filed) : null;
    if (own) return own;
    throw error;
  }
}

type Proof = Pick<Intent, "session" | "epoch" | "token" | "kind" | "branch"> & { readonly port: number | null };

async function proofsOf(project: Project, id: string | null, intents: readonly Intent[]): Promise<Proof[]> {
  const proofs: Proof[] = intents.map((intent) => ({ ...intent, port: null }));
  if (id === null) return proofs;
  const here = await workspaceHere(project);
  if (here?.marker.session === id) proofs.unshift(here.marker);
  // A damaged one proves nothing.
  for (const w of await soundWorkspacesOf(project, id)) {
    const without = w.dir === null || !(await folderExists(w.dir));
    if (w.marker.agent === project.caller.name && without) proofs.push(w.marker);
  }
  return proofs;
}

async function folderExists(dir: string): Promise<boolean> {
  return access(dir).then(
    () => true,
    () => false,
  );
}

/** The ledger commit that made the claim what it is. */
async function claimCommit(project: Project, tip: LedgerTip, at: Folder): Promise<Oid> {
  const [newest] = await commitsBetween(project.git, [], tip.commit, {
    paths: [folder("active", at.id, FILE.claim)],
    limit: 1,
  });
  return newest?.oid ?? tip.commit;
}
