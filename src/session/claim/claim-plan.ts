import { isoSeconds, unixSeconds } from "../../clock.ts";
import { BerthError } from "../../errors.ts";
import { type CommitRecord, commitsBetween, wasMadeHere } from "../../git/history.ts";
import type { Oid } from "../../git/names.ts";
import { resolveCommit } from "../../git/refs.ts";
import type { LedgerChange } from "../../ledger/change.ts";
import { type ClaimRecord, writeClaim } from "../../ledger/claim-record.ts";
import { tokenHash } from "../../ledger/token.ts";
import { FILE, folder, isKnowledgeSession, LOCK_FILE, requireTransition, SESSION_DIR } from "../../ledger/layout.ts";
import { message } from "../../ledger/message.ts";
import {
  type Folder,
  findFolder,
  type LedgerTip,
  readClaim,
  readLock,
  requireFolder,
  tipAt,
} from "../../ledger/tip.ts";
import { baseRef, type Project } from "../../project.ts";
import { workspacesOf } from "../../workspace/marker.ts";
import { noBase } from "../no-base.ts";
import { isLink } from "../../ledger/rows.ts";
import { sessionEnvText } from "../session-env.ts";
import { openingContext } from "../context/opening-context.ts";
import { branchFor } from "../session-branch.ts";
import { startingFiles } from "../starting-files.ts";

/** A claim decided on one tip of the ledger, as plain data. */
export interface ClaimPlan {
  readonly record: ClaimRecord;
  readonly change: LedgerChange;
  readonly warnings: readonly string[];
}

/**
 * Decides a claim on the given tip.
 * @throws BerthError CLAIM_LOST with the winner, WRONG_STATE, GATE_REFUSED for unmet dependencies, NOT_FOUND, NO_BASE
 */
export async function planClaim(
  project: Project,
  tip: LedgerTip,
  id: string,
  token: string,
  depends: readonly string[],
): Promise<ClaimPlan> {
  const at = await requireFolder(project, tip, id);
  await requirePlainFiles(project, at);
  const earlier = await readClaim(project, at);
  const byHand = await claimedByHand(project, tip, at, earlier);
  if (at.state === "active" && !byHand) throw lost(id, earlier, { own: await ownPlace(project, id, earlier) });
  if (byHand && !(await isMaker(project, byHand))) throw lost(id, null, { byHand });
  if (at.state !== "active") requireTransition(id, at.state, "claim");
  await requireDependencies(project, tip, id, depends);
  const base = await resolveCommit(project.objects, baseRef(project));
  if (!base) throw noBase(project);
  await requireNoSessionFolder(project, base);
  const plan = await project.objects.stat(`${at.tree}:${FILE.plan}`);
  const { branch, warnings } = await branchFor(project, at, earlier, base);
  const { name, email, host } = project.caller;
  const holders = [...(earlier?.holders ?? []).filter((h) => h.name !== name || h.email !== email), { name, email }];
  const record: ClaimRecord = {
    session: id,
    epoch: (earlier?.epoch ?? 0) + 1,
    agent: name,
    email,
    host,
    claimedAt: isoSeconds(project.clock.now()),
    token: tokenHash(token),
    branch,
    base,
    plan: earlier?.plan ?? plan?.oid ?? null,
    tip: earlier?.tip ?? null,
    landed: earlier?.landed ?? [],
    landing: earlier?.landing ?? null,
    holders,
    takenFrom: null,
    ended: null,
  };
  return {
    record,
    change: await claimChange(project, tip, at, record),
    warnings: [...warnings, ...(byHand ? [`The claim made by hand in ${byHand.commit} is yours now.`] : [])],
  };
}

/** What the base branch has there would be hidden by the workspace's own, and in the way of every landing. */
async function requireNoSessionFolder(project: Project, base: Oid): Promise<void> {
  if (!(await project.objects.stat(`${base}:${SESSION_DIR}`))) return;
  const { base: branch } = project.config;
  throw new BerthError(
    "GATE_REFUSED",
    `The base branch ${branch} holds ${SESSION_DIR}/, which belongs to workspaces alone.`,
    {
      hint: `Remove it on ${branch}: git rm -r ${SESSION_DIR}, commit, and push`,
      facts: { base, path: SESSION_DIR },
    },
  );
}

/** A workspace takes the folder's files over: a link among those that Berth writes would lead its hand elsewhere. */
async function requirePlainFiles(project: Project, at: Folder): Promise<void> {
  for (const name of Object.values(FILE)) {
    if (!(await isLink(project.objects, at.tree, name))) continue;
    throw new BerthError("INVALID", `${folder(at.state, at.id, name)} is a link.`, {
      hint: `Replace it with a file in ${project.config.ledger.path}, and commit that there.`,
      facts: { session: at.id, file: name },
    });
  }
}

