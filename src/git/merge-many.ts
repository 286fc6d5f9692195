import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { sha256 } from "../hash.ts";
import { PINNED_MERGE, showAttributes } from "./merge.ts";
import { type Oid, oid } from "./names.ts";
import { UNSYNCED } from "./objects-beside.ts";
import { type Git, GitError, run } from "./run.ts";
import type { Mode, TreeEntry } from "./tree.ts";

/** Two commits that are to be merged. */
export interface MergePair {
  readonly ours: Oid;
  readonly theirs: Oid;
}

/** A path that both sides left in another state, with what each has there. It is spelled one character a byte. */
export interface UnmergedPath {
  readonly path: string;
  readonly base: TreeEntry | null;
  readonly ours: TreeEntry | null;
  readonly theirs: TreeEntry | null;
  /** What git calls it, such as `contents` or `modify/delete`; null where it says nothing. */
  readonly kind: string | null;
}

/** What came of a pair: the paths that conflict, none for a clean merge; or why git could not merge it. */
export type ManyMerged = { readonly unmerged: readonly UnmergedPath[] } | { readonly failed: string };

/** Where merges are made: an empty work tree with the attributes of one commit. */
export interface MergePlace {
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Equal for two commits whose attributes are the same. */
  readonly rules: string;
}

const MADE = "attributes-";
const MAKING = "making-";
/** A place that is still being made is younger. */
const LEFT_MS = 600_000;

/**
 * A place for merges with the attributes of a commit, as landing has them. It is kept in `folder` for the next time, and
 * places for other commits go.
 * @param commit null: no attributes
 */
export async function mergePlace(git: Git, folder: string, commonDir: string, commit: Oid | null): Promise<MergePlace> {
  const name = `${MADE}${commit ?? "none"}`;
  const at = join(folder, name);
  const known = await readFile(join(at, "rules"), "utf8").catch(() => null);
  if (known !== null) return { ...placeIn(at, commonDir), rules: known };
  await mkdir(folder, { recursive: true });
  const made = await mkdtemp(join(folder, MAKING));
  const { dir, env } = placeIn(made, commonDir);
  await mkdir(dir);
  const rules = commit === null ? "" : await showRules(git, env, dir, commit);
  await writeFile(join(made, "rules"), rules);
  await clear(folder, name);
  // Somebody else may have been quicker, and half a place is none.
  await rename(made, at).catch(() => rm(made, { recursive: true, force: true }));
  return { ...placeIn(at, commonDir), rules };
}

type PlaceEnv = MergePlace["env"] & { readonly GIT_WORK_TREE: string; readonly GIT_INDEX_FILE: string };

function placeIn(at: string, commonDir: string): { readonly dir: string; readonly env: PlaceEnv } {
  const dir = join(at, "tree");
  const env = { GIT_DIR: commonDir, GIT_INDEX_FILE: join(at, "index"), GIT_WORK_TREE: dir, GIT_ATTR_NOSYSTEM: "1" };
  return { dir, env };
}

async function showRules(git: Git, env: PlaceEnv, dir: string, commit: Oid): Promise<string> {
  await run(git, ["read-tree", commit], { env, dir });
  await showAttributes(git, env);
  const { stdout } = await run(git, ["ls-files", "-z", "--stage", "--", ":(top,glob)**/.gitattributes"], { env, dir });
  return stdout.length === 0 ? "" : sha256(stdout.toString("latin1"));
}

async function clear(folder: string, except: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name === except || !(name.startsWith(MADE) || name.startsWith(MAKING))) continue;
    const at = await stat(join(folder, name)).catch(() => null);
    if (at && (name.startsWith(MADE) || Date.now() - at.mtimeMs > LEFT_MS))
      await rm(join(folder, name), { recursive: true, force: true });
  }
}

const ARGUMENTS = [...UNSYNCED, ...PINNED_MERGE, "merge-tree", "--stdin", "-z", "--allow-unrelated-histories"];
const AT_ONCE = 4;

