import { canonicalText } from "./plain-data.ts";
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
  const left = new Map<string, number[]>();
  for (const { from, to } of changes) {
    for (let place = from; place < to; place++) {
      const text = old[place] ?? "";
      left.set(text, [...(left.get(text) ?? []), place]);
    }
  }
  const taken = new Set<number>();
  const moved = (newPlace: number): void => {
    const place = left.get(wanted[newPlace] ?? "")?.shift();
    if (place === undefined) return;
    found[newPlace] = place;
    taken.add(place);
  };
  for (const { newFrom, newTo } of changes) for (let place = newFrom; place < newTo; place++) moved(place);
  for (const { from, to, newFrom, newTo } of changes) {
    const gave = Array.from({ length: to - from }, (_, n) => from + n).filter((place) => !taken.has(place));
    for (let place = newFrom; place < newTo; place++) if (found[place] === -1) found[place] = gave.shift() ?? -1;
  }
  return found;
}
