import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isBerthError } from "../errors.ts";
import { type JoinedHistory, joinedHistories } from "../git/joined-histories.ts";
import { treeBytes, writeLoose } from "../git/loose-object.ts";
import { type ManyMerged, mergeMany, type MergePair, type MergePlace, mergePlace } from "../git/merge-many.ts";
import type { Oid } from "../git/names.ts";
import { type ObjectReader, openObjects } from "../git/objects.ts";
import { objectsBeside } from "../git/objects-beside.ts";
import { type Git, GitError } from "../git/run.ts";
import { readTree, type Tree } from "../git/tree.ts";
import { SESSION_DIR } from "../ledger/layout.ts";
import type { SessionRow } from "../ledger/rows.ts";
import type { Project } from "../project.ts";
import { type ConflictFile, conflictFiles } from "./conflict-file.ts";
import { type PairMemory, recallPairs, rememberPairs } from "./pair-memory.ts";
import { type Compared, type PlannedPair, planPairs } from "./pairs.ts";
import { memoryDir, withScratch } from "./place.ts";
import { type Memory, type Side, sidesOf } from "./side.ts";

/** What one look at all active sessions found. */
export interface Look {
  readonly sides: readonly Side[];
  /** The pairs that were compared, each with its conflicts or with why it could not be. */
  readonly pairs: readonly LookedPair[];
  /** How many of them git had to merge now; the others were known. */
  readonly merged: number;
}

/** Indexes of sides; `b` is null for the base branch. */
export interface LookedPair extends Pick<PlannedPair, "a" | "b"> {
  readonly files: readonly ConflictFile[];
  readonly failed: string | null;
}

export interface LookFor {
  readonly rows: readonly SessionRow[];
  readonly base: Oid | null;
  /** Only pairs with one of these; empty: all. */
  readonly ids: readonly string[];
  /** Only against the base branch. */
  readonly baseOnly: boolean;
}

/**
 * Compares the work of active sessions, each pair of them and each with the base branch. Only pairs of which a side
 * changed are merged, all of them in one run of git; what that writes goes with the look. Work that cannot be read is
 * left out, and named.
 * @throws GitError
 */
export async function look(project: Project, wanted: LookFor): Promise<Look> {
  const lasting = memoryDir(project);
  return withScratch(project, async (folder) => {
    const memory = { lasting, own: join(folder, "first") };
    const first = await lookOnce(project, wanted, { folder: memory.own, memory, lenient: false }).catch(
      (error: unknown) => {
        if (!isBerthError(error)) throw error;
        return null;
      },
    );
    if (first !== null) return first;
    // What is remembered may be damaged, or may just be going: without it everything is found out again.
    const own = join(folder, "again");
    const found = await lookOnce(project, wanted, { folder: own, memory: { lasting: own, own }, lenient: true });
    if (found.left === 0) await rm(lasting, { recursive: true, force: true });
    return found;
  });
}

interface Attempt {
  readonly folder: string;
  readonly memory: Memory;
  /** Leave out what cannot be read. */
  readonly lenient: boolean;
}

async function lookOnce(
  project: Project,
  wanted: LookFor,
  attempt: Attempt,
): Promise<Look & { readonly left: number }> {
  const { folder, memory } = attempt;
  await mkdir(folder, { recursive: true });
  const placing = mergePlace(project.git, memory.lasting, project.repository.commonDir, wanted.base);
  // Awaited below; until then its failure is nobody's.
  placing.catch(() => undefined);
  const sides = await sidesOf(project, wanted.rows, memory);
  const stores = new Set([join(project.repository.commonDir, "objects"), ...sides.flatMap((side) => side.objects)]);
  const git = objectsBeside(project.git, folder, [...stores]);
  const objects = openObjects(git);
  try {
    return await compareAll({ project, git, objects, place: await placing, ...attempt }, sides, wanted);
  } finally {
    objects.close();
  }
}

/** What one look works with. Objects that it makes lie in `folder`. */
interface Scene extends Attempt {
  readonly project: Project;
  readonly git: Git;
  readonly objects: ObjectReader;
  readonly place: MergePlace;
}

async function compareAll(
  scene: Scene,
  sides: readonly Side[],
  wanted: LookFor,
): Promise<Look & { readonly left: number }> {
  const before = await recallPairs(scene.memory.lasting, scene.place.rules);
  const code: Record<string, string> = {};
  const [codes, base] = await Promise.all([
    Promise.all(sides.map((side) => codeOf(scene, side, before.code, code))),
    baseOf(scene, wanted.base),
  ]);
  const known = sides.filter((_, at) => codes[at] !== null);
  const histories = await historiesOf(scene.git, wanted.base, known);
  const compared = known.map((side, at) => ({
    side,
    code: codes[sides.indexOf(side)] ?? "",
    history: histories[at] ?? { joins: [], group: at },
  }));
  const planned = planPairs(compared, base, wanted);
  const missing = [...new Map(planned.map((pair) => [pair.key, pair])).values()].filter(
    ({ key }) => !Object.hasOwn(before.pairs, key),
  );
  const fresh = await mergeMissing(scene, compared, wanted.base, missing);
  const now: Record<string, readonly ConflictFile[]> = {};
  const pairs = planned.map(({ a, b, key }): LookedPair => {
    const found = fresh.get(key) ?? { files: before.pairs[key] ?? [], failed: null };
    if (found.failed === null) now[key] = found.files;
    return { a: sides.indexOf(known[a] as Side), b: b === null ? null : sides.indexOf(known[b] as Side), ...found };
  });
  await rememberPairs(scene.memory.lasting, { ...before, pairs: now, code }, before);
  const seen = sides.map((side, at) => noted(side, codes[at] ?? null));
  const left = seen.filter((side, at) => side !== sides[at]).length;
  return { sides: seen, pairs, merged: missing.length, left };
}

