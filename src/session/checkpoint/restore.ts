import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { findCheckpoint, type KeptCheckpoint } from "../../checkpoint/read.ts";
import { restoreCheckpoint, type Restored, type RestorePlan } from "../../checkpoint/restore.ts";
import type { Subject } from "../../checkpoint/build.ts";
import { BerthError } from "../../errors.ts";
import { addWorktree, gitDirOf, listWorktrees } from "../../git/worktree.ts";
import { type Project, reach, stateDir } from "../../project.ts";
import { withMutex } from "../../store/mutex.ts";
import { workspaceFor } from "../../workspace/find.ts";
import { subjectOf } from "./subject.ts";

export interface RestoreInput {
  /** A reference, the end of one, or a commit. */
  readonly ref: string;
  /** A folder that does not exist yet, or is empty; without it, the session's workspace. */
  readonly to?: string | undefined;
  /** Into a new folder although the checkpoint names repositories inside that it does not hold. */
  readonly leaveOut?: boolean;
  readonly dryRun?: boolean;
}

/**
 * Brings a checkpoint back: into the session's workspace, of which a checkpoint is taken first, or into a new folder, a
 * work tree without a branch. It is exact, or refuses. [XCS-19]
 * @throws BerthError NOT_FOUND, NOT_HOLDER, CHECKOUT_OVERLAP, GATE_REFUSED, WOULD_LOSE_WORK
 */
export async function checkpointRestore(
  project: Project,
  input: RestoreInput,
): Promise<{ readonly restored: Restored } | { plan: RestorePlan | Record<string, unknown> }> {
  const kept = await findCheckpoint(project, input.ref);
  const { session } = kept.manifest;
  const options = { leaveOut: input.leaveOut ?? false, dryRun: input.dryRun ?? false };
  const lock = join(stateDir(project), "locks", `restore-${session}.lock`);
  const what = `another restoring of ${session}`;
  const turn = { clock: project.clock, waitMs: 60_000, what, signal: project.signal };
  return withMutex(lock, turn, async () => {
    if (input.to === undefined) {
      const subject = await subjectOf(await workspaceFor(project, session));
      const done = await restoreCheckpoint(project, subject, kept, { ...options, fresh: false });
      if (!options.dryRun) return { restored: done };
      const { before: _none, ...plan } = done;
      return { plan };
    }
    const dir = resolve(project.cwd, input.to);
    const made = await requireFree(project, dir, kept);
    if (options.dryRun) return { plan: { checkpoint: kept.ref, dir, head: kept.manifest.head } };
    const subject = await newFolder(project, dir, kept, made);
    const restored = await restoreCheckpoint(project, subject, kept, { ...options, fresh: true });
    await rm(join(subject.gitDir, UNDER_WAY), { force: true });
    return { restored };
  });
}

/** @returns whether a killed run has made the work tree already */
async function requireFree(project: Project, dir: string, kept: KeptCheckpoint): Promise<boolean> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (names.length === 0) return false;
  const own = (await listWorktrees(project.git)).some((tree) => tree.path === dir && !tree.bare);
  if (own && (names.length === 1 || (await isUnderWay(project, dir, kept)))) return true;
  throw new BerthError("WOULD_LOSE_WORK", `${dir} is not empty.`, {
    hint: "Name a folder that does not exist yet.",
    facts: { dir },
  });
}

const UNDER_WAY = "berth-restoring";

async function isUnderWay(project: Project, dir: string, kept: KeptCheckpoint): Promise<boolean> {
  const said = await readFile(join(await gitDirOf(project.git, dir), UNDER_WAY), "utf8").catch(() => "");
  return said.trim() === kept.commit;
}

async function newFolder(project: Project, dir: string, kept: KeptCheckpoint, made: boolean): Promise<Subject> {
  if (!made) await addWorktree(project.git, dir, { detached: kept.manifest.head }, { checkout: false });
  const gitDir = await gitDirOf(project.git, dir);
  await writeFile(join(gitDir, UNDER_WAY), `${kept.commit}\n`, { flush: true });
  await reach(project, "restore.added", dir);
  return { dir, gitDir, session: kept.manifest.session, clone: false };
}
