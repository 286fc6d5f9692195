import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { BerthError } from "../errors.ts";
import { noteBringing, settleBringings } from "../git/bringing.ts";
import { bringFiles, overlapsOf } from "../git/checkout.ts";
import { branchRef, type Oid, type RefName } from "../git/names.ts";
import { type ObjectReader, openObjects } from "../git/objects.ts";
import { moveRefs, resolveCommit } from "../git/refs.ts";
import { type Git, run } from "../git/run.ts";
import { type Project, reach } from "../project.ts";

/** The checkout one stands in, and the branch that a commit is put on. */
export interface Checkout {
  /** Runs in this checkout: a clone has objects of its own. */
  readonly git: Git;
  readonly objects: ObjectReader;
  readonly top: string;
  readonly branch: RefName;
  readonly head: Oid;
}

/**
 * Works on the checkout one stands in, after what a killed run left there was put right. The caller has the turn at the
 * hub, so that nobody else of this machine brings the same files along.
 * @throws BerthError WRONG_STATE without a checkout, on no branch, or in the middle of a merge
 */
export async function withCheckout<T>(project: Project, work: (checkout: Checkout) => Promise<T>): Promise<T> {
  const { top, gitDir } = project.here;
  if (top === null)
    throw new BerthError("WRONG_STATE", "A migration is a commit in a checkout, and this repository is bare.", {
      hint: "Go to a checkout or workspace of it.",
    });
  const git = { ...project.git, dir: top };
  const objects = openObjects(git);
  try {
    await settleBringings(git, objects, journalOf(project));
    for (const name of ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply"])
      if (await lstat(join(gitDir, name)).catch(() => null)) throw unready(top, "a merge or rebase is under way there");
    const { stdout } = await run(git, ["symbolic-ref", "--quiet", "--short", "HEAD"], { accept: [1] });
    const branch = stdout.toString("utf8").trim();
    if (branch === "") throw unready(top, "it is on no branch");
    const head = await resolveCommit(objects, branchRef(branch));
    if (head === null) throw unready(top, "its branch has no commit yet");
    return await work({ git, objects, top, branch: branchRef(branch), head });
  } finally {
    objects.close();
  }
}

function unready(top: string, why: string): BerthError {
  return new BerthError("WRONG_STATE", `Nothing can be committed in ${top}: ${why}.`, {
    hint: "Finish that, or check a branch out, and run the same command again. Nothing was changed.",
    facts: { checkout: top },
  });
}

/** Shared with the local hub, which settles what is noted there as well. */
function journalOf({ here }: Pick<Project, "here">): string {
  return join(here.commonDir, "berth", "journal");
}

/**
 * Puts a commit on the branch of a checkout, its files first: what is edited or staged elsewhere in it stays so.
 * @throws BerthError CHECKOUT_OVERLAP, WRONG_STATE where somebody committed meanwhile; nothing is changed then
 */
export async function putCommit(project: Project, checkout: Checkout, commit: Oid): Promise<void> {
  const { git, objects, top, branch, head } = checkout;
  const paths = await overlapsOf(git, top, head, commit);
  if (paths.length > 0)
    throw new BerthError("CHECKOUT_OVERLAP", `Files in ${top} are in the way: ${paths.slice(0, 5).join(", ")}.`, {
      hint: "Commit them, or move them away, and run the same command again. Nothing was changed.",
      facts: { checkout: top, paths },
    });
  const journal = journalOf(project);
  try {
    await noteBringing(journal, { checkout: top, ref: branch, old: head, new: commit });
    await reach(project, "checkout.noted", top);
    await bringFiles(git, top, head, commit);
    await reach(project, "checkout.brought", top);
    const { moved, said } = await moveRefs(git, [{ ref: branch, old: head, new: commit }], "berth: migrate");
    if (!moved)
      throw new BerthError("WRONG_STATE", `Somebody committed on ${branch.slice("refs/heads/".length)} meanwhile.`, {
        hint: "Run the same command again: it looks at what is there now. Nothing was changed.",
        facts: { said },
      });
    await reach(project, "migrate.moved", commit);
  } finally {
    await settleBringings(git, objects, journal);
  }
}
