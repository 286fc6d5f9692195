import { isCollection, isMap, isPair, isScalar, type Node, type YAMLMap, type YAMLSeq } from "yaml";
import { lineStart, type Splice } from "./splice.ts";
import { keyOf } from "./yaml-check.ts";

/** A key with its value, or an item of a list, in block style: it has lines of its own. Places are offsets. */
export interface BlockEntry {
  /** Its key; of an item of a list, its index. */
  readonly name: string;
  readonly node: Node | null;
  /** Where its key or its dash stands, `column` characters behind the beginning of the line. */
  readonly start: number;
  readonly column: number;
  /** Where the comment lines directly above it begin that are as far in, or else its own line. */
  readonly lead: number;
  /**
   * Behind its last line. Blank lines and comments that follow, not further in than it, are no part of it; but blank
   * lines are that belong to its value, as they do in a text that keeps them (`|+`).
   */
  readonly end: number;
  readonly keepsBlankLines: boolean;
  /** False where it begins behind the dash of an item, or behind the mark of an explicit key. */
  readonly ownLine: boolean;
  /** True for a key that is written behind a question mark. */
  readonly explicit: boolean;
}

/**
 * The entries of a map or list in block style.
 * @param from where what holds the collection begins; -1 for the outermost
 * @param limit where the lines of the collection end
 */
export function blockEntries(source: string, holder: YAMLMap | YAMLSeq, from: number, limit: number): BlockEntry[] {
  const starts = isMap(holder) ? keyStarts(holder) : dashStarts(holder);
  let above = from < 0 ? 0 : endOfLine(source, from);
  return starts.map((entry, at) => {
    const line = lineStart(source, entry.start);
    const column = entry.start - line;
    const next = starts[at + 1];
    const kept = keptEnd(source, entry.node);
    const trimmed = trimmedEnd(source, entry.start, next ? lineStart(source, next.start) : limit, column);
    const end = Math.max(trimmed, kept);
    const ownLine = source.slice(line, entry.start).trim() === "";
    const lead = ownLine ? commentsAbove(source, line, above, column) : entry.start;
    above = end;
    return { ...entry, column, lead, end, ownLine, keepsBlankLines: kept > 0 };
  });
}

/** The piece of an entry that goes, between entries of which some may stay. */
export function removal(source: string, from: number, entry: BlockEntry, before: BlockEntry | undefined): Splice {
  let { end } = entry;
  // Blank lines behind it would become part of the text that keeps them.
  if (before?.keepsBlankLines)
    for (let next = endOfLine(source, end); next > end && source.slice(end, next).trim() === "";)
      [end, next] = [next, endOfLine(source, next)];
  return { start: from, end, text: "" };
}

type Start = Pick<BlockEntry, "name" | "node" | "start" | "explicit">;

function keyStarts(map: YAMLMap): Start[] {
  return map.items.map((pair) => {
    const { name, offset } = keyOf(pair);
    const { start = [], key, sep = [] } = pair.srcToken ?? {};
    const mark = start.find(({ type }) => type === "explicit-key-ind");
    // A key that is not written has a place of its own only by its colon.
    const colon = key ? undefined : sep.find(({ type }) => type === "map-value-ind");
    const at = mark?.offset ?? colon?.offset ?? offset;
    return { name, node: pair.value as Node | null, start: at, explicit: mark !== undefined };
  });
}

function dashStarts(list: YAMLSeq): Start[] {
  const token = list.srcToken;
  const dashes = token?.type === "block-seq" ? token.items.flatMap(({ start }) => start.filter(isDash)) : [];
  return list.items.map((item, at) => ({
    name: String(at),
    node: item as Node | null,
    start: dashes[at]?.offset ?? 0,
    explicit: false,
  }));
}

function isDash({ type }: { readonly type: string }): boolean {
  return type === "seq-item-ind";
}

/** Where a value ends that keeps the blank lines behind it; 0 for others. */
function keptEnd(source: string, node: unknown): number {
  const last = isCollection(node) && !node.flow ? node.items.at(-1) : undefined;
  if (last !== undefined) return keptEnd(source, isPair(last) ? last.value : last);
  if (!isScalar(node) || !node.type?.startsWith("BLOCK") || !node.range) return 0;
  const [start, end] = node.range;
  return /^[|>][0-9]?\+/.test(source.slice(start, start + 3)) ? end : 0;
}

function trimmedEnd(source: string, start: number, limit: number, column: number): number {
  let end = limit;
  for (let line = lineStart(source, end - 1); line > start; line = lineStart(source, end - 1)) {
    const text = source.slice(line, end).trimStart();
    const indent = end - line - text.length;
    if (text !== "" && (!text.startsWith("#") || indent > column)) break;
    end = line;
  }
  return end;
}

function commentsAbove(source: string, line: number, above: number, column: number): number {
  let lead = line;
  while (lead > above) {
    const before = lineStart(source, lead - 1);
    const text = source.slice(before, lead).trimStart();
    if (before < above || !text.startsWith("#") || lead - before - text.length !== column) break;
    lead = before;
  }
  return lead;
}

function endOfLine(source: string, offset: number): number {
  const end = source.indexOf("\n", offset);
  return end === -1 ? source.length : end + 1;
}
