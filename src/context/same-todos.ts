import { parseFrontMatter, setFields } from "../document/front-matter.ts";
import type { Versions } from "../document/merge-front-matter.ts";
import { ANCHORS } from "./read.ts";

type Item = Readonly<Record<string, unknown>>;
type Ids = Map<Item, string>;

/**
 * Versions of a context in which one id means one todo. Each branch gives the next free number, so that two branches
 * give the same one to different todos; merged by their ids these would become one. A todo is the same one where its id and
 * its text are, else where its text is, else where its id is; one that only one side added keeps its number unless the
 * other side has given it, and gets the next free one then. What ours has keeps its number. [CTX-05] [CTX-12]
 * @returns the versions as they are where nothing collides, or where todos have no ids that tell them apart
 */
export function withSameTodos(versions: Versions, file: string): Versions {
  const { base, ours, theirs } = versions;
  if (ours === base || theirs === base || ours === theirs) return versions;
  const [before, mine, others] = [base, ours, theirs].map((text) => todosOf(text, file));
  if (!before || !mine || !others) return versions;
  const [fromMine, fromOthers] = [mine, others].map((items) => matched(before, items));
  const added = [mine, others].map((items, side) => {
    const old = new Set((side === 0 ? fromMine : fromOthers)?.values());
    return items.filter((item) => !old.has(item));
  });
  const [newMine = [], newOthers = []] = added;
  const twins = new Map([...matched(newMine, newOthers, contentOf)].map(([one, twin]) => [twin, one]));
  const ids: Ids = new Map();
  const give = givenIds([...before, ...mine, ...others]);
  for (const item of before) {
    const [own, other] = [fromMine?.get(item), fromOthers?.get(item)];
    const said = own === undefined || idOf(own) === idOf(item) ? (other ?? own ?? item) : own;
    const id = give(idOf(said));
    for (const one of [item, own, other]) if (one) ids.set(one, id);
  }
  for (const item of newMine) ids.set(item, give(idOf(item)));
  for (const item of newOthers) ids.set(item, ids.get(twins.get(item) ?? item) ?? give(idOf(item)));
  const put = (text: string, items: readonly Item[]): string => renumbered(text, items, ids, file);
  return { base: put(base, before), ours: put(ours, mine), theirs: put(theirs, others) };
}

/** The todos of a text; null where their ids do not tell them apart. @throws BerthError INVALID */
function todosOf(text: string, file: string): readonly Item[] | null {
  const { todos = [] } = parseFrontMatter(text, file, ANCHORS).data;
  const items = todos === null ? [] : todos;
  if (!Array.isArray(items) || !items.every(isItem)) return null;
  return new Set(items.map(idOf)).size === items.length ? items : null;
}

function isItem(value: unknown): value is Item {
  const id = typeof value === "object" && value !== null ? (value as Item)["id"] : undefined;
  return typeof id === "string" || typeof id === "number";
}

function idOf(item: Item): string {
  return String(item["id"]);
}

function contentOf(item: Item): string {
  return JSON.stringify(item["content"]);
}

/** Items of a list to those of another one that they are, by the first of these that tells. */
function matched(
  list: readonly Item[],
  other: readonly Item[],
  ...by: readonly ((item: Item) => string)[]
): Map<Item, Item> {
  const found = new Map<Item, Item>();
  const ways = by.length > 0 ? by : [(item: Item) => `${idOf(item)} ${contentOf(item)}`, contentOf, idOf];
  const taken = new Set<Item>();
  for (const way of ways) {
    const left = Map.groupBy(
      other.filter((item) => !taken.has(item)),
      way,
    );
    for (const item of list) {
      const same = found.has(item) ? undefined : left.get(way(item))?.shift();
      if (same === undefined) continue;
      found.set(item, same);
      taken.add(same);
    }
  }
  return found;
}

/** Gives each id once; who comes later gets the next number that nobody has. */
function givenIds(all: readonly Item[]): (wanted: string) => string {
  const given = new Set<string>();
  let last = Math.max(0, ...all.map((item) => Number(idOf(item))).filter(Number.isSafeInteger));
  return (wanted) => {
    const id = given.has(wanted) ? String((last += 1)) : wanted;
    given.add(id);
    return id;
  };
}

function renumbered(text: string, items: readonly Item[], ids: Ids, file: string): string {
  if (items.every((item) => ids.get(item) === idOf(item))) return text;
  const withIds = (idAt: (item: Item) => unknown): readonly Item[] =>
    items.map((item) => ({ ...item, id: idAt(item) }));
  // Without ids in between they are known by their places, and keep their lines and comments.
  const bare = setFields(text, { todos: withIds(() => null) }, file, ANCHORS);
  const typed = (item: Item): unknown => {
    const id = ids.get(item) ?? idOf(item);
    return typeof item["id"] === "number" && Number.isSafeInteger(Number(id)) ? Number(id) : id;
  };
  return setFields(bare, { todos: withIds(typed) }, file, ANCHORS);
}
