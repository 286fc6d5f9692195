import { lstat } from "node:fs/promises";
import { isoSeconds } from "../../clock.ts";
import { BerthError } from "../../errors.ts";
import type { Oid } from "../../git/names.ts";
import { resolveCommit } from "../../git/refs.ts";
import type { LedgerChange } from "../../ledger/change.ts";
import { writeClaim } from "../../ledger/claim-record.ts";
import { tokenHash } from "../../ledger/token.ts";
import { FILE, folder, requireTransition } from "../../ledger/layout.ts";
import { showLedger } from "../../ledger/linked-worktree.ts";
import { message } from "../../ledger/message.ts";
import { fetchHub, publish, withTurn } from "../../ledger/publish.ts";
import { readRow, type SessionRow } from "../../ledger/rows.ts";
import { findFolder, type LedgerTip, readClaim, readFileAt, readTip, requireFolder } from "../../ledger/tip.ts";
import { type Project, reach } from "../../project.ts";
import { safeguard, type Safeguard } from "../checkpoint/safeguard.ts";
import { readWorkspaceTip } from "../../workspace/find.ts";
import { endWorkspace } from "./end-workspace.ts";
import { findHolding, type Holding, requireHeld, wholeTip } from "../holding.ts";
import { frozenPlan } from "../land/gates.ts";
import { commitContext } from "../context/commit-context.ts";
import { sessionFolder } from "../land/land.ts";
import { placesAt, withoutPlace } from "../land/place.ts";
import { entry } from "../starting-files.ts";

export interface GiveUpInput {
  readonly id?: string | undefined;
  readonly reason: string;
  readonly dryRun?: boolean;
}

export interface GiveUpResult {
  readonly session: SessionRow;
  /** Commits and references that hold the work. */
  readonly kept: readonly string[];
  readonly workspaceRemoved: boolean;
  readonly warnings: readonly string[];
}

type End = "abandoned" | "planned";

/** What the work stood at when it was given up. */
interface Stand {
  readonly tip: Oid | null;
  readonly snapshot: Safeguard | null;
}

/** Ends a session without landing; every commit and uncommitted file stays reachable. [ASP-16] */
export async function abandon(project: Project, input: GiveUpInput): Promise<GiveUpResult | { plan: LedgerChange }> {
  const id = input.id;
  if (id !== undefined) {
    await withTurn(project, () => fetchHub(project));
    const at = await requireFolder(project, await readTip(project), id);
    if (at.state === "drafting" || at.state === "planned") return abandonUnclaimed(project, id, input);
  }
  return giveUp(project, input, "abandoned");
}

/** Gives a claimed session back to planned; its work so far is where the next claim goes on. */
export async function release(project: Project, input: GiveUpInput): Promise<GiveUpResult | { plan: LedgerChange }> {
  return giveUp(project, input, "planned");
}

async function giveUp(project: Project, input: GiveUpInput, to: End): Promise<GiveUpResult | { plan: LedgerChange }> {
  requireReason(input.reason, to);
  const verb = to === "abandoned" ? "abandon" : "release";
  const holding = await findHolding(project, input.id, verb);
  await withTurn(project, () => fetchHub(project, [holding.workspace.marker.branch]));
  const tip = await readTip(project);
  const before = await endedBefore(project, tip, holding, to);
  if (before) return finish(project, holding, to, before);
  const { record } = await requireHeld(project, tip, holding);
  const found = await standOf(project, holding, !input.dryRun);
  const stand = found.tip ? { ...found, tip: await wholeTip(project, record, found.tip) } : found;
  if (input.dryRun) return { plan: await change(project, tip, holding, input.reason, to, stand) };
  await publish(project, async (now) => ({ change: await change(project, now, holding, input.reason, to, stand) }));
  return finish(project, holding, to, stand);
}

function requireReason(reason: string, to: End): void {
  if (reason.trim() !== "") return;
  throw new BerthError("USAGE", `${to === "abandoned" ? "Abandoning" : "Releasing"} a session needs a reason.`, {
    hint: 'For example: --reason "superseded by the new parser"',
  });
}

async function standOf(project: Project, holding: Holding, snapshot: boolean): Promise<Stand> {
  const { workspace } = holding;
  if (workspace.dir === null)
    return { tip: await resolveCommit(project.objects, `refs/heads/${workspace.marker.branch}`), snapshot: null };
  const at = await readWorkspaceTip(project, workspace).catch((error: unknown) => {
    // A workspace whose folder is gone can still be given up: its commits are on the branch.
    if (error instanceof BerthError && error.facts["branch"] === workspace.marker.branch) return null;
    throw error;
  });
  if (!at) {
    const there = snapshot && (await lstat(workspace.dir).catch(() => null)) !== null;
    return {
      tip: await resolveCommit(project.objects, `refs/heads/${workspace.marker.branch}`),
      snapshot: there ? await safeguard(project, workspace, "before the claim ended") : null,
    };
  }
  if (!snapshot) return { tip: at.commit, snapshot: null };
  const known = await commitContext(project, holding, at);
  return { tip: known.commit, snapshot: await safeguard(project, workspace, "before the claim ended") };
}

