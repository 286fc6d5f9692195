import { isoSeconds, unixSeconds } from "../../clock.ts";
import { reclaim } from "../../coordination/agent/reclaim.ts";
import { tellTakenOver } from "../../coordination/agent/session.ts";
import { BerthError } from "../../errors.ts";
import { branchRef, type Oid } from "../../git/names.ts";
import { isAncestor, resolveCommit } from "../../git/refs.ts";
import type { LedgerChange } from "../../ledger/change.ts";
import { type ClaimRecord, writeClaim } from "../../ledger/claim-record.ts";
import { storeIntent, withIntent } from "../../ledger/intent.ts";
import { FILE, folder } from "../../ledger/layout.ts";
import { message } from "../../ledger/message.ts";
import { publish } from "../../ledger/publish.ts";
import { type Folder, type LedgerTip, readClaim, readFileAt, readTip, requireFolder } from "../../ledger/tip.ts";
import { newToken, tokenHash } from "../../ledger/token.ts";
import { type Project, reach } from "../../project.ts";
import { freePort } from "../../workspace/port.ts";
import { openingCommit } from "../claim/opening.ts";
import { type ClaimResult, finish, orLate, resume } from "../claim/win-claim.ts";
import { sessionFolder } from "../land/land.ts";
import { fetchSession } from "../session-branch.ts";
import { sessionEnvText } from "../session-env.ts";
import { entry } from "../starting-files.ts";
import { workspaceOfClaim } from "./claim-workspace.ts";
import { goOnWith, handoffDocument } from "./handoff-document.ts";
import { shownDead } from "./holders.ts";
import { type Stand, standOf } from "./stand.ts";

/**
 * Takes a session over from its holder: a snapshot of what its workspace holds, then epoch + 1 in the ledger, then a
 * new workspace on top of the old work, with a handoff. The old holder's next verb is refused and told where its work is.
 * @param input.force a person's explicit word; without it only a holder shown to be dead may be replaced
 * @throws BerthError GATE_REFUSED without the word; WRONG_STATE for a session that is not active; CLAIM_LOST
 */
export async function takeOver(
  project: Project,
  input: { readonly id: string; readonly force: boolean },
): Promise<ClaimResult> {
  const { id } = input;
  return withIntent(project, id, async () => {
    const again = await resume(project, id, id);
    return again ?? orLate(project, id, id, () => replaceHolder(project, id, input.force));
  });
}

/** What a take-over would do. */
export interface TakeOverPlan {
  readonly takeOver: string;
  readonly from: string;
  /** The epoch that the claim would have. */
  readonly epoch: number;
  readonly why: readonly string[];
}

/** Judges a take-over as it would be judged now, and does nothing. @throws BerthError as the take-over itself */
export async function planTakeOver(
  project: Project,
  { id, force }: { readonly id: string; readonly force: boolean },
): Promise<TakeOverPlan> {
  await fetchSession(project, id);
  const { old, evidence } = await requireReplaceable(project, id, force);
  return { takeOver: id, from: old.agent, epoch: old.epoch + 1, why: evidence ?? ["a person's word"] };
}

/** The claim that is to be replaced, and on what ground. */
interface Replaced {
  readonly old: ClaimRecord;
  /** What shows that its holder is dead; null where a person's word replaces it. */
  readonly evidence: readonly string[] | null;
  /** The session branch on the hub when the holder was looked at. */
  readonly pushed: Oid | null;
}

