import type { Node } from "@babel/types";
import { rangeOf, type Source } from "./syntax.ts";

/** A piece of a file and what comes in its place: plain data. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly insert: string;
}

/** An edit, or an item that goes from a list: what that means for the commas is known once all that go are. */
export type Change = Edit | Item;

interface Item {
  readonly list: readonly Node[];
  readonly item: Node;
  /** What goes when no item of the list is left; without it, the brackets stay. */
  readonly whole?: readonly Edit[] | undefined;
}

/** The edits that a file's changes come to. */
export function editsOf(source: Source, changes: readonly Change[]): Edit[] {
  const lists = new Map<readonly Node[], { readonly gone: Set<Node>; whole: readonly Edit[] | undefined }>();
  const edits: Edit[] = [];
  for (const change of changes) {
    if (!("item" in change)) {
      edits.push(change);
      continue;
    }
    const known = lists.get(change.list) ?? { gone: new Set(), whole: change.whole };
    lists.set(change.list, known);
    known.gone.add(change.item);
  }
  for (const [list, { gone, whole }] of lists)
    edits.push(...(whole && gone.size === list.length ? whole : cutItems(source, list, gone)));
  return edits;
}

/** Carries edits out; what lies within another one goes with it. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const ordered = [...edits].sort((a, b) => a.start - b.start || b.end - a.end);
  let [made, at] = ["", 0];
  for (const { start, end, insert } of ordered) {
    if (start < at) continue;
    made += text.slice(at, start) + insert;
    at = end;
  }
  return made + text.slice(at);
}

/** Whether a comment stands in a piece, which is not ours to remove. */
export function hasComment({ file }: Source, { start, end }: Pick<Edit, "start" | "end">): boolean {
  return (file.comments ?? []).some((comment) => {
    const range = rangeOf(comment as unknown as Node);
    return range.start < end && range.end > start;
  });
}

/** Removes a piece, and its line where nothing else stands on it; a comment behind it takes its place. */
export function cut({ text }: Pick<Source, "text">, start: number, end: number): Edit {
  const before = /(?:^|\n)([ \t]*)$/.exec(text.slice(0, start));
  const after = /^[ \t]*(\r?\n|$)/.exec(text.slice(end));
  const comment = /^[ \t]+(?=\/[/*])/.exec(text.slice(end))?.[0] ?? "";
  if (before && comment) return { start, end: end + comment.length, insert: "" };
  if (!before || !after) return { start, end, insert: "" };
  return { start: start - (before[1] ?? "").length, end: end + after[0].length, insert: "" };
}

/** The end of what follows, comments and space left out, when it is this character. */
export function past(source: Source, from: number, character: string): number | undefined {
  let at = from;
  for (;;) {
    while (/\s/.test(source.text[at] ?? "")) at++;
    const comment = (source.file.comments ?? []).find((one) => rangeOf(one as unknown as Node).start === at);
    if (!comment) break;
    at = rangeOf(comment as unknown as Node).end;
  }
  return source.text[at] === character ? at + 1 : undefined;
}

/** Where an item begins and ends, with the brackets around it. */
function itemRange(source: Source, item: Node): { readonly start: number; readonly end: number } {
  const { start, end } = rangeOf(item);
  const opens = item.extra?.["parenthesized"] === true ? item.extra["parenStart"] : undefined;
  return typeof opens === "number" ? { start: opens, end: past(source, end, ")") ?? end } : { start, end };
}

/** Removes some of the items of a list with commas; comments stay. */
function cutItems(source: Source, items: readonly Node[], gone: ReadonlySet<Node>): Edit[] {
  const last = items.findLastIndex((item) => !gone.has(item));
  if (last < 0) return cutAll(source, items);
  const middle = items.slice(0, last).filter((item) => gone.has(item));
  return [...middle.flatMap((item) => cutItem(source, item)), ...cutEnd(source, items, last)];
}

/** One item and the comma behind it. */
function cutItem(source: Source, item: Node): Edit[] {
  const { start, end } = itemRange(source, item);
  const comma = past(source, end, ",");
  if (comma === undefined) return [cut(source, start, end)];
  const space = /^[ \t]*(?!\s)/.exec(source.text.slice(comma))?.[0].length ?? 0;
  const piece = cut(source, start, comma);
  if (hasComment(source, { start: end, end: comma }))
    return [cut(source, start, end), { start: comma - 1, end: comma, insert: "" }];
  return [piece.end > comma ? piece : { ...piece, end: comma + space }];
}

/** The last items with the comma in front of them, unless comments stand between: then that comma stays. */
function cutEnd(source: Source, items: readonly Node[], last: number): Edit[] {
  const [kept, ...gone] = items.slice(last);
  const end = gone.at(-1);
  if (!kept || !end) return [];
  const range = { start: itemRange(source, kept).end, end: itemRange(source, end).end };
  if (!hasComment(source, range)) return [{ ...range, insert: "" }];
  return gone.flatMap((item) => cutItem(source, item));
}

/** Everything between the brackets, or the items alone where comments stand there. */
function cutAll(source: Source, items: readonly Node[]): Edit[] {
  const [first, end] = [items[0], items.at(-1)];
  if (!first || !end) return [];
  const { text } = source;
  let [from, to] = [
    itemRange(source, first).start,
    past(source, itemRange(source, end).end, ",") ?? itemRange(source, end).end,
  ];
  while (/\s/.test(text[from - 1] ?? "")) from--;
  while (/\s/.test(text[to] ?? "")) to++;
  if (hasComment(source, { start: from, end: to }) || !/[({[]/.test(text[from - 1] ?? ""))
    return items.flatMap((item) => cutItem(source, item));
  return [{ start: from, end: to, insert: "" }];
}
