import { type Layout, locateContext } from "../context/locate.ts";
import { vocabularyOf } from "../context/vocabulary.ts";
import { BerthError } from "../errors.ts";
import type { Oid } from "../git/names.ts";
import { withTurn } from "../ledger/publish.ts";
import { type Project, reach } from "../project.ts";
import { readMarker } from "../workspace/marker.ts";
import { type Checkout, putCommit, withCheckout } from "./checkout.ts";
import { commitPlan } from "./manifest.ts";
import { planMigration, sayMissing } from "./plan.ts";
import { rollBack } from "./rollback.ts";
import type { Migrated, MigrationPlan } from "./shape.ts";
import { verifyRun } from "./verify.ts";
import { readWorld, uncommitted } from "./world.ts";

export interface MigrateInput {
  readonly to?: Layout | undefined;
  /** Files and folders, from where one stands; without any, where contexts usually are. */
  readonly from?: readonly string[] | undefined;
  /** Tickets, `<phase>_<issue>`; without any, all. */
  readonly only?: readonly string[] | undefined;
  /** A run that is taken back. */
  readonly rollback?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/**
 * Moves contexts from any layout, or from what was there before Berth, to another layout: a plan, one commit with a
 * manifest, and the proof that nothing of the sources is missing, before any branch has the commit. Killed at any step
 * it has happened or not; what it left in the checkout is put right by the next run. [TKT-10] [CTX-17] [CTX-18]
 * @throws BerthError DIRTY for sources that no commit has, WOULD_LOSE_WORK where the proof fails, USAGE, NOT_FOUND,
 * WRONG_STATE, CHECKOUT_OVERLAP; nothing is changed then
 */
export async function migrate(project: Project, input: MigrateInput): Promise<Migrated> {
  const { to, rollback } = input;
  let work: (checkout: Checkout) => Promise<Migrated>;
  if (to !== undefined && rollback === undefined) work = (checkout) => forward(project, checkout, to, input);
  else if (rollback !== undefined && to === undefined && !input.from?.length && !input.only?.length)
    work = (checkout) => rollBack(project, checkout, rollback, input.dryRun ?? false);
  else
    throw new BerthError("USAGE", "Say where to, or which run to take back as a whole.", {
      hint: "For example: berth migrate --to tickets --dry-run",
    });
  return withTurn(project, () => withCheckout(project, work));
}

async function forward(project: Project, checkout: Checkout, to: Layout, input: MigrateInput): Promise<Migrated> {
  const { only = [], from = [], dryRun = false } = input;
  const session = (await readMarker(project.here.gitDir))?.session ?? null;
  if (to === "sessions" && session === null)
    throw new BerthError("WRONG_STATE", "The context of a session is in its workspace, and this is none.", {
      hint: "Claim the session, go to its workspace (berth path ID), and run the same command there.",
    });
  const world = await readWorld(project, checkout, { to, from });
  const { phases } = vocabularyOf(project.config);
  const { central, tickets } = project.config.context;
  const plan = planMigration(world, {
    to,
    only,
    places: { central, tickets },
    nextPhase: (phase) => phases.get(phase)?.next ?? null,
    here: (await locateContext(project)).ticket,
    named: from.length > 0,
  });
  if (plan.run !== null) await requireFolders(checkout, to === "tickets" ? [central, tickets] : [central]);
  const loose = looseOf(plan, world, only);
  const nothing = { run: plan.run, plan: plan.steps, verified: null, commit: null, checked: null, left: [] };
  if (dryRun) return { ...nothing, warnings: loose.map((path) => `${path} is not committed`) };
  if (loose.length > 0) throw uncommitted(loose);
  if (plan.run === null) return { ...nothing, warnings: [] };
  return { ...(await applyPlan(project, checkout, plan, plan.run)), left: [], warnings: [] };
}

/** @throws BerthError WRONG_STATE where a link or a file stands in the way of a folder that a run writes to */
async function requireFolders({ objects, head }: Checkout, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const parts = folder.split("/");
    for (const at of parts.keys()) {
      const path = parts.slice(0, at + 1).join("/");
      const found = await objects.stat(`${head}:${path}`);
      if (found === null || found.type === "tree") continue;
      throw new BerthError("WRONG_STATE", `${path} is no folder, and contexts would be kept below it.`, {
        hint: "Put a folder in the place of the link or file and commit that, or name another one with: berth config context.central PATH (or context.tickets)",
        facts: { path },
      });
    }
  }
}

/** Sources that the checkout has otherwise than its commit, or that no commit has. */
function looseOf(plan: MigrationPlan, world: Awaited<ReturnType<typeof readWorld>>, only: readonly string[]): string[] {
  const paths = new Set(plan.units.flatMap(({ parts }) => parts.map(({ path }) => path)));
  const isAsked = (path: string): boolean => only.length === 0 || only.some((name) => path.includes(`/${name}/`));
  return [...world.dirty.filter((path) => paths.has(path)), ...world.untracked.filter(isAsked)];
}

/**
 * Makes the commit of a plan, proves it, and only then puts it on the branch.
 * @throws BerthError WOULD_LOSE_WORK with what would be missing
 */
export async function applyPlan(
  project: Project,
  checkout: Checkout,
  plan: MigrationPlan,
  run: string,
): Promise<Omit<Migrated, "left" | "warnings">> {
  const commit = await commitPlan(project, checkout, plan, run);
  await reach(project, "migrate.committed", commit);
  const checked = await proven(project, checkout, commit, run);
  await reach(project, "migrate.verified", run);
  await putCommit(project, checkout, commit);
  return { run, plan: plan.steps, verified: true, commit, checked };
}

async function proven(project: Project, checkout: Checkout, commit: Oid, run: string): Promise<Migrated["checked"]> {
  const { missing, files, bytes } = await verifyRun(checkout, commit, run, project.config.context.central);
  if (missing.length === 0) return { files, bytes };
  throw new BerthError(
    "WOULD_LOSE_WORK",
    `The migration was not done: ${missing.slice(0, 3).map(sayMissing).join("; ")}.`,
    {
      hint: "Nothing was changed. Leave that source out with --from or --only, and report what it holds.",
      facts: { run, missing },
    },
  );
}
