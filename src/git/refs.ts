import { type Oid, oid, type RefName, zeroOid } from "./names.ts";
import type { ObjectReader } from "./objects.ts";
import { type Git, run, text } from "./run.ts";

/** One reference's move: from `old` (null: must not exist) to `new` (null: delete). */
export interface RefUpdate {
  readonly ref: RefName;
  readonly old: Oid | null;
  readonly new: Oid | null;
}

/** The commit a reference or other name stands for, or null. */
export async function resolveCommit(objects: ObjectReader, name: string): Promise<Oid | null> {
  const found = await objects.stat(`${name}^{commit}`);
  return found?.oid ?? null;
}

/** What `HEAD`, `MERGE_HEAD` and the like of a checkout, which others have not, stand for; null where there is none. */
export async function checkoutCommit(git: Git, name: string): Promise<Oid | null> {
  const { code, stdout } = await run(git, ["rev-parse", "--verify", "--quiet", name], { accept: [1] });
  return code === 0 ? oid(stdout.toString("utf8").trim()) : null;
}

/**
 * Moves references in one transaction: all or none, each only from its old value.
 * @returns `moved` is false when a reference was not at its old value or is locked; nothing moved then
 */
export async function moveRefs(
  git: Git,
  updates: readonly RefUpdate[],
  reason: string,
): Promise<{ readonly moved: boolean; readonly said: string }> {
  const like = updates.map((u) => u.new ?? u.old).find((o) => o !== null);
  if (!like) return { moved: true, said: "" };
  const zero = zeroOid(like);
  const lines = updates.map((u) => `update ${u.ref}\0${u.new ?? zero}\0${u.old ?? zero}\0`);
  const { code, stderr } = await run(git, ["update-ref", "--no-deref", "-m", reason, "-z", "--stdin"], {
    input: `start\0${lines.join("")}prepare\0commit\0`,
    accept: [128, 1],
  });
  return { moved: code === 0, said: stderr.trim() };
}

/** As `moveRefs`, for callers that only ask whether they moved. */
export async function updateRefs(git: Git, updates: readonly RefUpdate[], reason: string): Promise<boolean> {
  return (await moveRefs(git, updates, reason)).moved;
}

/** All references below `prefix` (such as `refs/berth/`), with what they point to. */
export async function listRefs(git: Git, prefix: string): Promise<Map<RefName, Oid>> {
  const said = await text(git, ["for-each-ref", "--format=%(objectname) %(refname)", "--end-of-options", prefix]);
  const refs = new Map<RefName, Oid>();
  for (const line of said.split("\n")) {
    const space = line.indexOf(" ");
    if (space > 0) refs.set(line.slice(space + 1) as RefName, oid(line.slice(0, space)));
  }
  return refs;
}

/** Whether `ancestor` is reachable from `descendant`. */
export async function isAncestor(git: Git, ancestor: Oid, descendant: Oid): Promise<boolean> {
  if (ancestor === descendant) return true;
  const { code } = await run(git, ["merge-base", "--is-ancestor", ancestor, descendant], { accept: [1, 128] });
  return code === 0;
}

/** The best common ancestor, or null for unrelated (or too shallow) histories. */
export async function mergeBase(git: Git, a: Oid, b: Oid): Promise<Oid | null> {
  const { code, stdout } = await run(git, ["merge-base", a, b], { accept: [1] });
  return code === 0 ? oid(stdout.toString("utf8").split("\n")[0] ?? "") : null;
}

/** The best common ancestor of many, or null for unrelated histories. */
export async function commonAncestor(git: Git, commits: readonly Oid[]): Promise<Oid | null> {
  const [only, ...more] = commits;
  if (only === undefined || more.length === 0) return only ?? null;
  const { code, stdout } = await run(git, ["merge-base", "--octopus", only, ...more], { accept: [1] });
  return code === 0 ? oid(stdout.toString("utf8").split("\n")[0] ?? "") : null;
}
