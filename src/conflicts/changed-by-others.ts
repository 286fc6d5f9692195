import { join } from "node:path";
import { lockPaths } from "../coordination/agent/session.ts";
import type { LockPath } from "../coordination/lock/lock-path.ts";
import { matches, overlaps } from "../coordination/lock/path-overlap.ts";
import { messageOf } from "../errors.ts";
import { changedNames, type TreePair } from "../git/changed-names.ts";
import { joinedHistories } from "../git/joined-histories.ts";
import { type Oid, oid } from "../git/names.ts";
import { type ObjectReader, openObjects } from "../git/objects.ts";
import { objectsBeside } from "../git/objects-beside.ts";
import { mergeBase, resolveCommit } from "../git/refs.ts";
import type { Git } from "../git/run.ts";
import { SESSION_DIR } from "../ledger/layout.ts";
import { rowsOf } from "../ledger/rows.ts";
import { readTip } from "../ledger/tip.ts";
import { baseRef, type Project } from "../project.ts";
import { memoryDir, withScratch } from "./place.ts";
import { type Side, sidesOf } from "./side.ts";

/** So many paths are named of each session. */
const MOST_NAMED = 3;

/**
 * Warnings for a session that is being claimed: what others, whose sessions are active, have changed already on the
 * paths that its plan names, committed or not. Of sessions on other machines that is what was fetched last.
 */
export async function changedByOthers(project: Project, id: string): Promise<string[]> {
  try {
    const tip = await readTip(project);
    const [active, planned] = await Promise.all([rowsOf(project, tip, "active"), rowsOf(project, tip, "planned")]);
    const own = [...active, ...planned].find((row) => row.id === id);
    const others = active.filter((row) => row.id !== id && row.problem === null);
    if (!own || own.paths.length === 0 || others.length === 0) return [];
    const wanted = await lockPaths(project, own.paths);
    return await withScratch(project, async (folder) => {
      const sides = await sidesOf(project, others, { lasting: memoryDir(project), own: folder });
      return warningsOf(wanted, sides, await changesOf(project, folder, sides));
    });
  } catch (error) {
    return [`What others have changed could not be compared with the plan: ${messageOf(error)}`];
  }
}

function warningsOf(wanted: readonly LockPath[], sides: readonly Side[], changes: readonly string[][]): string[] {
  return sides.flatMap(({ id, agent, uncommitted }, at) => {
    const met = (changes[at] ?? []).filter((path) => wanted.some((one) => names(one, path)));
    if (met.length === 0) return [];
    const more = met.length > MOST_NAMED ? ` and ${met.length - MOST_NAMED} more` : "";
    const files = `${met.slice(0, MOST_NAMED).join(", ")}${more}`;
    const not = uncommitted > 0 ? ", not all of it committed" : "";
    return [`${id} (${agent ?? "somebody"}) has changed what the plan names already: ${files}${not}.`];
  });
}

/** A plan may name a folder without a slash, and what is a folder now may be a file in somebody's work. */
function names(wanted: LockPath, path: string): boolean {
  if (wanted.kind === "glob") return matches(wanted, path);
  return overlaps(wanted, { kind: "file", path, key: path, ignoreCase: wanted.ignoreCase });
}

/** What each side has other than the commit at which it left the base branch. */
async function changesOf(project: Project, folder: string, sides: readonly Side[]): Promise<string[][]> {
  const stores = new Set([join(project.repository.commonDir, "objects"), ...sides.flatMap((side) => side.objects)]);
  const git = objectsBeside(project.git, folder, [...stores]);
  const objects = openObjects(git);
  try {
    const pairs = await pairsOf({ project, git, objects }, sides);
    const names = await changedNames(
      git,
      pairs.filter((pair) => pair !== null),
    );
    return pairs.map((pair) => (pair === null ? [] : (names.shift() ?? []).filter(isWork)));
  } finally {
    objects.close();
  }
}

interface Ground {
  readonly project: Project;
  readonly git: Git;
  readonly objects: ObjectReader;
}

async function pairsOf({ project, git, objects }: Ground, sides: readonly Side[]): Promise<(TreePair | null)[]> {
  const base = await resolveCommit(project.objects, baseRef(project));
  if (base === null) return sides.map(() => null);
  const tips = sides.map(({ parents }) => parents);
  const histories = await joinedHistories(git, base, tips);
  const treeOf = async (commit: Oid | null | undefined): Promise<Oid | null> =>
    commit ? ((await objects.stat(`${commit}^{tree}`))?.oid ?? null) : null;
  return Promise.all(
    sides.map(async ({ parents: [tip], tree }, at) => {
      const join = tip === undefined ? null : await joinOf(git, base, tip, histories[at]?.joins ?? []);
      const [from, to] = [await treeOf(join), tree ?? (await treeOf(tip))];
      return from === null || to === null ? null : { from, to };
    }),
  );
}

async function joinOf(git: Git, base: Oid, tip: Oid, joins: readonly string[]): Promise<Oid | null> {
  return joins.length === 1 ? oid(joins[0] ?? "") : mergeBase(git, base, tip);
}

function isWork(path: string): boolean {
  return !path.startsWith(`${SESSION_DIR}/`);
}
