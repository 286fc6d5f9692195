import { isAlias, isMap, isSeq, type Node, visit } from "yaml";
import { type AliasSources, dataOf } from "./aliases.ts";
import type { BlockEntry } from "./block-entries.ts";
import { changeMap, graft } from "./graft.ts";
import { inlineText } from "./inline-text.ts";
import { applySplices, linesOf, type Splice } from "./splice.ts";
import { escapeHidden, hasHidden, type ReadDocument, readDocument, stringifyDocument, writeYaml } from "./yaml.ts";

/** Where an entry is rewritten: the text it stands in, what aliases there stand for, and the line end of new lines. */
export interface Page {
  readonly source: string;
  readonly sources: AliasSources;
  readonly lineEnd: string;
}

/** An entry with another value and the comments that it holds; it needs no anchor of others and has none itself. */
export function rewrittenEntry(page: Page, entry: BlockEntry, value: unknown): Splice {
  const source = page.source.slice(entry.start, entry.end);
  const alone = dedented(applySplices(source, aliasesOut(page, entry)), entry.column);
  const { document } = readDocument(alone, entry.name, 1, { anchors: true });
  const contents: Node | null = document.contents;
  if (isMap(contents)) changeMap(document, contents, [[entry.name, value]]);
  else if (isSeq(contents)) contents.set(0, graft(document, contents.items[0] as Node | null, value));
  const text = withoutAnchors(document, source);
  return { start: entry.start, end: entry.end, text: placed(text, entry.column, page.lineEnd, false) };
}

/** New entries as they stand in a map or list that is indented by `column`. */
export function newEntries(page: Page, value: unknown, column: number): string {
  return placed(writeYaml(value), column, page.lineEnd, true);
}

/** An entry with another value and nothing of what it was. */
export function plainEntry(page: Page, entry: BlockEntry, value: unknown): Splice {
  const text = newEntries(page, { [entry.name]: value }, entry.column).slice(entry.column);
  return { start: entry.start, end: entry.end, text };
}

/** Writes a whole map in braces with other values. */
export function rewrittenFlow(
  page: Page,
  read: ReadDocument,
  changes: readonly (readonly [string, unknown])[],
): string {
  const whole = { node: read.document.contents, start: 0 };
  const { document } = readDocument(applySplices(page.source, aliasesOut(page, whole)), "", 1, { anchors: true });
  if (isMap(document.contents)) changeMap(document, document.contents, changes);
  return placed(withoutAnchors(document, page.source), 0, page.lineEnd, true);
}

/** Aliases as the values that they stand for. One that is the whole value goes: its value gets lines of its own. */
function aliasesOut({ sources }: Page, { node, start }: Pick<BlockEntry, "node" | "start">): Splice[] {
  const splices: Splice[] = [];
  if (node === null || sources.size === 0) return splices;
  visit(node, {
    Alias: (_, alias) => {
      const [from = 0, to = 0] = alias.range ?? [];
      const text = isAlias(node) ? "" : (inlineText(dataOf(alias, sources), null, true) ?? "");
      splices.push({ start: from - start, end: to - start, text });
    },
  });
  return splices;
}

function withoutAnchors(document: ReadDocument["document"], source: string): string {
  visit(document, {
    Collection: (_, node) => {
      delete node.anchor;
    },
    Scalar: (_, node) => {
      delete node.anchor;
    },
  });
  // Comments keep carriage returns of the lines they had.
  const text = stringifyDocument(document, { flowCollectionPadding: /[[{] /.test(source) }).replaceAll("\r", "");
  // What was not there before came with the new value, where it stands in double quotes.
  return hasHidden(source.replaceAll("\r", "")) ? text : escapeHidden(text);
}

function dedented(text: string, column: number): string {
  const pad = new RegExp(`^ {0,${column}}`);
  return linesOf(text)
    .map((line, at) => (at === 0 ? line : line.replace(pad, "")))
    .join("");
}

function placed(text: string, column: number, end: string, first: boolean): string {
  const pad = " ".repeat(column);
  return linesOf(text)
    .map((line, at) => (line === "\n" || (at === 0 && !first) ? line : pad + line).replace("\n", end))
    .join("");
}
