import { BerthError } from "../errors.ts";
import { type Oid, refName } from "../git/names.ts";
import { checkoutCommit, isAncestor, resolveCommit, updateRefs } from "../git/refs.ts";
import { run } from "../git/run.ts";
import { listWorktrees } from "../git/worktree.ts";
import type { Project } from "../project.ts";
import type { Manifest } from "./manifest.ts";
import type { KeptCheckpoint } from "./read.ts";
import type { Subject } from "./build.ts";

/** Where HEAD of a work tree goes. */
export interface HeadMove {
  readonly from: Oid;
  readonly to: Oid;
  /** Full name of the branch that is checked out afterwards, null for none. */
  readonly branch: string | null;
  /** What that branch stands at now. */
  readonly old: Oid | null;
}

/**
 * Plans to bring HEAD and its branch back. Commits that go out of the branch stay reachable from the checkpoint that is
 * taken first; those that others have already seen never go out of it.
 * @throws BerthError GATE_REFUSED where they would, or another work tree has the branch
 */
export async function planHead(
  project: Project,
  subject: Subject,
  now: Manifest,
  { manifest: then, ref }: KeptCheckpoint,
): Promise<HeadMove | null> {
  if (now.head === then.head && now.branch === then.branch) return null;
  const elsewhere = `Restore it into a new folder: berth checkpoint restore ${ref} --to DIR`;
  const { branch } = then;
  if (branch === null) return { from: now.head, to: then.head, branch, old: null };
  const git = { ...project.git, dir: subject.dir };
  const other = (await listWorktrees(git)).find((tree) => tree.branch === branch && tree.path !== subject.dir);
  if (other)
    throw new BerthError("GATE_REFUSED", `${branch} is checked out in ${other.path}.`, {
      hint: elsewhere,
      facts: { branch, dir: other.path },
    });
  const old = await checkoutCommit(git, `${branch}^{commit}`);
  const seen = await resolveCommit(project.objects, project.hub.seen(branch.slice("refs/heads/".length)));
  const remote = project.hub.kind === "remote" ? seen : null;
  if (remote && old !== then.head && !(await isAncestor(git, remote, then.head)))
    throw new BerthError(
      "GATE_REFUSED",
      `${branch} has been pushed since: at ${remote.slice(0, 10)} it holds commits that the checkpoint has not.`,
      { hint: elsewhere, facts: { branch, pushed: remote, checkpoint: then.head } },
    );
  return { from: now.head, to: then.head, branch, old };
}

/** @throws BerthError FAILED when the branch moved meanwhile */
export async function moveHead(project: Project, subject: Subject, move: HeadMove): Promise<void> {
  const git = { ...project.git, dir: subject.dir };
  const reason = "berth: restore a checkpoint";
  if (move.branch === null) {
    await run(git, ["update-ref", "--no-deref", "-m", reason, "HEAD", move.to, move.from]);
    return;
  }
  const ref = refName(move.branch);
  if (move.old !== move.to && !(await updateRefs(git, [{ ref, old: move.old, new: move.to }], reason)))
    throw new BerthError("FAILED", `${ref} moved while the checkpoint was being restored.`, {
      hint: "Run the same command again.",
    });
  await run(git, ["symbolic-ref", "-m", reason, "HEAD", ref]);
}
