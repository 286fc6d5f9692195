import { isoSeconds } from "../../clock.ts";
import { appendToSection, criteria, tick } from "../../document/checklist.ts";
import { BerthError } from "../../errors.ts";
import { patchOf } from "../../git/diff.ts";
import type { Oid } from "../../git/names.ts";
import { resolveCommit } from "../../git/refs.ts";
import type { TreeEntry } from "../../git/tree.ts";
import type { LedgerChange } from "../../ledger/change.ts";
import { type ClaimRecord, writeClaim } from "../../ledger/claim-record.ts";
import { tokenHash } from "../../ledger/token.ts";
import { FILE, folder, isKnowledgeSession, requireTransition, SESSION_DIR, STATES } from "../../ledger/layout.ts";
import { showLedger } from "../../ledger/linked-worktree.ts";
import { message } from "../../ledger/message.ts";
import { fetchHub, withTurn } from "../../ledger/publish.ts";
import { readRow, rowsOf, type SessionRow } from "../../ledger/rows.ts";
import { findFolder, type LedgerTip, readClaim, readFileAt, readTip, requireFolder } from "../../ledger/tip.ts";
import { baseRef, type Project, reach } from "../../project.ts";
import type { WorkspaceTip } from "../../workspace/find.ts";
import { cleanTip } from "../land/clean.ts";
import { endWorkspace } from "./end-workspace.ts";
import { findHolding, type Held, type Holding, requireHeld, wholeTip } from "../holding.ts";
import { knowledgeSession } from "./knowledge-session.ts";
import { contextEdit } from "../context/context-edit.ts";
import { type LandInput, landPlan, sessionFolder } from "../land/land.ts";
import { heldToLand, landTip } from "../land/landing.ts";
import { noteConflict } from "../land/note-conflict.ts";
import { takeLandingIn } from "../land/return.ts";
import type { Squash } from "../land/squash.ts";
import { verifications } from "../land/verify.ts";
import { leftOpen } from "../ticket/left-open.ts";

export interface CompleteInput extends LandInput {
  readonly commit?: boolean;
  /** Acceptance criteria to tick, from 1, or all. */
  readonly tick?: readonly (number | "all")[];
  /** Final notes for SESSION.md. */
  readonly notes?: string | undefined;
  readonly keepWorkspace?: boolean;
}