async function baseOf({ objects }: Scene, base: Oid | null): Promise<{ commit: string; tree: string } | null> {
  if (base === null) return null;
  const tree = await objects.stat(`${base}^{tree}`);
  return tree && { commit: base, tree: tree.oid };
}

/** Work whose history cannot be read here hides no other: it is compared by its commits, and git says what is missing. */
async function historiesOf(git: Git, base: Oid | null, sides: readonly Side[]): Promise<readonly JoinedHistory[]> {
  const tips = sides.map(({ parents }) => parents);
  return joinedHistories(git, base, tips).catch((error: unknown) => {
    if (!(error instanceof GitError)) throw error;
    return tips.map(() => ({ joins: [], group: 0 }));
  });
}

/** What a side would land: a session's own folder is left out of that. Null where there is nothing to be read. */
async function codeOf(
  scene: Scene,
  side: Side,
  known: PairMemory["code"],
  now: Record<string, string>,
): Promise<string | null> {
  if (side.parents.length === 0 && side.tree === null) return null;
  try {
    const whole = await wholeOf(scene, side);
    const code = known[whole] ?? (await withoutSession(scene, whole));
    now[whole] = code;
    return code;
  } catch (error) {
    if (!scene.lenient || !isBerthError(error)) throw error;
    return null;
  }
}

async function wholeOf({ objects }: Scene, { tree, parents }: Side): Promise<string> {
  return tree ?? (await objects.stat(`${parents[0] ?? ""}^{tree}`))?.oid ?? `${parents[0]}`;
}

function noted(side: Side, code: string | null): Side {
  if (code !== null || side.seen === "nowhere") return side;
  return { ...side, seen: "nowhere", notes: [...side.notes, "what its branch names cannot be read here"] };
}

async function withoutSession({ objects, folder, project }: Scene, whole: string): Promise<Oid> {
  const entries: Map<string, Tree extends ReadonlyMap<string, infer Entry> ? Entry : never> = new Map(
    await readTree(objects, whole, "latin1"),
  );
  if (!entries.delete(SESSION_DIR)) return whole as Oid;
  return writeLoose(folder, "tree", treeBytes(entries), widthOf(project));
}

function widthOf({ repository }: Project): number {
  return repository.objectFormat === "sha256" ? 64 : 40;
}

type Found = Pick<LookedPair, "files" | "failed">;

async function mergeMissing(
  scene: Scene,
  compared: readonly Compared[],
  base: Oid | null,
  missing: readonly PlannedPair[],
): Promise<Map<string, Found>> {
  const wanted = [...new Set(missing.flatMap(({ a, b }) => (b === null ? [a] : [a, b])))];
  const made = wanted.map(async (at) => [at, await commitOf(scene, compared[at] as Compared)] as const);
  const commits = new Map<number, Oid>(await Promise.all(made));
  const asked = missing.map(({ a, b }): MergePair => ({
    ours: commits.get(a) as Oid,
    theirs: (b === null ? base : commits.get(b)) as Oid,
  }));
  const merged = await mergeMany(scene.git, scene.place, asked);
  const found = new Map<string, Found>();
  for (const [at, pair] of missing.entries()) found.set(pair.key, await foundIn(scene, merged[at]));
  return found;
}

async function foundIn({ objects }: Scene, merged: ManyMerged | undefined): Promise<Found> {
  if (!merged || "failed" in merged) return { files: [], failed: merged?.failed ?? "it was not compared" };
  if (merged.unmerged.length === 0) return { files: [], failed: null };
  const own = (path: string): boolean => path === SESSION_DIR || path.startsWith(`${SESSION_DIR}/`);
  return { files: await conflictFiles(objects, merged.unmerged, own), failed: null };
}

const NOBODY = "berth <berth> 0 +0000";

/** A commit for git to merge, on top of those that the side is made of: it is nobody's, and goes with the look. */
async function commitOf(scene: Scene, { side, code }: Compared): Promise<Oid> {
  // What was known of it lay in the folder of an earlier look.
  const whole = await wholeOf(scene, side);
  if (whole !== code) await withoutSession(scene, whole);
  const lines = [`tree ${code}`, ...side.parents.map((parent) => `parent ${parent}`)];
  const body = `${lines.join("\n")}\nauthor ${NOBODY}\ncommitter ${NOBODY}\n\nAs it is.\n`;
  return writeLoose(scene.folder, "commit", body, widthOf(scene.project));
}
