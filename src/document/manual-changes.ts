import { isJsonMap, type Json, ownValue, sameJson } from "./json.ts";
import { itemsByIdentity } from "./list-items.ts";
import { mapsOf } from "./map-sides.ts";
import { isReordered } from "./merge-order.ts";
import type { MergeOptions, Policy, Sides } from "./merge-policy.ts";

/** Keys from the whole inwards. */
export type Path = readonly string[];

/** Who changed something, and whether the sides now differ. */
interface Changes {
  readonly ours: boolean;
  readonly theirs: boolean;
  readonly differ: boolean;
}

/** What changed under the policy `manual` at a path that has it: parts with a policy of their own do not count. */
export function manualChanges(options: MergeOptions, path: Path, sides: Sides): Changes {
  const { base, ours, theirs } = sides;
  const depth = path.length;
  const whole: Changes = {
    ours: !sameJson(base, ours, depth),
    theirs: !sameJson(base, theirs, depth),
    differ: !sameJson(ours, theirs, depth),
  };
  if (!whole.ours && !whole.theirs) return whole;
  const parts = partsOf(sides);
  if (!parts) return whole;
  // A value that both sides made where there was none is a change of both, whatever stands in it.
  const made = base === undefined;
  const found = [{ ours: made, theirs: made, differ: false }, parts.moves];
  for (const [key, part] of parts.sides) {
    const at = [...path, key];
    if (options.policyAt(at) === "manual") found.push(manualChanges(options, at, part));
  }
  return {
    ours: found.some((change) => change.ours),
    theirs: found.some((change) => change.theirs),
    differ: found.some((change) => change.differ),
  };
}

/**
 * Whether both sides changed, each in its own way, some part of a value that has another policy than the whole: then
 * the policy of the whole may not choose one side for that part too.
 */
export function isConcurrent(options: MergeOptions, path: Path, sides: Sides, policy: Policy): boolean {
  const { base, ours, theirs } = sides;
  const depth = path.length;
  if (sameJson(base, ours, depth) || sameJson(base, theirs, depth) || sameJson(ours, theirs, depth)) return false;
  if (options.policyAt(path) !== policy) return true;
  const maps = [base, ours, theirs].filter(isJsonMap);
  for (const key of new Set(maps.flatMap((map) => Object.keys(map)))) {
    const part: Sides = { base: childOf(base, key), ours: childOf(ours, key), theirs: childOf(theirs, key) };
    if (isConcurrent(options, [...path, key], part, policy)) return true;
  }
  return false;
}

interface Parts {
  readonly sides: readonly (readonly [key: string, sides: Sides])[];
  readonly moves: Changes;
}

/** The parts that a merge looks at one by one; null where it takes the value as a whole. */
function partsOf(sides: Sides): Parts | null {
  const maps = mapsOf(sides);
  if (maps) {
    const keys = [...new Set(Object.values(maps).flatMap((map) => Object.keys(map)))];
    const part = (key: string): Sides => ({
      base: ownValue(maps.base, key),
      ours: ownValue(maps.ours, key),
      theirs: ownValue(maps.theirs, key),
    });
    return { sides: keys.map((key) => [key, part(key)]), moves: { ours: false, theirs: false, differ: false } };
  }
  const items = itemsByIdentity(sides);
  if (!items) return null;
  const [base, ours, theirs] = [items.base, items.ours, items.theirs].map((side) => [...side.keys()]);
  const moved = (a: readonly string[] = [], b: readonly string[] = []): boolean => isReordered(a, b);
  return {
    sides: [...new Set([...items.base.keys(), ...items.ours.keys(), ...items.theirs.keys()])].map((id) => [
      id,
      { base: items.base.get(id), ours: items.ours.get(id), theirs: items.theirs.get(id) },
    ]),
    moves: { ours: moved(base, ours), theirs: moved(base, theirs), differ: moved(ours, theirs) },
  };
}

function childOf(value: Json | undefined, key: string): Json | undefined {
  return isJsonMap(value) ? ownValue(value, key) : undefined;
}
