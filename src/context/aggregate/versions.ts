import { BerthError } from "../../errors.ts";
import { forkPoints } from "../../git/fork-points.ts";
import { type Oid, oid } from "../../git/names.ts";
import { mergeBase } from "../../git/refs.ts";
import { text } from "../../git/run.ts";
import type { Project } from "../../project.ts";
import type { Memory } from "./cache.ts";
import { placesOf, type Places, type Tip } from "./tips.ts";
import { objectAt, rememberChanges, type Version } from "./units.ts";

/** What two versions of one context are to each other. */
type Order = "older" | "newer" | "apart";

/**
 * Which versions of contexts count: of those that differ, one that another descends from does not. One descends from
 * another if its branch has had it: where the histories meet the other is what stood there, or it has stood there since
 * (a landing or a merge by squash makes no common commit).
 * @param units names of contexts to their versions, at least two each
 */
export async function newestOf(
  project: Project,
  memory: Memory,
  units: ReadonlyMap<string, readonly Version[]>,
  base: Tip | undefined,
): Promise<Map<string, readonly Version[]>> {
  const judge: Judge = { project, memory, base };
  await rememberForks(judge, units);
  const found = new Map<string, readonly Version[]>();
  for (const [name, versions] of units) found.set(name, await maximal(judge, name, versions));
  return found;
}

interface Judge {
  readonly project: Project;
  readonly memory: Memory;
  readonly base: Tip | undefined;
}

/** A commit to judge a version by: the base, where it has it. */
function speaker({ tips }: Version, base: Tip | undefined): Oid {
  const [first] = tips;
  const tip = base && tips.includes(base) ? base : first;
  if (!tip) throw new BerthError("FAILED", "A version of a context stands nowhere.");
  return tip.commit;
}

/** Where the base meets each tip that has another version than it, in one go; with the folders of tickets there. */
async function rememberForks(
  { project, memory, base }: Judge,
  units: ReadonlyMap<string, readonly Version[]>,
): Promise<void> {
  if (!base) return;
  const asked = new Set<Oid>();
  for (const versions of units.values()) {
    if (!versions.some(({ tips }) => tips.includes(base))) continue;
    for (const version of versions) asked.add(speaker(version, base));
  }
  await inheritForks({ project, memory, base }, asked);
  const unknown = [...asked].filter((tip) => !memory.forks.has(`${base.commit} ${tip}`));
  if (unknown.length === 0) return;
  for (const [tip, fork] of await forkPoints(project.git, base.commit, unknown))
    memory.forks.set(`${base.commit} ${tip}`, fork);
}

/**
 * A commit with one parent has the common ancestors that its parent had, as long as the parent was none of them itself:
 * mostly only that has happened since the last call.
 */
async function inheritForks({ project, memory, base }: Judge, tips: Iterable<Oid>): Promise<void> {
  if (!base || memory.forks.size === 0) return;
  const compared = new Set([...memory.forks.keys()].map((key) => key.split(" ")[0] ?? ""));
  const from = await firstOf(singleParents(project, base.commit), (commit) => compared.has(commit));
  if (from === null) return;
  for (const tip of tips) {
    if (memory.forks.has(`${base.commit} ${tip}`)) continue;
    const other = await firstOf(singleParents(project, tip), (commit) => memory.forks.has(`${from} ${commit}`));
    const fork: Oid | null = other === null ? null : (memory.forks.get(`${from} ${other}`) ?? null);
    if (fork === null || (from !== base.commit && fork === from) || (other !== tip && fork === other)) continue;
    memory.forks.set(`${base.commit} ${tip}`, fork);
  }
}

async function firstOf(commits: AsyncIterable<Oid>, fits: (commit: Oid) => boolean): Promise<Oid | null> {
  for await (const commit of commits) if (fits(commit)) return commit;
  return null;
}

