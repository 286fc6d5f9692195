import type { Oid } from "../../git/names.ts";
import { FILE, folder, SESSION_DIR } from "../../ledger/layout.ts";
import { type ClaimRecord, writeClaim } from "../../ledger/claim-record.ts";
import type { LedgerChange } from "../../ledger/change.ts";
import { showLedger } from "../../ledger/linked-worktree.ts";
import { message } from "../../ledger/message.ts";
import { fetchHub, withTurn } from "../../ledger/publish.ts";
import { readRow, type SessionRow } from "../../ledger/rows.ts";
import { readTip, requireFolder } from "../../ledger/tip.ts";
import type { Content } from "../../ledger/change.ts";
import { readTree } from "../../git/tree.ts";
import type { Project } from "../../project.ts";
import { readWorkspaceTip } from "../../workspace/find.ts";
import { BerthError, isBerthError, messageOf } from "../../errors.ts";
import { cleanTip } from "./clean.ts";
import { findHolding, type Holding, requireHeld, wholeTip } from "../holding.ts";
import { noteConflict } from "./note-conflict.ts";
import { heldToLand, landTip } from "./landing.ts";
import { pushSession } from "./push-session.ts";
import { takeLandingIn } from "./return.ts";
import { makeSquash, type Squash } from "./squash.ts";
import { verifications } from "./verify.ts";

export interface LandResult {
  readonly session: SessionRow;
  /** Null when the base branch holds all of the work already. */
  readonly landed: { readonly commit: Oid; readonly base: string } | null;
  readonly warnings: readonly string[];
}

export interface LandInput {
  readonly id?: string | undefined;
  readonly message?: string | undefined;
  readonly verify?: string | undefined;
  readonly dryRun?: boolean;
}

/**
 * Publishes the work so far on the base branch; the session goes on. [ASP-17]
 * @throws BerthError DIRTY, STALE_EPOCH, MERGE_CONFLICT, GATE_REFUSED, VERIFY_FAILED, HUB_REFUSED
 */
export async function land(
  project: Project,
  input: LandInput,
): Promise<LandResult | { plan: Record<string, unknown> }> {
  const holding = await findHolding(project, input.id, "land");
  await withTurn(project, () => fetchHub(project));
  const held = await (input.dryRun
    ? requireHeld(project, await readTip(project), holding)
    : heldToLand(project, holding));
  const clean = await cleanTip(project, holding, { dryRun: input.dryRun ?? false });
  if (!clean)
    throw new BerthError("WRONG_STATE", `${holding.id} was claimed without a workspace: there is no work to land.`, {
      hint: `Make one with: berth claim ${holding.id}`,
    });
  const row = await readRow(project, held.at);
  if (input.dryRun) {
    const whole = await wholeTip(project, held.record, clean.commit);
    return { plan: await landPlan(project, holding, held, whole, row, input) };
  }
  const own = await takeLandingIn(project, holding.id, held, holding.workspace, clean);
  const tip = await wholeTip(project, held.record, own.commit);
  const landed = await noteConflict(project, holding, () =>
    landTip(project, {
      holding,
      tip,
      title: row.title,
      message: input.message,
      verify: verifications(project, input.verify),
      change: (_at, _held, record) => landChange(project, holding.id, record, tip),
    }),
  );
  const warnings = await goOn(project, holding).catch((error: unknown) => [notTakenIn(holding, landed.squash, error)]);
  warnings.push(...(await showLedger(project)));
  const session = await readRow(project, await requireFolder(project, await readTip(project), holding.id));
  return {
    session,
    landed: landed.squash.commit ? { commit: landed.squash.commit, base: project.config.base } : null,
    warnings,
  };
}

/** What `--dry-run` prints: everything up to the publication is really done, in objects only. */
export async function landPlan(
  project: Project,
  holding: Holding,
  held: Awaited<ReturnType<typeof requireHeld>>,
  tip: Oid,
  row: SessionRow,
  input: LandInput,
): Promise<Record<string, unknown>> {
  const base = (await project.objects.stat(`${project.hub.seen(project.config.base)}^{commit}`))?.oid;
  if (!base)
    throw new BerthError("NO_BASE", `The base branch ${project.config.base} does not exist on ${project.hub.name}.`);
  const squash = await makeSquash(project, {
    id: holding.id,
    held,
    tip,
    base,
    title: row.title,
    message: input.message,
  });
  return {
    session: holding.id,
    base: project.config.base,
    from: base,
    squash: squash.commit,
    tree: squash.tree,
    verify: verifications(project, input.verify),
  };
}

async function landChange(project: Project, id: string, record: ClaimRecord, tip: Oid): Promise<LedgerChange> {
  return {
    message: message(`[${id}] Land`, { session: id, agent: record.agent, epoch: record.epoch }),
    moves: [],
    files: {
      ...(await sessionFolder(project, tip, folder("active", id))),
      [folder("active", id, FILE.claim)]: writeClaim(record),
    },
    keeps: [],
  };
}

/** `.session/` of a tip as files of the ledger's folder, without this machine's environment. */
export async function sessionFolder(project: Project, tip: Oid, to: string): Promise<Record<string, Content>> {
  const files: Record<string, Content> = {};
  const own = await project.objects.stat(`${tip}:${SESSION_DIR}`);
  if (own?.type !== "tree") return files;
  for (const [name, entry] of await readTree(project.objects, own.oid)) {
    if (name === FILE.environment || name === FILE.claim) continue;
    // A link in a session's folder would lead those who read the ledger elsewhere.
    if (entry.mode !== "100644" && entry.mode !== "100755" && entry.mode !== "040000") continue;
    files[`${to}/${name}`] = entry;
  }
  return files;
}

/** The work has landed: what stands in the way of going on is told beside that, and asked for again by the next verb. */
function notTakenIn(holding: Holding, { commit }: Squash, error: unknown): string {
  const hint = isBerthError(error) && error.hint ? ` ${error.hint}` : "";
  return `${commit ? `Landed as ${commit.slice(0, 10)}, but ` : ""}${holding.id} could not go on from there: ${messageOf(error)}${hint}`;
}

/** After the landing the session branch takes it in and is pushed. */
async function goOn(project: Project, holding: Holding): Promise<string[]> {
  const held = await requireHeld(project, await readTip(project), holding);
  const before = await readWorkspaceTip(project, holding.workspace);
  if (!before) return [];
  const after = await takeLandingIn(project, holding.id, held, holding.workspace, before);
  const unpushed = await pushSession(project, holding, after.commit);
  return unpushed === null ? [] : [unpushed];
}
