import type { Oid } from "../../git/names.ts";
import type { Project } from "../../project.ts";
import { emptyMemory, loadMemory, type Memory, readFiles, rowLine, shallowOf, storeMemory } from "./cache.ts";
import type { Wants } from "./pivot.ts";
import { baseOf, type Tip, tipsOf } from "./tips.ts";
import { beginWith, kindOf, matchesIn, rememberChanges, type Standing, type Unit, versionsIn } from "./units.ts";
import { newestOf, rememberedPlaces } from "./versions.ts";

/** The contexts of a repository, wherever they stand. */
export interface Aggregate {
  readonly units: readonly Unit[];
  /** Whether the history is cut off, so that what descends from what cannot always be told. */
  readonly isShallow: boolean;
  /** The base alone, where it has a version; else every branch that does. */
  readonly branches: (unit: Unit) => readonly string[];
  /** One tip that has a version: the base, where it does. */
  readonly tip: (unit: Unit) => Tip | undefined;
}

/**
 * Every context of every branch, work tree and branch of the hub as last fetched, read from objects: nothing is checked
 * out. What was found out before is remembered by the names of objects. [TKT-08]
 * @param wants tells most of the tickets that are not asked for; the caller still has to ask of each that it gets
 */
export async function aggregate(project: Project, wants: Wants = () => true): Promise<Aggregate> {
  const reading = readFiles(project);
  // Read before anything is asked of the history: more of it may be fetched meanwhile.
  const shallow = await shallowOf(project);
  const [tips, old] = await Promise.all([tipsOf(project), loadMemory(project, reading, shallow)]);
  const base = baseOf(project, tips);
  const carried = old ?? emptyMemory(shallow);
  const had = [sizeOf(carried), carried.stood.at];
  const standing = await Promise.all(
    tips.map(async (tip) => ({ tip, places: await rememberedPlaces(project, carried, tip.commit) })),
  );
  const beginning = begun(project, carried, standing, base);
  // While git compares folders; most likely it is asked again of the same.
  matchesIn(carried, wants);
  const memory = await beginning;
  const { single: units, several } = versionsIn(memory, standing, wants);
  for (const [name, all] of await newestOf(project, memory, several, base))
    for (const version of all) units.push({ name, ...version, diverged: all.length > 1 });
  const read = await rememberRows(project, units);
  if (read.size > 0 || memory !== old || sizeOf(memory) !== had[0] || memory.stood.at !== had[1]) {
    const ofPivot = [...read].some((known) => memory.others.get(known.object) !== known);
    await storeMemory(project, pruned(memory, tips, units), { pivotToo: memory !== old || ofPivot });
  }
  return {
    units,
    isShallow: shallow !== "",
    branches: ({ tips: those }) => namesOf(project, base, those),
    tip: ({ tips: those }) => (base && those.includes(base) ? base : those[0]),
  };
}

/** Compares all folders of tickets with one that most resemble: the base's, anew only once much of it is other. */
async function begun(
  project: Project,
  old: Memory,
  standing: readonly Standing[],
  base: Tip | undefined,
): Promise<Memory> {
  const trees = standing.flatMap(({ places }) => places.tickets ?? []);
  const wanted = standing.find(({ tip }) => tip === base)?.places.tickets ?? trees[0] ?? null;
  if (wanted === null) return old;
  // What differs has to be read: that is loaded meanwhile.
  if (trees.some((tree) => !old.changes.has(tree))) void import("./row.ts");
  const compared = await rememberChanges(project, old, trees);
  const changed = old.changes.get(wanted)?.size;
  if (compared && changed !== undefined && changed <= 100 + old.pivot.size / 10) return old;
  const memory = await beginWith(project, wanted, old);
  await rememberChanges(project, memory, trees);
  return memory;
}

/** How many are read at once. */
const AT_ONCE = 500;

/** Reads the rows that are not known yet. @returns those */
async function rememberRows(project: Project, units: readonly Unit[]): Promise<ReadonlySet<Unit["known"]>> {
  const unknown = new Map<Unit["known"], Unit>();
  for (const unit of units) if (unit.known.row === "") unknown.set(unit.known, unit);
  if (unknown.size === 0) return new Set();
  const { contextRow, ticketRow } = await import("./row.ts");
  const all = [...unknown];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    await Promise.all(
      all.slice(at, at + AT_ONCE).map(async ([known, { name }]) => {
        const read = kindOf(name) === "ticket" ? ticketRow : contextRow;
        known.row = rowLine(await read(project, known.object));
      }),
    );
  }
  return new Set(unknown.keys());
}

/** What the next call can use: what stands on the tips as they are now. */
function pruned(memory: Memory, tips: readonly Tip[], units: readonly Unit[]): Memory {
  const commits = new Set(tips.map(({ commit }) => commit));
  const only = <Key extends string, Value>(
    map: ReadonlyMap<Key, Value>,
    keep: (key: Key) => boolean,
  ): Map<Key, Value> => new Map([...map].filter(([key]) => keep(key)));
  const forks = only(memory.forks, (key) => key.split(" ").every((commit) => commits.has(commit as Oid)));
  for (const fork of forks.values()) if (fork !== null) commits.add(fork);
  const places = only(memory.places, (commit) => commits.has(commit));
  const trees = new Set([...places.values()].map(({ tickets }) => tickets));
  const objects = new Set(
    units.filter(({ known }) => memory.others.get(known.object) === known).map(({ known }) => known.object),
  );
  return {
    ...memory,
    forks,
    places,
    changes: only(memory.changes, (tree) => trees.has(tree)),
    others: only(memory.others, (object) => objects.has(object)),
  };
}

function sizeOf({ changes, places, forks, stood }: Memory): number {
  const compared = [...changes.values()].reduce((sum, { size }) => sum + size, changes.size);
  return compared + places.size + forks.size + stood.known.size;
}

function namesOf({ config }: Pick<Project, "config">, base: Tip | undefined, tips: readonly Tip[]): readonly string[] {
  return base && tips.includes(base) ? [config.base] : tips.flatMap(({ names }) => names);
}
