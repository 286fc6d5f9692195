import { type Json, ownValue, requireShallow, sameJson, setOwn } from "./json.ts";
import { type ItemSides, itemsByIdentity, itemsByValue } from "./list-items.ts";
import { isConcurrent, manualChanges, type Path } from "./manual-changes.ts";
import { type MapSides, mapsOf } from "./map-sides.ts";
import { mergeOrder } from "./merge-order.ts";
import type {
  ConflictReason,
  MergeOptions,
  Overwritten,
  Policy,
  Sides,
  ValueConflict,
  ValueMerge,
} from "./merge-policy.ts";
import { mergeWithSides } from "./merge-text.ts";

/**
 * Merges the changes that two sides made to a value: `ours` stands already, `theirs` comes later. Maps are merged by
 * key; lists of maps by the identity of their items (id, key, name or path), lists of scalars by value and occurrence,
 * other lists as one value; texts with line feeds by line. A type that one side changed is taken; a value that one side
 * deleted and the other changed is a conflict.
 *
 * In a conflict `ours` stays in the value, and the conflict holds all three; of a text by lines, `ours` is what could be
 * merged of both, and the others differ from it in the lines alone that both changed. The outcome depends on neither the order of
 * keys nor on which parts the inputs share; the keys of `ours` come first, then those that `theirs` added.
 * @throws BerthError INVALID where a value is nested more than 200 levels deep
 */
export function mergeValues(
  base: Json | undefined,
  ours: Json | undefined,
  theirs: Json | undefined,
  options: MergeOptions,
): ValueMerge {
  const merge: Merge = { ...options, conflicts: [], overwritten: [] };
  const value = mergeAt(merge, [], { base, ours, theirs }, null);
  return { value, conflicts: merge.conflicts.sort(byPath), overwritten: merge.overwritten.sort(byPath) };
}

interface Merge extends MergeOptions {
  readonly conflicts: ValueConflict[];
  readonly overwritten: Overwritten[];
}

/**
 * What was decided further out and holds here too, as long as the policy is the same: `union`, both sides changed
 * something in it; `judged`, manual without a conflict; `held`, manual with one: `ours` stays, while parts under other
 * policies are still merged.
 */
type Region = "union" | "judged" | "held";

function mergeAt(merge: Merge, path: Path, sides: Sides, around: Region | null): Json | undefined {
  const { base, ours, theirs } = sides;
  const depth = path.length;
  const outer = around === null && depth < 2 ? outerMaps(merge, path, sides) : null;
  if (outer) return mergeMaps(merge, path, outer, null);
  // Only where both are one object has the comparison walked through nothing.
  if (sameJson(ours, theirs, depth)) return ours === theirs && ours !== base ? taken(ours, depth) : ours;
  const inherited = around !== null && merge.policyAt(path) === policyOf[around] ? around : null;
  if (inherited === null || inherited === "judged") {
    if (sameJson(base, theirs, depth)) return taken(ours, depth);
    if (sameJson(base, ours, depth)) return taken(theirs, depth);
  }
  const policy = merge.policyAt(path);
  const region = inherited ?? regionAt(merge, path, sides, policy);
  const maps = mapsOf(sides);
  if (maps) return mergeMaps(merge, path, maps, region);
  const here: Place = { merge, path, sides, policy, region };
  const items = itemsByIdentity(sides);
  if (items) {
    return mergeItems(here, items, (id, item) => mergeAt(merge, [...path, id], item, region));
  }
  if (region === "held") return taken(ours, depth);
  const values = itemsByValue(sides, policy === "union", depth);
  if (values) return mergeItems(here, values, (_, item) => membership(item, policy));
  return mergeWhole(here);
}

/**
 * The outermost maps are the big ones, and mostly both sides changed something in them: comparing them first would be
 * wasted. Only union and manual have to know whether both sides did.
 */
function outerMaps(merge: Merge, path: Path, sides: Sides): MapSides | null {
  const { base, ours, theirs } = sides;
  if (base === undefined || ours === theirs || base === ours || base === theirs) return null;
  const maps = mapsOf(sides);
  const policy = maps ? merge.policyAt(path) : "manual";
  return policy === "union" || policy === "manual" ? null : maps;
}

const policyOf: Readonly<Record<Region, Policy>> = { union: "union", judged: "manual", held: "manual" };

interface Place {
  readonly merge: Merge;
  readonly path: Path;
  readonly sides: Sides;
  readonly policy: Policy;
  readonly region: Region | null;
}

function regionAt(merge: Merge, path: Path, sides: Sides, policy: Policy): Region | null {
  if (policy === "union") return "union";
  if (policy !== "manual") return null;
  const { ours, theirs, differ } = manualChanges(merge, path, sides);
  if (!ours || !theirs || !differ) return "judged";
  addConflict(merge, path, sides, "manual");
  return "held";
}