async function replaceHolder(project: Project, id: string, force: boolean): Promise<ClaimResult> {
  const branch = await fetchSession(project, id);
  const replaced = await requireReplaceable(project, id, force);
  const { old } = replaced;
  const { workspace, damage } = await workspaceOfClaim(project, old);
  const stand = await standOf(project, branch, workspace, damage);
  const token = newToken();
  const port = await freePort(project);
  const { kind } = project.config.workspace;
  let record: ClaimRecord | undefined;
  const { commit } = await publish(
    project,
    async (tip) => {
      const at = await requireSame(project, tip, id, replaced);
      const next = nextRecord(project, at.record, token, stand);
      record = next;
      const ref = branchRef(next.branch);
      const before = await resolveCommit(project.objects, project.hub.seen(next.branch));
      const follow = project.hub.kind === "remote" && project.config.push.session;
      const env = await sessionEnvText(project, tip, next, null);
      return {
        change: await takeOverChange(project, at.folder, next, { replaced, stand, env }),
        ledgerFirst: true,
        also: async (made) =>
          follow ? [{ ref, old: before, new: await openingCommit(project, next, port, made) }] : [],
      };
    },
    {
      beforePush: async (made) => {
        const next = record as ClaimRecord;
        const agent = project.caller.name;
        const own = { session: id, branch: next.branch, epoch: next.epoch, token, agent, kind, commit: made };
        await storeIntent(project, id, own);
        await reach(project, "claim.intended", id);
      },
      branches: [branch],
    },
  );
  await reach(project, "claim.won", id);
  const told = await tellOld(project, old, stand);
  return finish(project, id, { record: record as ClaimRecord, token, kind, port }, commit, [...kept(stand), ...told]);
}

/** What a dead one held is free; one that is there after all finds in its inbox what happened. */
async function tellOld(project: Project, { agent, session }: ClaimRecord, { snapshot, dir }: Stand): Promise<string[]> {
  const by = project.caller.name;
  // What a dead one held besides is free as well.
  await reclaim(project, by, new Set([agent])).catch(() => []);
  return tellTakenOver(project, { from: agent, by, session, workspace: dir, snapshot: snapshot?.ref ?? null });
}

function kept({ snapshot, warnings }: Stand): string[] {
  if (snapshot === null) return [...warnings];
  return [
    `Uncommitted work of the old holder is in ${snapshot.ref}. To go on with it, in the new workspace: ${goOnWith(snapshot.ref)}`,
    ...snapshot.warnings,
    ...warnings,
  ];
}

/**
 * @returns the claim that is to be replaced
 * @throws BerthError GATE_REFUSED where its holder is not shown to be dead and nobody gave the word
 */
async function requireReplaceable(project: Project, id: string, force: boolean): Promise<Replaced> {
  const tip = await readTip(project);
  const at = await requireFolder(project, tip, id);
  if (at.state !== "active") {
    throw new BerthError("WRONG_STATE", `${id} is ${at.state}: there is no claim to take over.`, {
      hint: at.state === "planned" ? `Claim it: berth claim ${id}` : `See it with: berth show ${id}`,
      facts: { session: id, state: at.state },
    });
  }
  const old = await readClaim(project, at);
  const pushed = old && (await resolveCommit(project.objects, project.hub.seen(old.branch)));
  const evidence = force ? null : await requireDead(project, tip, id);
  if (old) return { old, evidence, pushed };
  throw new BerthError("WRONG_STATE", `${id} was claimed by hand, and no record says by whom.`, {
    hint: `See it with: berth show ${id}; who made it goes on with: berth claim ${id}`,
    facts: { session: id },
  });
}

async function requireDead(project: Project, tip: LedgerTip, id: string): Promise<readonly string[]> {
  const found = await shownDead(project, tip, id);
  if (found?.dead) return found.holder.evidence;
  throw new BerthError(
    "GATE_REFUSED",
    `${found?.holder.holder ?? "Somebody"} is not shown to be gone from ${id}: ${(found?.holder.evidence ?? []).join("; ")}.`,
    {
      hint: `Ask first. If you know that nobody works on it: berth recover ${id} --take-over --force (its work stays reachable)`,
      facts: { session: id, holder: found?.holder ?? null },
    },
  );
}

/**
 * The claim on the tip that the take-over is built on, as the push carries it. What its holder did since it was looked at
 * is seen there: another epoch, an end, a landing, a push. Who replaces a dead one looks once more, as nothing of a sign
 * of life in the live layer or the workspace is in the ledger; who comes back after that is too late, and is told.
 */