async function change(
  project: Project,
  tip: LedgerTip,
  holding: Holding,
  reason: string,
  to: End,
  stand: Stand,
): Promise<LedgerChange> {
  const { id } = holding;
  const { at, record } = await requireHeld(project, tip, holding);
  requireTransition(id, at.state, to === "abandoned" ? "abandon" : "release");
  const now = isoSeconds(project.clock.now());
  const target = folder(to, id);
  const files = stand.tip ? await sessionFolder(project, stand.tip, target) : {};
  // The plan is as it was claimed, whatever was committed past the hooks.
  if (stand.tip && (await frozenPlan(project, { id, held: { at, record }, tip: stand.tip, base: null })).length > 0)
    delete files[`${target}/${FILE.plan}`];
  const worklog =
    (stand.tip && (await readFileAt(project, stand.tip, `.session/${FILE.worklog}`))) ??
    (await readFileAt(project, at.tree, FILE.worklog)) ??
    "";
  const word = to === "abandoned" ? "Abandoned" : "Released";
  const ended = { how: to === "abandoned" ? "abandoned" : "released", at: now, reason: reason.trim() } as const;
  return {
    message: message(
      `[${id}] ${word === "Abandoned" ? "Abandon" : "Release"} session`,
      { session: id, agent: record.agent, epoch: record.epoch },
      reason.trim(),
    ),
    moves: [{ from: folder("active", id), to: target }],
    files: {
      ...files,
      [`${target}/${FILE.worklog}`]: worklog + entry(now, `${word} by ${record.agent}\n\n${reason.trim()}`),
      [`${target}/${FILE.claim}`]: writeClaim({ ...record, tip: stand.tip ?? record.tip, ended }),
      [`${target}/${FILE.environment}`]: null,
      ...withoutPlace(await placesAt(project, tip), id),
    },
    lock: { remove: id },
    keeps: [...(stand.tip ? [stand.tip] : []), ...(stand.snapshot?.shared ? [stand.snapshot.shared] : [])],
  };
}

/** This holder's own end of the claim, published by a run that was killed after it. */
async function endedBefore(project: Project, tip: LedgerTip, holding: Holding, to: End): Promise<Stand | null> {
  const at = await findFolder(project, tip, holding.id);
  if (at?.state !== to) return null;
  const record = await readClaim(project, at);
  if (!record?.ended || !(holding.ended || record.token === tokenHash(holding.workspace.marker.token))) return null;
  return { tip: record.tip, snapshot: null };
}

async function finish(project: Project, holding: Holding, to: End, stand: Stand): Promise<GiveUpResult> {
  const tip = await readTip(project);
  const ended = await endWorkspace(project, holding, tip.commit, { keep: false, deleteBranch: to === "abandoned" });
  const warnings = [...(stand.snapshot?.warnings ?? []), ...ended.warnings, ...(await showLedger(project))];
  await reach(project, "end.done", holding.id);
  const kept: string[] = [];
  if (stand.tip) kept.push(stand.tip);
  if (stand.snapshot) kept.push(stand.snapshot.ref);
  return {
    session: await readRow(project, await requireFolder(project, tip, holding.id)),
    kept: [...kept, ...ended.kept],
    workspaceRemoved: ended.removed || holding.ended === true,
    warnings,
  };
}

async function abandonUnclaimed(
  project: Project,
  id: string,
  input: GiveUpInput,
): Promise<GiveUpResult | { plan: LedgerChange }> {
  requireReason(input.reason, "abandoned");
  const propose = async (tip: LedgerTip): Promise<{ change: LedgerChange }> => {
    const at = await requireFolder(project, tip, id);
    requireTransition(id, at.state, "abandon");
    if (at.state === "active")
      throw new BerthError("CLAIM_LOST", `${id} was claimed meanwhile.`, {
        hint: `See by whom with: berth show ${id}`,
      });
    const worklog = (await readFileAt(project, at.tree, FILE.worklog)) ?? `# Worklog: ${id}\n`;
    const text =
      worklog + entry(isoSeconds(project.clock.now()), `Abandoned by ${project.caller.name}\n\n${input.reason.trim()}`);
    const moved = folder("abandoned", id);
    return {
      change: {
        message: message(`[${id}] Abandon session`, { session: id, agent: project.caller.name }, input.reason.trim()),
        moves: [{ from: folder(at.state, id), to: moved }],
        files: { [`${moved}/${FILE.worklog}`]: text },
        keeps: [],
      },
    };
  };
  if (input.dryRun) return { plan: (await propose(await readTip(project))).change };
  await publish(project, propose);
  const warnings = await showLedger(project);
  return {
    session: await readRow(project, await requireFolder(project, await readTip(project), id)),
    kept: [],
    workspaceRemoved: false,
    warnings,
  };
}
