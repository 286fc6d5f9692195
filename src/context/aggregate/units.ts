import type { Oid } from "../../git/names.ts";
import { readTree } from "../../git/tree.ts";
import { compareTrees } from "../../git/tree-diff.ts";
import type { Project } from "../../project.ts";
import { isTicketName } from "../ticket-name.ts";
import { emptyMemory, type Memory } from "./cache.ts";
import { type Pivot, pivotOf, type Remembered, type Wants } from "./pivot.ts";
import type { Places, Tip } from "./tips.ts";

/** A context as it stands on some tips. */
export interface Version {
  readonly known: Remembered;
  readonly tips: readonly Tip[];
}

/** One version of a context that counts: the newest, or one of several that do not descend from each other. */
export interface Unit extends Version {
  /** The ticket, or a name that no ticket has: see `kindOf`. */
  readonly name: string;
  readonly diverged: boolean;
}

/** How contexts that are no tickets are called among those that are: no ticket has such a name. */
const CENTRAL = "@central";
const SESSION = "@session ";

/** The folder that a context is in. */
export function pathOf({ config }: Pick<Project, "config">, name: string): string {
  if (name === CENTRAL) return config.context.central;
  return name.startsWith(SESSION) ? ".session" : `${config.context.tickets}/${name}`;
}

/** The folder or file of a context in a commit; null where it has none. */
export async function objectAt(project: Project, memory: Memory, places: Places, name: string): Promise<Oid | null> {
  if (name === CENTRAL) return places.central;
  if (name.startsWith(SESSION)) return places.session;
  if (places.tickets === null) return null;
  await rememberChanges(project, memory, [places.tickets]);
  const changed = memory.changes.get(places.tickets)?.get(name);
  return changed === undefined ? (memory.pivot.get(name)?.object ?? null) : changed;
}

/**
 * Compares folders of tickets that were not compared before with the memory's.
 * @returns false where that one is gone
 */
export async function rememberChanges(project: Project, memory: Memory, trees: Iterable<Oid>): Promise<boolean> {
  const unknown = [...new Set(trees)].filter((tree) => !memory.changes.has(tree));
  if (unknown.length === 0) return true;
  const pivot = memory.pivot.tree;
  if (pivot === null) return false;
  // git compares with what is not there and says nothing.
  const [there, compared] = await Promise.all([project.objects.stat(pivot), compareTrees(project.git, pivot, unknown)]);
  if (there?.type !== "tree") return false;
  for (const [tree, changes] of compared)
    memory.changes.set(tree, new Map([...changes].filter(([name]) => isTicketName(name))));
  return true;
}

/** A memory that begins with the tickets of a folder. */
export async function beginWith(project: Project, tree: Oid, old: Memory): Promise<Memory> {
  const entries = [...(await readTree(project.objects, tree))];
  const tickets = entries.filter(([name, { mode }]) => mode === "040000" && isTicketName(name));
  const known = new Map(old.others);
  for (const one of old.pivot.all().values()) known.set(one.object, one);
  const own = new Map(tickets.map(([name, { oid }]) => [name, known.get(oid) ?? { object: oid, row: "" }]));
  return {
    ...emptyMemory(old.shallow),
    pivot: pivotOf(tree, own),
    places: old.places,
    forks: old.forks,
    stood: old.stood,
    others: known,
  };
}

/** A tip with where its contexts are. */
export interface Standing {
  readonly tip: Tip;
  readonly places: Places;
}

/** What kind of context a name is of. */
export function kindOf(name: string): "ticket" | "central" | "session" {
  if (name === CENTRAL) return "central";
  return name.startsWith(SESSION) ? "session" : "ticket";
}

/**
 * Every context of which there is one version, and those of which there are several.
 * @param wants of the tickets that are the same everywhere, only those that are asked for; and those that were not read
 */
export function versionsIn(
  memory: Memory,
  standing: readonly Standing[],
  wants: Wants,
): { readonly single: Unit[]; readonly several: Map<string, readonly Version[]> } {
  const single: Unit[] = [];
  const several = new Map<string, readonly Version[]>();
  const put: Put = (name, objects, own) => {
    const known = (object: Oid): Remembered => remembered(memory, own, object);
    const versions = [...objects].map(([object, tips]) => ({ known: known(object), tips }));
    const [first] = versions;
    if (versions.length > 1) several.set(name, versions);
    else if (first) single.push({ name, ...first, diverged: false });
  };
  const trees = grouped(standing, ({ places }) => places.tickets);
  const tips = [...trees.values()].flat();
  const changed = changesByName(memory, trees.keys());
  for (const [name, known] of tips.length > 0 ? matchesIn(memory, wants) : [])
    if (!changed.has(name)) single.push({ name, known, tips, diverged: false });
  for (const [name, changes] of changed) {
    const own = memory.pivot.get(name);
    const object = own?.object;
    // Where the pivot does not have it, only those that differ can.
    for (const tree of object ? trees.keys() : []) if (!changes.has(tree)) changes.set(tree, object ?? null);
    const objects = byObject(changes, (tree) => trees.get(tree) ?? []);
    put(name, objects, own);
  }
  putOthers(standing, put);
  return { single, several };
}

/** The tickets of the pivot that are asked for; with them those are looked up that were found to be other elsewhere. */
export function matchesIn({ pivot, changes }: Memory, wants: Wants): ReturnType<Pivot["matching"]> {
  return pivot.matching(wants, new Set([...changes.values()].flatMap((names) => [...names.keys()])));
}

type Put = (name: string, objects: ReadonlyMap<Oid, readonly Tip[]>, own?: Remembered) => void;

function putOthers(standing: readonly Standing[], put: Put): void {
  const central = grouped(standing, ({ places }) => places.central);
  put(CENTRAL, central);
  for (const [branch, all] of Map.groupBy(standing, ({ tip }) => tip.branch)) {
    const sessions = grouped(all, ({ places }) => places.session);
    put(`${SESSION}${branch}`, sessions);
  }
}

function byObject(objects: ReadonlyMap<Oid, Oid | null>, tipsOf: (tree: Oid) => readonly Tip[]): Map<Oid, Tip[]> {
  const found = new Map<Oid, Tip[]>();
  for (const [tree, object] of objects) {
    if (object === null) continue;
    const before = found.get(object);
    if (before) before.push(...tipsOf(tree));
    else found.set(object, [...tipsOf(tree)]);
  }
  return found;
}

/** Tickets that are not everywhere as in the pivot, with what the folders have that differ. */
function changesByName(memory: Memory, trees: Iterable<Oid>): Map<string, Map<Oid, Oid | null>> {
  const found = new Map<string, Map<Oid, Oid | null>>();
  for (const tree of trees)
    for (const [name, object] of memory.changes.get(tree) ?? []) {
      const before = found.get(name);
      if (before) before.set(tree, object);
      else found.set(name, new Map([[tree, object]]));
    }
  return found;
}

function remembered(memory: Memory, own: Remembered | undefined, object: Oid): Remembered {
  if (own?.object === object) return own;
  const known = memory.others.get(object) ?? { object, row: "" };
  memory.others.set(object, known);
  return known;
}

function grouped(standing: readonly Standing[], by: (one: Standing) => Oid | null): Map<Oid, Tip[]> {
  const groups = new Map<Oid, Tip[]>();
  for (const one of standing) {
    const object = by(one);
    if (object !== null) groups.set(object, [...(groups.get(object) ?? []), one.tip]);
  }
  return groups;
}
