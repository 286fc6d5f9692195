import { pathToFileURL } from "node:url";
import { BerthError } from "../../errors.ts";
import { changesBetween } from "../../git/diff.ts";
import { filesInTheWay } from "../../git/in-the-way.ts";
import { branchRef, oid, type Oid } from "../../git/names.ts";
import { isAncestor, resolveCommit, updateRefs } from "../../git/refs.ts";
import { GitError, run, text } from "../../git/run.ts";
import { editTree, entryAt } from "../../git/tree.ts";
import { writeCommit } from "../../git/write.ts";
import type { Landing } from "../../ledger/claim-record.ts";
import { SESSION_DIR } from "../../ledger/layout.ts";
import { type Project, reach } from "../../project.ts";
import type { WorkspaceTip } from "../../workspace/find.ts";
import type { Workspace } from "../../workspace/marker.ts";
import { mergeWork } from "../context/merge-context.ts";
import { contextEdit } from "../context/context-edit.ts";
import type { Held } from "../holding.ts";

/**
 * After a landing that does not complete, the session branch takes the squash in: a merge commit with parents (landed
 * tip, squash) and the squash's tree plus `.session/`. Without it the next landing would conflict with the first, or
 * drop a revert. Made from the ledger's record alone, so a run killed before it is finished by the next verb.
 * @returns the tip after, which is the one before when nothing was owed
 */
export async function takeLandingIn(
  project: Project,
  id: string,
  held: Held,
  workspace: Workspace,
  tip: WorkspaceTip,
): Promise<WorkspaceTip> {
  const landing = held.record.landed.at(-1);
  if (!landing || (await isAncestor(project.git, landing.commit, tip.commit))) return tip;
  const merge = await returnCommit(project, id, held, landing);
  const target =
    tip.commit === landing.tip ? merge : await mergeOnTop(project, { id, held, workspace }, tip.commit, merge);
  await moveWorkspace(project, workspace, target);
  await reach(project, "land.returned", target);
  return { commit: target, status: { ...tip.status, head: target } };
}

async function returnCommit(project: Project, id: string, held: Held, landing: Landing): Promise<Oid> {
  const squashTree = (await project.objects.stat(`${landing.commit}^{tree}`))?.oid;
  const own = await entryAt(project.objects, `${landing.tip}^{tree}`, SESSION_DIR);
  if (!squashTree || !own) throw new BerthError("UNREADABLE", `The landing ${landing.commit} of ${id} cannot be read.`);
  const whole = await editTree(project.git, project.objects, squashTree, new Map([[SESSION_DIR, own]]));
  const step = { commit: landing.tip, tree: whole, at: Date.parse(landing.at), against: landing.commit };
  // A ticket's context has landed with the work, and is what the base branch has.
  const edits = await contextEdit(project, held.record, step);
  for (const path of edits.keys()) if (!path.startsWith(`${SESSION_DIR}/`)) edits.delete(path);
  const tree = await editTree(project.git, project.objects, whole, edits);
  return mergeCommit(project, held, {
    tree,
    parents: [landing.tip, landing.commit],
    message: `[${id}] chore: take the landing in\n`,
    seconds: Math.floor(Date.parse(landing.at) / 1000),
  });
}

/** Commits were added after the landing was made: they are merged with it, their merge base being what was landed. */
async function mergeOnTop(
  project: Project,
  { id, held, workspace }: { readonly id: string; readonly held: Held; readonly workspace: Workspace },
  tip: Oid,
  merge: Oid,
): Promise<Oid> {
  const merged = await mergeWork(project, tip, merge);
  if (!merged.clean) {
    // What the hint names must be there, and be accepted: the clone knows only what it was brought.
    if (workspace.marker.kind === "clone" && workspace.dir) await bringToClone(project, workspace.dir, merge);
    throw new BerthError(
      "MERGE_CONFLICT",
      `Commits made after the last landing of ${id} conflict with it in ${merged.conflicts.map((c) => c.path).join(", ")}.`,
      {
        hint: `Resolve it in the workspace: git merge -m "[${id}] chore: take the landing in" ${merge}`,
        facts: { session: id, commit: merge, files: merged.conflicts },
      },
    );
  }
  const seconds = Math.floor(project.clock.now() / 1000);
  return mergeCommit(project, held, {
    tree: merged.tree,
    parents: [tip, merge],
    message: `[${id}] chore: take the landing in\n`,
    seconds,
  });
}

/** A merge commit by the holder. */
export async function mergeCommit(
  project: Project,
  held: Held,
  plan: { readonly tree: Oid; readonly parents: readonly Oid[]; readonly message: string; readonly seconds: number },
): Promise<Oid> {
  const author = { name: held.record.agent, email: held.record.email };
  return writeCommit(project.git, { ...plan, author }, project.signs);
}

/**
 * Moves a workspace forward to a commit that descends from its tip, with git's own fast-forward: it keeps unrelated
 * edits and refuses overlaps.
 * @throws BerthError CHECKOUT_OVERLAP
 */
export async function moveWorkspace(project: Project, workspace: Workspace, to: Oid): Promise<void> {
  const { dir, marker } = workspace;
  if (dir === null) {
    const ref = branchRef(marker.branch);
    await updateRefs(
      project.git,
      [{ ref, old: await resolveCommit(project.objects, ref), new: to }],
      "berth: move forward",
    );
    return;
  }
  const git = { ...project.git, dir };
  await requireRoom(project, dir, oid(await text(git, ["rev-parse", "HEAD"])), to);
  if (marker.kind === "clone") await bringToClone(project, dir, to);
  try {
    await run(git, ["merge", "--quiet", "--ff-only", "--no-stat", to]);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new BerthError("CHECKOUT_OVERLAP", `The workspace ${dir} could not be brought to ${to.slice(0, 10)}.`, {
      hint: "Commit or move away the files named by git, and run the same verb again.",
      facts: { dir, said: error.stderr.slice(0, 1000) },
      cause: error,
    });
  }
  if (marker.kind === "clone") {
    const ref = branchRef(marker.branch);
    await updateRefs(
      project.git,
      [{ ref, old: await resolveCommit(project.objects, ref), new: to }],
      "berth: move forward",
    );
  }
}

/** @throws BerthError CHECKOUT_OVERLAP when files that git would overwrite stand where new ones come */
export async function requireRoom(project: Project, dir: string, from: Oid, to: Oid): Promise<void> {
  const paths = await filesInTheWay({ ...project.git, dir }, dir, await changesBetween(project.git, from, to));
  if (paths.length === 0) return;
  throw new BerthError(
    "CHECKOUT_OVERLAP",
    `Files in ${dir} stand where new ones come: ${paths.slice(0, 5).join(", ")}.`,
    {
      hint: "Move them away, and run the same verb again.",
      facts: { checkout: dir, paths },
    },
  );
}

/** A clone reads new commits from its parent, never with a depth of its own. */
export async function bringToClone(project: Project, dir: string, commit: Oid): Promise<void> {
  const ref = `refs/berth/to-clone/${commit}`;
  await run(project.git, ["update-ref", ref, commit]);
  try {
    const from = pathToFileURL(project.repository.commonDir).href;
    await run({ ...project.git, dir }, [
      "fetch",
      "--quiet",
      "--no-tags",
      "--no-write-fetch-head",
      "--no-auto-maintenance",
      from,
      ref,
    ]);
  } finally {
    await run(project.git, ["update-ref", "-d", ref]);
  }
}