/** A commit and those before it, as far as each has one parent; at most ten. */
async function* singleParents({ objects }: Pick<Project, "objects">, commit: Oid): AsyncGenerator<Oid> {
  let at = commit;
  for (let count = 0; count < 10; count++) {
    yield at;
    const head = (await objects.read(at))?.data.toString("latin1").split("\n\n", 1)[0] ?? "";
    const parents = [...head.matchAll(/^parent ([0-9a-f]+)$/gm)].map(([, parent = ""]) => parent);
    const [only] = parents;
    if (only === undefined || parents.length > 1) return;
    at = oid(only);
  }
}

async function maximal(judge: Judge, name: string, versions: readonly Version[]): Promise<readonly Version[]> {
  // Most are older than what the base has: those need not be compared with one another.
  const { base } = judge;
  const first = versions.findIndex(({ tips }) => base !== undefined && tips.includes(base));
  const inOrder =
    first <= 0 ? versions : [versions[first], ...versions.toSpliced(first, 1)].filter((one) => one !== undefined);
  let kept: Version[] = [];
  for (const version of inOrder) {
    const orders = await Promise.all(kept.map((other) => compare(judge, name, version, other)));
    kept = kept.filter((_other, at) => orders[at] !== "newer");
    if (!orders.includes("older")) kept.push(version);
  }
  return kept;
}

/** Whether `a` is newer or older than `b`. */
async function compare(judge: Judge, name: string, a: Version, b: Version): Promise<Order> {
  const { project, memory, base } = judge;
  const [mine, other] = [speaker(a, base), speaker(b, base)];
  const fork = await forkOf(judge, mine, other);
  if (fork === null) return "apart";
  const there = await objectAt(project, memory, await rememberedPlaces(project, memory, fork), name);
  if (there === a.known.object) return "older";
  if (there === b.known.object) return "newer";
  if (base?.commit === other && (await stoodOnBase(judge, name, fork, a))) return "older";
  return base?.commit === mine && (await stoodOnBase(judge, name, fork, b)) ? "newer" : "apart";
}

async function forkOf({ project, memory, base }: Judge, a: Oid, b: Oid): Promise<Oid | null> {
  const [from, to] = base?.commit === b ? [b, a] : [a, b];
  const key = `${from} ${to}`;
  const known = memory.forks.get(key);
  if (known !== undefined) return known;
  const fork = await mergeBase(project.git, from, to);
  memory.forks.set(key, fork);
  return fork;
}

/** Looks up, once, where the contexts of a commit are. */
export async function rememberedPlaces(project: Project, memory: Memory, commit: Oid): Promise<Places> {
  const known = memory.places.get(commit) ?? (await placesOf(project, commit));
  memory.places.set(commit, known);
  return known;
}

/** How far back the base's commits are looked through for a version. */
const TRAIL = 100;

/** Whether a version has stood on the base since a commit: a landing by squash has no commit of its branch. */
async function stoodOnBase(judge: Judge, name: string, fork: Oid, { known }: Version): Promise<boolean> {
  const { project, memory } = judge;
  const trail = await trailOf(judge);
  const end = trail.indexOf(fork);
  for (const commit of end < 0 ? trail : trail.slice(0, end)) {
    const places = await rememberedPlaces(project, memory, commit);
    if ((await objectAt(project, memory, places, name)) === known.object) return true;
  }
  return false;
}

/** The base's last commits, with their folders of tickets compared. */
async function trailOf({ project, memory, base }: Judge): Promise<readonly Oid[]> {
  if (!base) return [];
  const old = memory.trail.at;
  if (old[0] === base.commit) return old;
  const args = ["rev-list", "--first-parent", `--max-count=${TRAIL}`, base.commit];
  const said = await text(project.git, args);
  memory.trail.at = said.split("\n").map(oid);
  const places = await Promise.all(memory.trail.at.map((commit) => rememberedPlaces(project, memory, commit)));
  await rememberChanges(
    project,
    memory,
    places.flatMap(({ tickets }) => tickets ?? []),
  );
  return memory.trail.at;
}
