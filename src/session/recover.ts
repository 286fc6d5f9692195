import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { isoSeconds, unixSeconds } from "../clock.ts";
import { reclaim } from "../coordination/agent/reclaim.ts";
import { tellTakenOver } from "../coordination/agent/session.ts";
import { BerthError } from "../errors.ts";
import { branchRef, type Oid } from "../git/names.ts";
import { isAncestor, resolveCommit } from "../git/refs.ts";
import type { LedgerChange } from "../ledger/change.ts";
import { type ClaimRecord, writeClaim } from "../ledger/claim-record.ts";
import { newToken, tokenHash } from "../ledger/token.ts";
import { FILE, folder, SESSION_DIR } from "../ledger/layout.ts";
import { message } from "../ledger/message.ts";
import { publish } from "../ledger/publish.ts";
import { type Folder, readClaim, readFileAt, readTip, requireFolder } from "../ledger/tip.ts";
import { sessionId } from "../ledger/session-id.ts";
import { storeIntent, withIntent } from "../ledger/intent.ts";
import { type Project, reach } from "../project.ts";
import { safeguard, type Safeguard } from "./checkpoint/safeguard.ts";
import { readWorkspaceTip } from "../workspace/find.ts";
import { type Workspace, workspaceOfEpoch } from "../workspace/marker.ts";
import { freePort } from "../workspace/port.ts";
import { type ClaimResult, finish, orLate, resume } from "./claim/win-claim.ts";
import { openingCommit } from "./claim/opening.ts";
import { type HolderState, holders } from "./holders.ts";
import { fetchSession } from "./session-branch.ts";
import { sessionEnvText } from "./session-env.ts";
import { entry } from "./starting-files.ts";

/** Shows which holders are gone, or takes a session over from one. */
export async function recover(
  project: Project,
  input: { readonly id?: string | undefined; readonly takeOver?: boolean; readonly force?: boolean },
): Promise<{ sessions: readonly HolderState[] } | ClaimResult> {
  if (!input.takeOver) return holders(project, input.id);
  if (input.id !== undefined) return takeOver(project, { id: sessionId(input.id), force: input.force ?? false });
  throw new BerthError("USAGE", "Which session is to be taken over?", { hint: "See them with: berth recover" });
}

/**
 * Takes a session over from its holder: a snapshot of what its workspace holds, then epoch + 1 in the ledger, then a
 * new workspace on top of the old work. The old holder's next verb is refused and told where its work is.
 * @param input.force a person's explicit word; without it only a holder shown to be dead may be replaced
 * @throws BerthError GATE_REFUSED without the word; WRONG_STATE for a session that is not active
 */
async function takeOver(
  project: Project,
  input: { readonly id: string; readonly force: boolean },
): Promise<ClaimResult> {
  const { id } = input;
  return withIntent(project, id, async () => {
    const again = await resume(project, id, id);
    return again ?? orLate(project, id, id, () => replaceHolder(project, id, input.force));
  });
}