export interface CompleteResult {
  readonly session: SessionRow;
  readonly landed: { readonly commit: Oid; readonly base: string } | null;
  /** The patch's path in the ledger. */
  readonly patch: string;
  readonly kbSession: string | null;
  readonly workspaceRemoved: boolean;
  /** Why the workspace stays, and where. */
  readonly kept: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Lands the work and ends the session, as one publication: squash on the base branch, final patch, folder to completed,
 * lock line out, knowledge session in. Then, repeatably, the session branch and the workspace go, where nothing in them
 * would be lost. [ASP-13]
 * @throws BerthError DIRTY, STALE_EPOCH, MERGE_CONFLICT, GATE_REFUSED, VERIFY_FAILED, HUB_REFUSED
 */
export async function complete(
  project: Project,
  input: CompleteInput,
): Promise<CompleteResult | { plan: Record<string, unknown> }> {
  const holding = await findHolding(project, input.id, "complete");
  await withTurn(project, () => fetchHub(project, [holding.workspace.marker.branch]));
  const done = await completedBefore(project, holding);
  if (done) return finish(project, holding, input, done.landed, done.kbSession);
  const held = await (input.dryRun
    ? requireHeld(project, await readTip(project), holding)
    : heldToLand(project, holding));
  const subject = input.message
    ? `[${holding.id}] ${/^[a-z]+(\([^()]+\))?!?: /.test(input.message) ? "" : "feat: "}${input.message.split("\n")[0]}`
    : undefined;
  const clean = await cleanTip(project, holding, {
    commit: (input.commit ?? false) && !input.dryRun,
    dryRun: input.dryRun ?? false,
    ...(input.commit && input.dryRun ? { ignore: true } : {}),
    ...(subject ? { subject } : {}),
  });
  const row = await readRow(project, held.at);
  const tip = await tipOf(project, holding, held, clean, input.dryRun ?? false);
  await finalPlan(project, tip, held.at.tree, holding.id, input);
  if (input.dryRun)
    return {
      plan: {
        ...(await landPlan(project, holding, held, tip, row, input)),
        moves: [{ from: folder("active", holding.id), to: folder("completed", holding.id) }],
      },
    };
  let kbSession: string | null = null;
  const landed = await noteConflict(project, holding, () =>
    landTip(project, {
      holding,
      tip,
      title: row.title,
      message: input.message,
      verify: verifications(project, input.verify),
      change: async (at, now, record, squash) => {
        const knowledge = await knowledgeSession(project, at, holding.id, squash.tree);
        kbSession = knowledge?.id ?? null;
        const change = await completionChange(project, now.at.tree, holding.id, record, tip, squash, input);
        return { ...change, files: { ...change.files, ...knowledge?.files } };
      },
    }),
  );
  await reach(project, "complete.published", holding.id);
  return finish(project, holding, input, landed.squash.commit ?? held.record.landed.at(-1)?.commit ?? null, kbSession);
}

async function tipOf(
  project: Project,
  holding: Holding,
  held: Held,
  clean: WorkspaceTip | null,
  dryRun: boolean,
): Promise<Oid> {
  if (!clean) return wholeTip(project, held.record, await tipWithoutWorkspace(project, held.record));
  if (dryRun) return wholeTip(project, held.record, clean.commit);
  const { commit } = await takeLandingIn(project, holding.id, held, holding.workspace, clean);
  return wholeTip(project, held.record, commit);
}

/** A claim without a workspace may have its work on the session branch; else there is nothing to land. */
async function tipWithoutWorkspace(project: Project, record: ClaimRecord): Promise<Oid> {
  const own = await resolveCommit(project.objects, `refs/heads/${record.branch}`);
  const pushed = await resolveCommit(project.objects, project.hub.seen(record.branch));
  const base = await resolveCommit(project.objects, baseRef(project));
  const tip = own ?? pushed ?? record.tip ?? base;
  if (!tip)
    throw new BerthError("NO_BASE", `The base branch ${project.config.base} does not exist on ${project.hub.name}.`);
  return tip;
}

/** SESSION.md as it will be in completed/: ticked, with final notes. The one edit after the claim. [ASP-09] */
async function finalPlan(project: Project, tip: Oid, frozen: Oid, id: string, input: CompleteInput): Promise<string> {
  let text =
    (await readFileAt(project, tip, `${SESSION_DIR}/${FILE.plan}`)) ??
    (await readFileAt(project, frozen, FILE.plan)) ??
    "";
  const ticks = input.tick ?? [];
  if (ticks.includes("all")) text = criteria(text).length > 0 ? tick(text, "all") : text;
  else if (ticks.length > 0)
    text = tick(
      text,
      ticks.filter((n) => n !== "all"),
    );
  if (input.notes) text = appendToSection(text, "Notes", `\n${input.notes.trim()}\n`);
  if (text === "") throw new BerthError("UNREADABLE", `${FILE.plan} of ${id} cannot be read.`);
  return text;
}

async function completionChange(
  project: Project,
  active: Oid,
  id: string,
  record: ClaimRecord,
  tip: Oid,
  squash: Squash,
  input: CompleteInput,
): Promise<LedgerChange> {
  requireTransition(id, "active", "complete");
  const to = folder("completed", id);
  const commits = record.landed.map((l) => l.commit);
  const patch = await patchOf(
    project.git,
    squash.commit && !commits.includes(squash.commit) ? [...commits, squash.commit] : commits,
  );
  const ended = { how: "completed", at: isoSeconds(project.clock.now()), reason: input.message ?? "" } as const;
  return {
    message: message(`[${id}] Complete session`, { session: id, agent: record.agent, epoch: record.epoch }),
    moves: [{ from: folder("active", id), to }],
    files: {
      ...(await sessionFolder(project, tip, to)),
      ...(await finalContext(project, record, tip, squash, to)),
      [`${to}/${FILE.plan}`]: await finalPlan(project, tip, active, id, input),
      [`${to}/${id}.patch`]: patch,
      [`${to}/${FILE.claim}`]: writeClaim({ ...record, ended }),
    },
    lock: { remove: id },
    keeps: [],
  };
}

/** The context as it will be in completed/: done. In the workspace it says so only once that is true. [CTX-14] */
async function finalContext(
  project: Project,
  record: ClaimRecord,
  tip: Oid,
  squash: Squash,
  to: string,
): Promise<Record<string, TreeEntry>> {
  const at = project.clock.now();
  const step = { commit: tip, tree: tip, at, against: squash.base };
  const edits = await contextEdit(project, record, step, { status: "done" });
  const own = edits.get(`${SESSION_DIR}/${FILE.context}`);
  return own ? { [`${to}/${FILE.context}`]: own } : {};
}

/** This holder's own completion, published by a run that was killed after it. */
async function completedBefore(
  project: Project,
  holding: Holding,
): Promise<{ landed: Oid | null; kbSession: string | null } | null> {
  const tip: LedgerTip = await readTip(project);
  const at = await findFolder(project, tip, holding.id);
  if (at?.state !== "completed") return null;
  const record = await readClaim(project, at);
  if (!record || !(holding.ended || record.token === tokenHash(holding.workspace.marker.token))) return null;
  return { landed: record.landed.at(-1)?.commit ?? null, kbSession: await plannedFrom(project, tip, holding.id) };
}

/** The knowledge session that a completion has planned. */
async function plannedFrom(project: Project, tip: LedgerTip, id: string): Promise<string | null> {
  for (const state of STATES) {
    const row = (await rowsOf(project, tip, state)).find((r) => r.parent === id && isKnowledgeSession(r.id));
    if (row) return row.id;
  }
  return null;
}

async function finish(
  project: Project,
  holding: Holding,
  input: CompleteInput,
  commit: Oid | null,
  kbSession: string | null,
): Promise<CompleteResult> {
  const tip = await readTip(project);
  const at = await requireFolder(project, tip, holding.id);
  const ended = await endWorkspace(project, holding, tip.commit, {
    keep: input.keepWorkspace ?? false,
    deleteBranch: true,
  });
  const warnings = [...ended.warnings, ...(await showLedger(project)), ...(await leftOpen(project, at))];
  await reach(project, "end.done", holding.id);
  return {
    session: await readRow(project, at),
    landed: commit ? { commit, base: project.config.base } : null,
    patch: folder("completed", holding.id, `${holding.id}.patch`),
    kbSession,
    workspaceRemoved: ended.removed || holding.ended === true,
    kept: ended.kept,
    warnings,
  };
}
