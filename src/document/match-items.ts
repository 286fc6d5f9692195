import { canonicalText } from "./plain-data.ts";
import { handOut } from "./equal-items.ts";
import type { Json } from "./json.ts";
import { lineChanges } from "./line-diff.ts";
import { itemsByIdentity } from "./list-items.ts";

/**
 * For each item of a new list, the item of the old one that became it; -1 for one that is new. Items are known by their
 * identity, else by being equal, else by the place in which one gave way to another. No old item is given twice.
 */
export function matchItems(old: readonly unknown[], wanted: readonly unknown[]): number[] {
  const known = itemsByIdentity({ base: [], ours: old as readonly Json[], theirs: wanted as readonly Json[] });
  if (known && known.ours.size === old.length && known.theirs.size === wanted.length) {
    const places = new Map([...known.ours.keys()].map((id, at) => [id, at]));
    return [...known.theirs.keys()].map((id) => places.get(id) ?? -1);
  }
  return matchByValue(old.map(canonicalText), wanted.map(canonicalText));
}

function matchByValue(old: readonly string[], wanted: readonly string[]): number[] {
  const found = wanted.map(() => -1);
  const changes = lineChanges(old, wanted);
  let [at, newAt] = [0, 0];
  for (const { from, to, newFrom, newTo } of [
    ...changes,
    { from: old.length, to: 0, newFrom: wanted.length, newTo: 0 },
  ]) {
    while (newAt < newFrom && at < from) found[newAt++] = at++;
    [at, newAt] = [to, newTo];
  }
  const places = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);
  const takeEqual = handOut(
    changes.flatMap(({ from, to }) => places(from, to).map((place) => [old[place] ?? "", place] as const)),
  );
  const taken = new Set<number>();
  for (const { newFrom, newTo } of changes) {
    for (let place = newFrom; place < newTo; place++) {
      const source = takeEqual(wanted[place] ?? "");
      if (source === undefined) continue;
      found[place] = source;
      taken.add(source);
    }
  }
  for (const { from, to, newFrom, newTo } of changes) {
    const gave = places(from, to)
      .filter((place) => !taken.has(place))
      .values();
    for (let place = newFrom; place < newTo; place++) if (found[place] === -1) found[place] = gave.next().value ?? -1;
  }
  return found;
}