/**
 * Merges many pairs of commits in one process, in objects only. Where git breaks off at a pair, each is merged alone, so
 * that one which cannot be read hides no other.
 */
export async function mergeMany(git: Git, place: MergePlace, pairs: readonly MergePair[]): Promise<ManyMerged[]> {
  if (pairs.length === 0) return [];
  try {
    return await mergeAll(git, place, pairs);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (pairs.length === 1) return [{ failed: messageOf(error) }];
  }
  const found: ManyMerged[] = [];
  for (let at = 0; at < pairs.length; at += AT_ONCE) {
    const some = pairs.slice(at, at + AT_ONCE).map((pair) => mergeMany(git, place, [pair]));
    found.push(...(await Promise.all(some)).flat());
  }
  return found;
}

async function mergeAll(git: Git, { dir, env }: MergePlace, pairs: readonly MergePair[]): Promise<ManyMerged[]> {
  const input = pairs.map(({ ours, theirs }) => `${ours} ${theirs}\n`).join("");
  // An exit code says that the last of them conflicts, or nothing: what was printed tells.
  const { stdout } = await run(git, ARGUMENTS, { dir, env, input, accept: [1] });
  const fields = stdout.toString("latin1").split("\0");
  const found: ManyMerged[] = [];
  let at = 0;
  for (const pair of pairs) {
    const read = readMerge(fields, at, pair);
    found.push(read.merged);
    at = read.next;
  }
  return found;
}

/** One answer: `1 NUL tree NUL NUL`, or `0 NUL tree NUL (stage NUL)* NUL (message)* NUL`. */
function readMerge(fields: readonly string[], from: number, pair: MergePair): { merged: ManyMerged; next: number } {
  const status = fields[from];
  if (status === "1") return { merged: { unmerged: [] }, next: from + 3 };
  if (status !== "0") return { merged: { failed: "git merge-tree gave no answer." }, next: from };
  let at = from + 2;
  const stages = new Map<string, Partial<Record<Side, TreeEntry>>>();
  for (; fields[at] !== "" && at < fields.length; at++) {
    const [, mode = "", object = "", stage = "", path = ""] =
      /^(\d+) ([0-9a-f]+) ([123])\t([^]*)$/.exec(fields[at] ?? "") ?? [];
    const sides = stages.get(path) ?? {};
    sides[SIDES[Number(stage) - 1] ?? "base"] = { mode: mode as Mode, oid: oid(object) };
    stages.set(path, sides);
  }
  const kinds = new Map<string, string>();
  // Messages: <number of paths> NUL <path>… NUL <short kind> NUL <text> NUL
  for (at += 1; fields[at] !== "" && at < fields.length;) {
    const count = Number(fields[at]);
    const kind = /^CONFLICT \((.+)\)$/.exec(fields[at + 1 + count] ?? "")?.[1];
    if (kind !== undefined)
      for (const path of fields.slice(at + 1, at + 1 + count)) if (!kinds.has(path)) kinds.set(path, kind);
    at += count + 3;
  }
  return { merged: { unmerged: unmergedPaths(stages, kinds, pair) }, next: at + 1 };
}

type Side = "base" | "ours" | "theirs";
const SIDES: readonly Side[] = ["base", "ours", "theirs"];

/** Where both cannot stand under one name, git gives one of them another, which ends in its side's: that is one path. */
function unmergedPaths(
  stages: ReadonlyMap<string, Partial<Record<Side, TreeEntry>>>,
  kinds: ReadonlyMap<string, string>,
  { ours, theirs }: MergePair,
): UnmergedPath[] {
  const found = new Map<string, UnmergedPath>();
  for (const [name, sides] of stages) {
    const path = name.replace(new RegExp(`~(?:${ours}|${theirs})(?:_\\d+)?$`), "");
    const known = found.get(path) ?? { path, base: null, ours: null, theirs: null, kind: null };
    found.set(path, { ...known, ...sides, kind: known.kind ?? kinds.get(name) ?? kinds.get(path) ?? null });
  }
  return [...found.values()];
}