async function claimChange(project: Project, tip: LedgerTip, at: Folder, record: ClaimRecord): Promise<LedgerChange> {
  const { session: id } = record;
  const files: Record<string, string> = { [folder("active", id, FILE.claim)]: writeClaim(record) };
  files[folder("active", id, FILE.environment)] = await sessionEnvText(project, tip, record, null);
  const context = await openingContext(project, at, record);
  const starting = { ...startingFiles(record, isKnowledgeSession(id)), ...(context && { [FILE.context]: context }) };
  for (const [name, text] of Object.entries(starting)) {
    if (!(await project.objects.stat(`${at.tree}:${name}`))) files[folder("active", id, name)] = text;
  }
  return {
    message: message(`[${id}] Claim session`, { session: id, agent: record.agent, epoch: record.epoch }),
    moves: at.state === "active" ? [] : [{ from: folder(at.state, id), to: folder("active", id) }],
    files,
    lock: { add: { id, seconds: unixSeconds(project.clock.now()) } },
    keeps: [],
  };
}

interface HandMade {
  readonly commit: string;
  /** The commits that may have been made in somebody's checkout: itself, and what it took up. */
  readonly made: readonly Oid[];
  readonly name: string;
  readonly email: string;
  readonly at: string;
}

/** A lock line or an active folder without a living record: somebody claimed by hand, whom its commit names. [ASP-29] */
async function claimedByHand(
  project: Project,
  tip: LedgerTip,
  at: Folder,
  record: ClaimRecord | null,
): Promise<HandMade | null> {
  const living = record !== null && record.ended === null && at.state === "active";
  if (living) return null;
  const line = (await readLock(project, tip)).find((l) => l.id === at.id);
  if (!line && at.state !== "active") return null;
  const path = at.state === "active" ? folder("active", at.id) : LOCK_FILE;
  const commit = await introducing(project, tip, path, at);
  if (!commit) return { commit: tip.commit.slice(0, 10), made: [], name: "somebody", email: "", at: "" };
  return {
    commit: commit.oid.slice(0, 10),
    made: [commit.oid, ...commit.parents.slice(1)],
    ...commit.author,
    at: isoSeconds(commit.seconds * 1000),
  };
}

/** The oldest of the newest unbroken run of commits in which the claim made by hand stands. */
async function introducing(
  project: Project,
  tip: LedgerTip,
  path: string,
  at: Folder,
): Promise<CommitRecord | undefined> {
  let found: CommitRecord | undefined;
  for (const commit of await commitsBetween(project.git, [], tip.commit, { paths: [path], limit: 20 })) {
    const there =
      path === LOCK_FILE
        ? (await readLock(project, await tipAt(project, commit.oid))).some((l) => l.id === at.id)
        : (await project.objects.stat(`${commit.oid}:${path}`)) !== null;
    if (!there) break;
    found = commit;
  }
  return found;
}

/**
 * By hand one commits as oneself, whatever one's agent is called. A name and an address are no proof, and machines share
 * them: the commit must have been made in a checkout of this very repository.
 */
async function isMaker(project: Project, made: HandMade): Promise<boolean> {
  if (made.email === "" || made.email !== project.caller.email) return false;
  for (const commit of made.made) if (await wasMadeHere(project.repository.commonDir, commit)) return true;
  return false;
}

/** The workspace on this machine that the living claim was made for, if it is of the caller's name. */
async function ownPlace(project: Project, id: string, record: ClaimRecord | null): Promise<string | null> {
  if (record?.agent !== project.caller.name) return null;
  const own = (await workspacesOf(project, id)).find((w) => tokenHash(w.marker.token) === record.token);
  return own?.dir ?? null;
}

function lost(
  id: string,
  record: ClaimRecord | null,
  { byHand, own }: { readonly byHand?: HandMade; readonly own?: string | null },
): BerthError {
  const winner = record
    ? { agent: record.agent, epoch: record.epoch, at: record.claimedAt }
    : { agent: byHand?.name ?? "somebody", epoch: null, at: byHand?.at ?? null };
  const how = byHand ? `by hand in ${byHand.commit}, by` : "by";
  return new BerthError(
    "CLAIM_LOST",
    `${id} is claimed ${how} ${winner.agent}${winner.at ? ` since ${winner.at}` : ""}.`,
    {
      hint: own
        ? `If that is you, go on in its workspace: cd ${own}`
        : byHand
          ? `Take another one: berth claim --next; if nobody works on it: berth recover ${id} --take-over --force`
          : "Take another one: berth claim --next",
      facts: { session: id, winner, ...(own ? { workspace: own } : {}) },
    },
  );
}

async function requireDependencies(
  project: Project,
  tip: LedgerTip,
  id: string,
  depends: readonly string[],
): Promise<void> {
  const unmet: { id: string; state: string }[] = [];
  for (const needed of depends) {
    const state = (await findFolder(project, tip, needed))?.state ?? "unknown";
    if (state !== "completed") unmet.push({ id: needed, state });
  }
  if (unmet.length === 0) return;
  throw new BerthError(
    "GATE_REFUSED",
    `${id} depends on work that is not completed: ${unmet.map((u) => `${u.id} (${u.state})`).join(", ")}.`,
    {
      hint: "Take one whose dependencies are met: berth claim --next",
      facts: { session: id, unmet },
    },
  );
}