async function replaceHolder(project: Project, id: string, force: boolean): Promise<ClaimResult> {
  const branch = await fetchSession(project, id);
  const { epoch, holder } = await requireReplaceable(project, id, force);
  const workspace = await workspaceOfEpoch(project, id, epoch);
  const stand = await standOf(project, branch, workspace);
  const token = newToken();
  const port = await freePort(project);
  const { kind } = project.config.workspace;
  let record: ClaimRecord | undefined;
  const { commit } = await publish(
    project,
    async (tip) => {
      const at = await requireFolder(project, tip, id);
      const next = await nextRecord(project, at, token, { epoch, tip: stand.tip });
      record = next;
      const ref = branchRef(next.branch);
      const old = await resolveCommit(project.objects, project.hub.seen(next.branch));
      const follow = project.hub.kind === "remote" && project.config.push.session;
      return {
        change: await takeOverChange(project, at, next, stand, await sessionEnvText(project, tip, next, null)),
        ledgerFirst: true,
        also: async (made) => (follow ? [{ ref, old, new: await openingCommit(project, next, port, made) }] : []),
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
  const by = project.caller.name;
  // What a dead one held besides is free as well.
  if (holder !== null) await reclaim(project, by, new Set([holder])).catch(() => []);
  const told =
    holder === null
      ? []
      : await tellTakenOver(project, { from: holder, by, session: id, workspace: workspace?.dir ?? null });
  const kept =
    stand.snapshot === null
      ? []
      : [
          `Uncommitted work of the old holder is in ${stand.snapshot.ref}. To go on with it, in the new workspace: ${goOnWith(stand.snapshot.ref)}`,
          ...stand.snapshot.warnings,
        ];
  return finish(project, id, { record: record as ClaimRecord, token, kind, port }, commit, [...kept, ...told]);
}

/** All files as they were, deleted ones too; the new workspace keeps a `.session/` of its own. */
function goOnWith(ref: string): string {
  return `git restore --source ${ref} --worktree -- . ':(exclude)${SESSION_DIR}'`;
}

/** @returns the claim that is to be replaced */
async function requireReplaceable(
  project: Project,
  id: string,
  force: boolean,
): Promise<{ epoch: number | null; holder: string | null }> {
  const at = await requireFolder(project, await readTip(project), id);
  if (at.state !== "active") {
    throw new BerthError("WRONG_STATE", `${id} is ${at.state}: there is no claim to take over.`, {
      hint: at.state === "planned" ? `Claim it: berth claim ${id}` : `See it with: berth show ${id}`,
      facts: { session: id, state: at.state },
    });
  }
  if (force) {
    const record = await readClaim(project, at);
    return { epoch: record?.epoch ?? null, holder: record?.agent ?? null };
  }
  const [found] = (await holders(project, id)).sessions;
  const who = found?.holder ?? "Somebody";
  const gone = found?.state === "dead" ? "seems to be gone from" : "is not shown to be gone from";
  throw new BerthError(
    "GATE_REFUSED",
    `${who} ${gone} ${id}, which only a person can decide: ${(found?.evidence ?? []).join("; ")}.`,
    {
      hint: `Ask first. If you know that nobody works on it: berth recover ${id} --take-over --force (its work stays reachable)`,
      facts: { session: id, holder: found ?? null },
    },
  );
}

interface Stand {
  readonly tip: Oid | null;
  readonly snapshot: Safeguard | null;
}

/** The work as far as this machine can see it: the old workspace, or the last tip that was pushed. */
async function standOf(project: Project, branch: string, workspace: Workspace | undefined): Promise<Stand> {
  const pushed = await resolveCommit(project.objects, project.hub.seen(branch));
  const local = await resolveCommit(project.objects, branchRef(branch));
  const known = local && (!pushed || (await isAncestor(project.git, pushed, local))) ? local : pushed;
  // Without git's pointer it is none of ours any more, and git would answer for the repository around it.
  if (!workspace?.dir || !(await lstat(join(workspace.dir, ".git")).catch(() => null)))
    return { tip: known, snapshot: null };
  const at = await readWorkspaceTip(project, workspace).catch((error: unknown) => {
    if (error instanceof BerthError) return null;
    throw error;
  });
  // Also where it is on no branch, as in the middle of a rebase: its files are kept all the same.
  return { tip: at?.commit ?? known, snapshot: await safeguard(project, workspace, "before the take-over") };
}

async function nextRecord(
  project: Project,
  at: Folder,
  token: string,
  from: { readonly epoch: number | null; readonly tip: Oid | null },
): Promise<ClaimRecord> {
  const old = await readClaim(project, at);
  if (at.state !== "active" || !old || old.epoch !== from.epoch) {
    const live = at.state === "active" && old !== null;
    const winner = live ? { agent: old.agent, epoch: old.epoch, at: old.claimedAt } : null;
    const now = winner ? `${winner.agent} holds it at epoch ${winner.epoch}` : `it is ${at.state}`;
    throw new BerthError("CLAIM_LOST", `${at.id} is no longer held by the one it was to be taken over from: ${now}.`, {
      hint: `See it with: berth show ${at.id}`,
      facts: { session: at.id, ...(winner ? { winner } : {}) },
    });
  }
  const { name, email, host } = project.caller;
  return {
    ...old,
    epoch: old.epoch + 1,
    agent: name,
    email,
    host,
    claimedAt: isoSeconds(project.clock.now()),
    token: tokenHash(token),
    tip: from.tip ?? old.tip,
    holders: [...old.holders.filter((h) => h.name !== name || h.email !== email), { name, email }],
  };
}

async function takeOverChange(
  project: Project,
  at: Folder,
  record: ClaimRecord,
  stand: Stand,
  env: string,
): Promise<LedgerChange> {
  const { session: id } = record;
  const worklog = (await readFileAt(project, at.tree, FILE.worklog)) ?? `# Worklog: ${id}\n`;
  return {
    message: message(`[${id}] Take session over`, { session: id, agent: record.agent, epoch: record.epoch }),
    moves: [],
    files: {
      [folder("active", id, FILE.claim)]: writeClaim(record),
      [folder("active", id, FILE.environment)]: env,
      [folder("active", id, FILE.worklog)]:
        worklog + entry(record.claimedAt, `Taken over by ${record.agent}, epoch ${record.epoch}`),
    },
    lock: { add: { id, seconds: unixSeconds(project.clock.now()) } },
    keeps: [...(stand.tip ? [stand.tip] : []), ...(stand.snapshot?.shared ? [stand.snapshot.shared] : [])],
  };
}
