import { BerthError } from "../../errors.ts";
import { forkPoints } from "../../git/fork-points.ts";
import type { Oid } from "../../git/names.ts";
import { mergeBase } from "../../git/refs.ts";
import type { Project } from "../../project.ts";
import type { Memory } from "./cache.ts";
import { parentsOf } from "./parents.ts";
import { type Asked, hasStood, rememberStood } from "./stood.ts";
import { placesOf, type Places, type Tip } from "./tips.ts";
import { objectAt, type Version } from "./units.ts";

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
  await rememberLandings(judge, units);
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
async function* singleParents(project: Pick<Project, "objects">, commit: Oid): AsyncGenerator<Oid> {
  let at = commit;
  for (let count = 0; count < 10; count++) {
    yield at;
    const [only, ...more] = await parentsOf(project, at);
    if (only === undefined || more.length > 0) return;
    at = only;
  }
}

/** Versions that are neither what stood where their branch began, nor in place of it: the base may have had them since. */
async function rememberLandings(
  { project, memory, base }: Judge,
  units: ReadonlyMap<string, readonly Version[]>,
): Promise<void> {
  if (!base) return;
  const asked: Asked[] = [];
  for (const [name, versions] of units) {
    const own = versions.find(({ tips }) => tips.includes(base));
    for (const version of own ? versions : []) {
      if (version === own) continue;
      const fork = await forkOf({ project, memory, base }, base.commit, speaker(version, base));
      const there = fork && (await objectAt(project, memory, await rememberedPlaces(project, memory, fork), name));
      const { object } = version.known;
      if (fork && there !== object && there !== own?.known.object) asked.push({ name, object, fork });
    }
  }
  await rememberStood(project, memory, base.commit, asked);
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
  const hasBeen = ({ known: { object } }: Version): boolean => hasStood(memory, { name, object, fork });
  if (base?.commit === other && hasBeen(a)) return "older";
  return base?.commit === mine && hasBeen(b) ? "newer" : "apart";
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
