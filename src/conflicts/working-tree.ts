import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Oid } from "../git/names.ts";
import { objectsBeside } from "../git/objects-beside.ts";
import { lookAtUncommitted, treeOfUncommitted, type Uncommitted } from "../git/uncommitted.ts";
import { randomHex, shortHash } from "../hash.ts";
import { SESSION_DIR } from "../ledger/layout.ts";
import type { Project } from "../project.ts";
import type { Workspace } from "../workspace/marker.ts";
import { recall, remember } from "./place.ts";

/** What a workspace holds now, committed or not. */
export interface WorkingTree {
  /** Null: just what its HEAD has. */
  readonly tree: Oid | null;
  /** What the tree was made from: HEAD, and what a merge under way brings in. None before the first commit. */
  readonly parents: readonly Oid[];
  /** How many files differ from HEAD, those in `.session/` apart. */
  readonly uncommitted: number;
  /** Folders of objects that have all of this. */
  readonly objects: readonly string[];
  /** What somebody should know who reads what follows from this. */
  readonly notes: readonly string[];
}

interface Seen {
  readonly version: 1;
  readonly sign: string;
  readonly tree: Oid;
  /** How many trees were made since the objects were thrown away last. */
  readonly made: number;
}

/** Old states of files are of no use to anybody. */
const MOST_MADE = 200;

/**
 * The tree of a workspace's files as `git add --all` would have it: nothing ignored, no repositories inside. Nothing of
 * the workspace changes, and its objects go beside, where they may be thrown away. A tree is made only when something
 * changed.
 * @param memory where trees are remembered, with their objects
 * @throws GitError where files cannot be read
 */
export async function workingTree(
  project: Project,
  workspace: Workspace & { readonly dir: string },
  memory: string,
): Promise<WorkingTree> {
  const { dir, gitDir } = workspace;
  const git = { ...project.git, dir };
  const [work, store] = await Promise.all([lookAtUncommitted(git, dir, gitDir), ownObjects(project, workspace)]);
  const parents = [...(work.head === null ? [] : [work.head]), ...work.merging];
  const known = { parents, uncommitted: countOf(work), notes: notesOf(work, workspace.marker.branch) };
  if (work.paths.length === 0 && work.head !== null) return { ...known, tree: null, objects: [store] };
  const folder = join(memory, "work", shortHash(gitDir));
  const objects = join(folder, "objects");
  const tree = await treeOf(git, workspace, { folder, objects, store }, work);
  return { ...known, tree, objects: [objects, store] };
}

async function treeOf(
  git: Project["git"],
  at: { readonly dir: string; readonly gitDir: string },
  { folder, objects, store }: { readonly folder: string; readonly objects: string; readonly store: string },
  work: Uncommitted,
): Promise<Oid> {
  const file = join(folder, "seen");
  const seen = await recall<Seen>(file);
  if (seen?.version === 1 && seen.sign === work.sign) return seen.tree;
  const made = (seen?.made ?? 0) + 1;
  if (made > MOST_MADE) await discard(objects);
  await mkdir(objects, { recursive: true });
  const index = join(folder, `index-${randomHex(6)}`);
  const tree = await treeOfUncommitted(objectsBeside(git, objects, [store]), at, index, work);
  if (work.sign !== null)
    await remember(file, { version: 1, sign: work.sign, tree, made: made > MOST_MADE ? 1 : made } satisfies Seen);
  return tree;
}

/** Moved first: who reads there at the same time finds all or nothing. */
async function discard(objects: string): Promise<void> {
  const old = `${objects}.${randomHex(6)}`;
  if (
    await rename(objects, old).then(
      () => true,
      () => false,
    )
  )
    await rm(old, { recursive: true, force: true });
}

/** Where the workspace's repository has its objects. */
async function ownObjects(project: Project, { marker, gitDir }: Workspace): Promise<string> {
  if (marker.kind !== "clone") return join(project.repository.commonDir, "objects");
  const common = await readFile(join(gitDir, "commondir"), "utf8").catch(() => ".");
  return join(resolve(gitDir, common.trim()), "objects");
}

function countOf({ paths }: Uncommitted): number {
  return paths.filter((path) => !path.startsWith(`${SESSION_DIR}/`)).length;
}

function notesOf({ unmerged, merging, branch, nested }: Uncommitted, own: string): string[] {
  const notes: string[] = [];
  if (unmerged > 0) notes.push(`a merge is under way in its workspace, with ${unmerged} files in conflict`);
  else if (merging.length > 0) notes.push("a merge is under way in its workspace");
  if (branch !== own) notes.push(`its workspace is on ${branch ?? "no branch"}, not on ${own}`);
  if (nested.length > 0) {
    const names = nested.slice(0, 3).map((path) => Buffer.from(path, "latin1").toString("utf8"));
    notes.push(`repositories of their own in its workspace are left out: ${names.join(", ")}`);
  }
  return notes;
}
