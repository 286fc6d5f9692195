import { isAlias, isCollection, isMap, isPair, isScalar, isSeq, type Node, Scalar, type YAMLMap } from "yaml";
import { type BlockEntry, blockEntries, removal } from "./block-entries.ts";
import { type Change, lose, loseOne, needsChange } from "./change.ts";
import { changeList } from "./change-list.ts";
import { inlineText, literalText } from "./inline-text.ts";
import { isDataMap, sameData } from "./plain-data.ts";
import { newEntries, plainEntry, rewrittenEntry } from "./rewrite-entry.ts";
import { lineStart, type Splice } from "./splice.ts";
import { keyOf } from "./yaml-check.ts";

/**
 * The pieces that change in the outermost map, whose new keys come at the end of the text.
 * @returns null where all of it, in braces, is to be written anew
 */
export function changeTop(change: Change, map: YAMLMap | null, old: Data, wanted: Data): Splice[] | null {
  const limit = change.source.length;
  if (map?.flow) return change.reach === "values" ? changeFlow(change, map, old, wanted) : null;
  const entries = map ? blockEntries(change.source, map, -1, limit) : [];
  const indent = entries[0]?.column ?? 0;
  return changeEntries(change, entries, { old, wanted, place: { at: limit, column: indent } });
}

type Data = Readonly<Record<string, unknown>>;

/**
 * The pieces that change where an entry takes another value.
 * @returns none where it has that value
 */
function changeEntry(change: Change, entry: BlockEntry, old: unknown, wanted: unknown): Splice[] {
  if (!needsChange(change, entry.node, old, wanted)) return [];
  const within = entry.explicit ? null : changeValue(change, entry.node, old, wanted, entry);
  if (within) return within;
  lose(change, entry.node);
  return [rewrittenEntry(change, entry, wanted)];
}

/**
 * The pieces that change within a value.
 * @param entry the entry whose value it is; null within brackets and braces
 * @returns null where the smallest entry around it is to be written anew
 */
function changeValue(
  change: Change,
  node: Node | null,
  old: unknown,
  wanted: unknown,
  entry: BlockEntry | null,
): Splice[] | null {
  if (!needsChange(change, node, old, wanted)) return [];
  if (node && !isAlias(node) && !sameData(old, wanted)) loseOne(change, node);
  if (isMap(node) && isDataMap(old) && isDataMap(wanted)) {
    if (node.flow) return changeFlow(change, node, old, wanted);
    return entry ? changeMap(change, node, { old, wanted, entry }) : null;
  }
  if (isSeq(node) && Array.isArray(old) && Array.isArray(wanted)) {
    if (node.flow) return changeFlow(change, node, old, wanted);
    return entry ? changeList(change, node, { old, wanted, entry, changeEntry }) : null;
  }
  return isAlias(node) || isScalar(node) ? changeScalar(change, node, wanted, entry === null) : null;
}

function changeScalar({ source }: Change, node: Node, wanted: unknown, flow: boolean): Splice[] | null {
  const [start = 0, end = 0] = node.range ?? [];
  if (start === end) return null;
  const scalar = node instanceof Scalar ? node : null;
  if (scalar?.type === Scalar.BLOCK_LITERAL || scalar?.type === Scalar.BLOCK_FOLDED) {
    const text = typeof wanted === "string" ? literalText(source.slice(start, end), wanted) : null;
    return text === null ? null : [{ start, end, text }];
  }
  const text = inlineText(wanted, scalar, flow);
  return text === null ? null : [{ start, end, text }];
}

/** Within brackets and braces values alone change in place: what comes or goes there takes its neighbours along. */
function changeFlow(change: Change, node: Node, old: object, wanted: object): Splice[] | null {
  if (!isCollection(node) || node.items.length !== Object.keys(wanted).length) return null;
  const splices: Splice[] = [];
  for (const [at, item] of node.items.entries()) {
    const name = isPair(item) ? keyOf(item).name : String(at);
    if (!Object.hasOwn(wanted, name)) return null;
    const inner = (isPair(item) ? item.value : item) as Node | null;
    const within = changeValue(change, inner, valueOf(old, name), valueOf(wanted, name), null);
    if (!within) return null;
    for (const splice of within) splices.push(splice);
  }
  return splices;
}

function valueOf(data: object, name: string): unknown {
  return (data as Data)[name];
}

interface MapChange {
  readonly old: Data;
  readonly wanted: Data;
  readonly entry: BlockEntry;
}

function changeMap(change: Change, map: YAMLMap, { old, wanted, entry }: MapChange): Splice[] | null {
  const entries = blockEntries(change.source, map, entry.start, entry.end);
  const last = entries.at(-1);
  // A map that begins behind a dash keeps its first key there.
  const stays = entries.some(({ name }) => Object.hasOwn(wanted, name));
  if (!last || !stays || (entries[0]?.ownLine === false && !Object.hasOwn(wanted, entries[0].name))) return null;
  return changeEntries(change, entries, { old, wanted, place: { at: last.end, column: last.column } });
}

interface EntriesChange {
  readonly old: Data;
  readonly wanted: Data;
  /** Where new keys come. */
  readonly place: { readonly at: number; readonly column: number };
}

function changeEntries(
  change: Change,
  entries: readonly BlockEntry[],
  { old, wanted, place }: EntriesChange,
): Splice[] {
  const splices: Splice[] = [];
  let before: BlockEntry | undefined;
  for (const entry of entries) {
    const { name, start, node } = entry;
    if (Object.hasOwn(wanted, name)) {
      for (const splice of changeWhole(change, entry, old[name], wanted[name])) splices.push(splice);
      before = entry;
    } else {
      lose(change, node);
      splices.push(removal(change.source, lineStart(change.source, start), entry, before));
    }
  }
  const added = Object.entries(wanted).filter(([name]) => !Object.hasOwn(old, name));
  if (added.length > 0) {
    const text = newEntries(change, Object.fromEntries(added), place.column);
    splices.push({ start: place.at, end: place.at, text });
  }
  return splices;
}

function changeWhole(change: Change, entry: BlockEntry, old: unknown, wanted: unknown): Splice[] {
  if (change.reach === "values") return changeEntry(change, entry, old, wanted);
  if (!needsChange(change, entry.node, old, wanted)) return [];
  lose(change, entry.node);
  return [change.reach === "entry" ? rewrittenEntry(change, entry, wanted) : plainEntry(change, entry, wanted)];
}
