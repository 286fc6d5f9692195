import { isAlias, type Node, visit, type YAMLSeq } from "yaml";
import { type BlockEntry, blockEntries, removal } from "./block-entries.ts";
import { type Change, lose } from "./change.ts";
import { longestIncreasing } from "./increasing.ts";
import { matchItems } from "./match-items.ts";
import { newEntries } from "./rewrite-entry.ts";
import { applySplices, type Splice } from "./splice.ts";

interface ListChange {
  readonly old: readonly unknown[];
  readonly wanted: readonly unknown[];
  readonly entry: BlockEntry;
  /** Gives the pieces that change where an item takes another value. */
  readonly changeEntry: (change: Change, entry: BlockEntry, old: unknown, wanted: unknown) => Splice[];
}

/**
 * The pieces that change in a list in block style. The comment lines directly above an item, as far in as it and
 * without a blank line in between, go and move with it.
 * @returns null where the entry that holds the list is to be written anew
 */
export function changeList(change: Change, list: YAMLSeq, given: ListChange): Splice[] | null {
  const { old, wanted, entry, changeEntry } = given;
  const entries = blockEntries(change.source, list, entry.start, entry.end);
  const sources = matchItems(old, wanted);
  const known = sources.filter((place) => place !== -1);
  const stay = new Set(longestIncreasing(known).map((at) => known[at] ?? 0));
  const [first] = entries;
  // A list that begins behind a dash keeps its first item there.
  if (!first || wanted.length === 0 || (!first.ownLine && (!stay.has(0) || sources[0] !== 0))) return null;
  let at = first.lead;
  const splices: Splice[] = [];
  for (const [place, source] of sources.entries()) {
    const item = entries[source];
    if (item && stay.has(source)) {
      for (const splice of changeEntry(change, item, old[source], wanted[place])) splices.push(splice);
      // What is new comes where an old item goes, or else directly behind the one before it.
      const next = entries[source + 1];
      at = next && !stay.has(source + 1) ? next.lead : item.end;
    } else {
      const text = item
        ? movedItem(change.source, item, () => changeEntry(change, item, old[source], wanted[place]))
        : newEntries(change, [wanted[place]], first.column);
      if (text === null) return null;
      splices.push({ start: at, end: at, text });
    }
  }
  let before: BlockEntry | undefined;
  for (const [place, item] of entries.entries()) {
    if (stay.has(place)) before = item;
    else {
      lose(change, item.node);
      splices.push(removal(change.source, item.lead, item, before));
    }
  }
  return splices;
}

/** An item with its comments as it stands in another place; null where anchors would come behind their aliases. */
function movedItem(source: string, { node, lead, end }: BlockEntry, changes: () => Splice[]): string | null {
  if (node && isAliased(node)) return null;
  const within = changes().map((splice) => ({ ...splice, start: splice.start - lead, end: splice.end - lead }));
  return applySplices(source.slice(lead, end), within);
}

function isAliased(node: Node): boolean {
  let found = false;
  visit(node, {
    Node: (_, item) => {
      if (isAlias(item) || ("anchor" in item && item.anchor !== undefined)) found = true;
    },
  });
  return found;
}
