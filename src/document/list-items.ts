import { isJsonList, isJsonMap, type Json, requireShallow } from "./json.ts";
import type { Sides } from "./merge-policy.ts";

/** The items of a list by what tells them apart, in the order of the list. */
export type Items = ReadonlyMap<string, Json>;

/** The three lists of one place, taken apart in the same manner. */
export interface ItemSides {
  readonly base: Items;
  readonly ours: Items;
  readonly theirs: Items;
}

/** The keys that tell items apart, the first of them that all items have. */
const IDENTITIES = ["id", "key", "name", "path"];

/** Where the item of an identity is in a list of maps; -1 where there is none, or where they are not told apart. */
export function indexOfItem(list: readonly Json[], identity: string): number {
  for (const key of IDENTITIES) {
    const items = byKey(list, key);
    if (items) return [...items.keys()].indexOf(identity);
  }
  return -1;
}

/**
 * Lists of maps by identity: the first of the keys id, key, name and path that every item of all lists has, with a text
 * or number that is unique in its list. A base that has no value counts as an empty list.
 * @returns null where these are no such lists
 */
export function itemsByIdentity(sides: Sides): ItemSides | null {
  const lists = threeLists(sides);
  if (!lists?.every((list) => list.every(isJsonMap)) || lists.every((list) => list.length === 0)) return null;
  for (const key of IDENTITIES) {
    const items = allOf(lists, (list) => byKey(list, key));
    if (items) return items;
  }
  return null;
}

/**
 * Lists whose items are values and nothing more: each is known by itself and by how many equal ones stand before it.
 * @param nested whether maps and lists may be such items, which then have to be the same as a whole
 * @param depth how many maps and lists stand around these lists
 * @returns null where these are no such lists
 */
export function itemsByValue(sides: Sides, nested: boolean, depth: number): ItemSides | null {
  return allOf(threeLists(sides), (list) => {
    if (!nested && !list.every(isScalar)) return null;
    requireShallow(list, depth);
    return byOccurrence(list);
  });
}

function threeLists({ base = [], ours, theirs }: Sides): readonly (readonly Json[])[] | null {
  return isJsonList(base) && isJsonList(ours) && isJsonList(theirs) ? [base, ours, theirs] : null;
}

function allOf(
  lists: readonly (readonly Json[])[] | null,
  itemsOf: (list: readonly Json[]) => Items | null,
): ItemSides | null {
  const [base, ours, theirs] = lists?.map(itemsOf) ?? [];
  return base && ours && theirs ? { base, ours, theirs } : null;
}

function byKey(list: readonly Json[], key: string): Items | null {
  const items = new Map<string, Json>();
  for (const item of list) {
    const identity = isJsonMap(item) && Object.hasOwn(item, key) ? item[key] : undefined;
    if (typeof identity !== "string" && typeof identity !== "number") return null;
    items.set(String(identity), item);
  }
  return items.size === list.length ? items : null;
}

function byOccurrence(list: readonly Json[]): Items {
  const items = new Map<string, Json>();
  const seen = new Map<string, number>();
  for (const item of list) {
    const text = textOf(item);
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    items.set(`${count} ${text}`, item);
  }
  return items;
}

function isScalar(item: Json): boolean {
  return typeof item !== "object" || item === null;
}

/** One text for each value, whatever the order of keys; for comparing alone, so that any text may be in it. */
function textOf(item: Json): string {
  if (isJsonList(item)) return `[${item.map(textOf).join(",")}]`;
  if (!isJsonMap(item)) return JSON.stringify(item);
  const keys = Object.keys(item).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${textOf(item[key] ?? null)}`).join(",")}}`;
}
