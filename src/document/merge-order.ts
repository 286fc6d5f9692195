import { longestIncreasing } from "./increasing.ts";

/** The outcome of a merge of orders. */
export interface OrderMerge {
  readonly order: readonly string[];
  /** True where both sides moved the same item, to different places: it stands where `ours` put it. */
  readonly clash: boolean;
}

/**
 * Merges the order of lists whose items are known by ids that are unique within each list. `ours` gives the order; what
 * `theirs` added or moved follows the item that it follows there, behind additions of `ours` in the same place. The time
 * grows with n log n.
 * @param keeps whether an item is in the result; only items of `ours` and `theirs` are asked for
 */
export function mergeOrder(
  base: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
  keeps: (id: string) => boolean,
): OrderMerge {
  const sides: Sides = { base: new Set(base), ours: new Set(ours), theirs: new Set(theirs) };
  const { moved, byOurs, clash } = movesOf(base, ours, theirs, sides);
  const next = chain(ours.filter((id) => keeps(id) && !moved.has(id)));
  let last: Place = null;
  for (const id of theirs) {
    if (!keeps(id)) continue;
    if (!sides.ours.has(id) || moved.has(id)) {
      const place = behindAdditions(last, next, sides);
      next.set(id, next.get(place));
      next.set(place, id);
    }
    // What ours moved elsewhere does not take along what theirs put behind it.
    if (!byOurs.has(id)) last = id;
  }
  return { order: listed(next), clash };
}

/** Whether a side moved items that it has in common with the base. */
export function isReordered(base: readonly string[], side: readonly string[]): boolean {
  return movedItems(base, side).size > 0;
}

interface Sides {
  readonly base: ReadonlySet<string>;
  readonly ours: ReadonlySet<string>;
  readonly theirs: ReadonlySet<string>;
}

interface Moves {
  /** What theirs alone moved. */
  readonly moved: ReadonlySet<string>;
  readonly byOurs: ReadonlySet<string>;
  readonly clash: boolean;
}

/** An item, or null for the place before the first one. */
type Place = string | null;
type Chain = Map<Place, string | undefined>;

function movesOf(base: readonly string[], ours: readonly string[], theirs: readonly string[], sides: Sides): Moves {
  const inOurs = theirs.filter((id) => sides.base.has(id) && sides.ours.has(id));
  const inTheirs = ours.filter((id) => sides.base.has(id) && sides.theirs.has(id));
  if (inOurs.every((id, at) => id === inTheirs[at])) return { moved: new Set(), byOurs: new Set(), clash: false };
  const byOurs = movedItems(base, ours);
  const byTheirs = [...movedItems(base, theirs)].filter((id) => sides.ours.has(id));
  const before = { ours: predecessors(inTheirs), theirs: predecessors(inOurs) };
  const clash = byTheirs.some((id) => byOurs.has(id) && before.ours.get(id) !== before.theirs.get(id));
  return { moved: new Set(byTheirs.filter((id) => !byOurs.has(id))), byOurs, clash };
}

/** The fewest items that would have to move to bring a side from the order of the base into its own. */
function movedItems(base: readonly string[], side: readonly string[]): Set<string> {
  const places = new Map(base.map((id, at) => [id, at] as const));
  const common = side.filter((id) => places.has(id));
  const stayed = longestIncreasing(common.map((id) => places.get(id) ?? 0));
  if (stayed.length === common.length) return new Set();
  const moved = new Set(common);
  for (const at of stayed) moved.delete(common[at] ?? "");
  return moved;
}

function predecessors(ids: readonly string[]): Map<string, Place> {
  return new Map(ids.map((id, at) => [id, ids[at - 1] ?? null] as const));
}

function chain(ids: readonly string[]): Chain {
  const next: Chain = new Map([[null, ids[0]]]);
  for (const [at, id] of ids.entries()) next.set(id, ids[at + 1]);
  return next;
}

function behindAdditions(place: Place, next: Chain, sides: Sides): Place {
  let at = place;
  for (let id = next.get(at); id !== undefined; id = next.get(at)) {
    if (sides.base.has(id) || sides.theirs.has(id)) return at;
    at = id;
  }
  return at;
}

function listed(next: Chain): string[] {
  const ids: string[] = [];
  for (let id = next.get(null); id !== undefined; id = next.get(id)) ids.push(id);
  return ids;
}