function mergeMaps(merge: Merge, path: Path, { base, ours, theirs }: MapSides, region: Region | null): Json {
  // Copying a big map and changing little of it is far cheaper than building it key by key.
  const merged: Record<string, Json> = { ...ours };
  const take = (key: string, mine: Json | undefined): void => {
    const sides: Sides = { base: ownValue(base, key), ours: mine, theirs: ownValue(theirs, key) };
    if (mine === sides.theirs && mine === sides.base) return;
    const value = mergeAt(merge, [...path, key], sides, region);
    if (value === mine) return;
    if (value === undefined) delete merged[key];
    else setOwn(merged, key, value);
  };
  for (const key of Object.keys(ours)) take(key, ours[key]);
  for (const key of Object.keys(theirs)) if (!Object.hasOwn(ours, key)) take(key, undefined);
  return merged;
}

function mergeItems(
  { merge, path, sides, policy, region }: Place,
  { base, ours, theirs }: ItemSides,
  mergeItem: (id: string, item: Sides) => Json | undefined,
): Json {
  const merged = new Map<string, Json>();
  for (const id of new Set([...ours.keys(), ...theirs.keys()])) {
    const value = mergeItem(id, { base: base.get(id), ours: ours.get(id), theirs: theirs.get(id) });
    if (value !== undefined) merged.set(id, value);
  }
  const ids = { base: [...base.keys()], ours: [...ours.keys()], theirs: [...theirs.keys()] };
  const keeps = (id: string): boolean => merged.has(id);
  // Measured against their own order, theirs moved nothing: a list that is held keeps the order of ours.
  const { order, clash } = mergeOrder(region === "held" ? ids.theirs : ids.base, ids.ours, ids.theirs, keeps);
  const inOrder = (all: readonly string[]): Json =>
    all.flatMap((id) => {
      const item = merged.get(id);
      // In a list of its own, because an item may be a list.
      return item === undefined ? [] : [item];
    });
  if (!clash) return inOrder(order);
  const value = inOrder(order);
  const other = inOrder(mergeOrder(ids.base, ids.theirs, ids.ours, keeps).order);
  if (policy === "last-write") {
    merge.overwritten.push({ path, ...sides });
    return other;
  }
  // Only the order is to be decided: whichever is taken, all items are there.
  addConflict(
    merge,
    path,
    { base: inOrder([...new Set([...ids.base, ...order])]), ours: value, theirs: other },
    "order",
  );
  return value;
}

/** Whether an item that is known by its value is in the merged list: both added and removed count. */
function membership({ base, ours, theirs }: Sides, policy: Policy): Json | undefined {
  if (ours === undefined) return base === undefined || policy === "union" ? theirs : undefined;
  return theirs !== undefined || base === undefined || policy === "union" ? ours : undefined;
}

/** Merges what has no parts that could be merged, or no common ones. */
function mergeWhole({ merge, path, sides, policy }: Place): Json | undefined {
  const { base, ours, theirs } = sides;
  const depth = path.length;
  if (policy === "union") {
    if (ours !== undefined && sameJson(base, theirs, depth)) return taken(ours, depth);
    if (theirs !== undefined && sameJson(base, ours, depth)) return taken(theirs, depth);
    const removed = ours === undefined || theirs === undefined;
    if (removed && !isConcurrent(merge, path, sides, policy)) return taken(ours === undefined ? theirs : ours, depth);
  }
  if (policy === "last-write" && !isConcurrent(merge, path, sides, policy)) {
    requireShallow(ours, depth);
    merge.overwritten.push({ path, ...sides });
    return taken(theirs, depth);
  }
  if (policy === "maximum") {
    if (typeof ours === "number" && typeof theirs === "number") return Math.max(ours, theirs);
    if (typeof ours === "string" && typeof theirs === "string") return ours > theirs ? ours : theirs;
  }
  if (typeof base === "string" && typeof ours === "string" && typeof theirs === "string") {
    const lines = [base, ours, theirs].some((text) => text.includes("\n"));
    const merged = lines ? mergeWithSides(base, ours, theirs) : null;
    if (merged) {
      // Only the lines that both changed are to be decided; the others count whichever side is taken.
      if (merged.conflicts.length > 0) addConflict(merge, path, { ...merged, ours: merged.text }, "both-changed");
      return merged.text;
    }
  }
  addConflict(merge, path, sides, reasonOf(sides));
  return ours;
}

function reasonOf({ base, ours, theirs }: Sides): ConflictReason {
  if (ours === undefined || theirs === undefined) return "deleted-and-changed";
  return base === undefined ? "both-added" : "both-changed";
}

function addConflict(merge: Merge, path: Path, sides: Sides, reason: ConflictReason): void {
  requireShallow(sides.ours, path.length);
  requireShallow(sides.theirs, path.length);
  const { base, ours, theirs } = sides;
  merge.conflicts.push({ path, base, ours, theirs, reason });
}

/** A value that comes from one side as it is; what no comparison walked through yet is judged here. */
function taken(value: Json | undefined, depth: number): Json | undefined {
  requireShallow(value, depth);
  return value;
}

function byPath(a: { readonly path: Path }, b: { readonly path: Path }): number {
  for (const [at, segment] of a.path.entries()) {
    const other = b.path[at];
    if (other === undefined || segment > other) return 1;
    if (segment < other) return -1;
  }
  return a.path.length - b.path.length;
}
