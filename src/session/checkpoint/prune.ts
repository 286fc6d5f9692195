import { checkpointRefs } from "../../checkpoint/read.ts";
import { planPrune, type PrunePlan } from "../../checkpoint/prune.ts";
import { BerthError } from "../../errors.ts";
import { refName } from "../../git/names.ts";
import { listRefs, updateRefs } from "../../git/refs.ts";
import { sessionId } from "../../ledger/session-id.ts";
import { type Project, reach } from "../../project.ts";
import { workspaceHere } from "../../workspace/find.ts";
import { soundWorkspacesOf } from "../../workspace/marker.ts";

export interface PruneInput {
  /** A session; without one that of the workspace one stands in, else all. */
  readonly id?: string | undefined;
  /** How many stay of each session; without it as the settings say. */
  readonly keep?: number | undefined;
  /** How many days they stay; without it as the settings say. */
  readonly days?: number | undefined;
  readonly dryRun?: boolean;
}

/**
 * Removes old checkpoints of which something newer holds the same. [XCS-19] [INV-3]
 * @throws BerthError USAGE for numbers that make no sense
 */
export async function checkpointPrune(
  project: Project,
  input: PruneInput = {},
): Promise<{ readonly pruned: PrunePlan } | { plan: PrunePlan }> {
  const { keep = project.config.checkpoint.keep, days = project.config.checkpoint.days } = input;
  if (!Number.isInteger(keep) || keep < 1 || !(days >= 0))
    throw new BerthError("USAGE", "At least one checkpoint of a session stays, and days are a number from 0 on.", {
      hint: "For example: berth checkpoint prune --keep 10 --days 7",
    });
  const id = input.id ?? (await workspaceHere(project))?.marker.session;
  const sessions = id === undefined ? await allSessions(project) : [sessionId(id)];
  const plans: PrunePlan[] = [];
  for (const session of sessions) plans.push(await planPrune(project, session, { keep, days }));
  const plan = { drops: plans.flatMap(({ drops }) => drops), stays: plans.flatMap(({ stays }) => stays) };
  if (input.dryRun) return { plan };
  for (const session of sessions) await dropIn(project, session, plan);
  return { pruned: plan };
}

/**
 * After a checkpoint was taken: most of the time there is nothing to do, and that is seen by names alone.
 * @param known the session's checkpoints, where the caller has listed them
 */
export async function pruneAfter(
  project: Project,
  session: string,
  known?: Awaited<ReturnType<typeof checkpointRefs>>,
): Promise<void> {
  const { keep, days } = project.config.checkpoint;
  await dropIn(project, session, await planPrune(project, session, { keep, days }, known));
}

async function allSessions(project: Project): Promise<string[]> {
  return [...new Set((await checkpointRefs(project)).map(([ref]) => ref.split("/").slice(3, -1).join("/")))];
}

/** The names go in one step here; a clone that was made as a workspace has names of its own. */
async function dropIn(project: Project, session: string, plan: PrunePlan): Promise<void> {
  const own = plan.drops.filter(({ ref }) => ref.startsWith(`refs/berth/checkpoints/${session}/`));
  if (own.length === 0) return;
  const updates = own.map(({ ref, commit }) => ({ ref: refName(ref), old: commit, new: null }));
  for (const { marker, dir } of await soundWorkspacesOf(project, session)) {
    if (marker.kind !== "clone" || dir === null) continue;
    const git = { ...project.git, dir };
    const there = await listRefs(git, `refs/berth/checkpoints/${session}/`).catch(() => new Map<string, string>());
    const both = updates.filter(({ ref, old }) => there.get(ref) === old);
    await updateRefs(git, both, "berth: prune checkpoints");
  }
  if (!(await updateRefs(project.git, updates, "berth: prune checkpoints"))) return;
  await reach(project, "checkpoint.pruned", `${own.length} of ${session}`);
}