async function requireSame(
  project: Project,
  tip: LedgerTip,
  id: string,
  { old, evidence, pushed }: Replaced,
): Promise<{ folder: Folder; record: ClaimRecord }> {
  const at = await requireFolder(project, tip, id);
  const record = await readClaim(project, at);
  if (at.state !== "active" || !record || record.epoch !== old.epoch || record.token !== old.token)
    throw lost(at, record);
  if (evidence === null) return { folder: at, record };
  const now = await resolveCommit(project.objects, project.hub.seen(old.branch));
  if (now !== pushed || record.landed.length !== old.landed.length)
    throw new BerthError(
      "GATE_REFUSED",
      `${old.agent} is at work on ${id} after all: it published since it was looked at.`,
      {
        hint: `Look again: berth recover ${id}`,
        facts: { session: id, branch: old.branch, commit: now },
      },
    );
  await requireDead(project, tip, id);
  return { folder: at, record };
}

function lost(at: Folder, record: ClaimRecord | null): BerthError {
  const live = at.state === "active" && record !== null;
  const winner = live ? { agent: record.agent, epoch: record.epoch, at: record.claimedAt } : null;
  const now = winner ? `${winner.agent} holds it at epoch ${winner.epoch}` : `it is ${at.state}`;
  return new BerthError("CLAIM_LOST", `${at.id} is no longer held by the one it was to be taken over from: ${now}.`, {
    hint: `See it with: berth show ${at.id}`,
    facts: { session: at.id, ...(winner ? { winner } : {}) },
  });
}

function nextRecord(project: Project, old: ClaimRecord, token: string, { tip, snapshot }: Stand): ClaimRecord {
  const { name, email, host } = project.caller;
  return {
    ...old,
    epoch: old.epoch + 1,
    agent: name,
    email,
    host,
    claimedAt: isoSeconds(project.clock.now()),
    token: tokenHash(token),
    tip: tip ?? old.tip,
    holders: [...old.holders.filter((h) => h.name !== name || h.email !== email), { name, email }],
    takenFrom: { agent: old.agent, epoch: old.epoch, host: old.host, snapshot: snapshot?.ref ?? null },
  };
}

async function takeOverChange(
  project: Project,
  at: Folder,
  record: ClaimRecord,
  { replaced, stand, env }: { readonly replaced: Replaced; readonly stand: Stand; readonly env: string },
): Promise<LedgerChange> {
  const { session: id, agent, epoch, claimedAt } = record;
  const to = folder("active", id);
  const carried = await carriedFiles(project, replaced.old, stand, to);
  const worklog =
    (carried && stand.tip && (await readFileAt(project, stand.tip, `.session/${FILE.worklog}`))) ??
    (await readFileAt(project, at.tree, FILE.worklog)) ??
    `# Worklog: ${id}\n`;
  const handoff = await handoffDocument(project, { ...replaced, record, stand, worklog });
  return {
    message: message(`[${id}] Take session over`, { session: id, agent, epoch }),
    moves: [],
    files: {
      ...carried,
      [`${to}/${FILE.claim}`]: writeClaim(record),
      [`${to}/${FILE.environment}`]: env,
      [`${to}/${FILE.worklog}`]: worklog + entry(claimedAt, `Taken over by ${agent}, epoch ${epoch}`),
      [`${to}/${FILE.handoff}`]: handoff,
    },
    lock: { add: { id, seconds: unixSeconds(project.clock.now()) } },
    keeps: [...(stand.tip ? [stand.tip] : []), ...(stand.snapshot?.shared ? [stand.snapshot.shared] : [])],
  };
}

/**
 * The session's documents as its last holder committed them: what he wrote down is what the next one begins with. The
 * plan stays as it was claimed. Null where the ledger knows of newer ones.
 */
async function carriedFiles(
  project: Project,
  old: ClaimRecord,
  { tip }: Stand,
  to: string,
): Promise<Awaited<ReturnType<typeof sessionFolder>> | null> {
  if (tip === null || (old.tip !== null && !(await isAncestor(project.git, old.tip, tip)))) return null;
  const files = await sessionFolder(project, tip, to);
  delete files[`${to}/${FILE.plan}`];
  return files;
}
