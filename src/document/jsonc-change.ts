import type { Json } from "./json.ts";
import { endOfBlanks, type JsoncMember, type JsoncNode } from "./jsonc.ts";

/** Texts that take the place of parts of a text; they do not overlap. */
type Splice = readonly [start: number, end: number, text: string];

/** Where a member is looked for: keys of maps, from the outside in. */
export type KeyWay = readonly string[];

/** The node that keys lead to; null where one is missing. */
export function nodeAt(node: JsoncNode, way: KeyWay): JsoncNode | null {
  let at: JsoncNode | null = node;
  for (const key of way)
    at = at?.kind === "map" ? (at.members.find((member) => member.key === key)?.node ?? null) : null;
  return at;
}

/**
 * Adds a member behind the last one of a map or list, in the style of its neighbours. Nothing else changes but the
 * comma behind the one before; comments stay with what they stand at.
 * @param key null in a list
 */
export function withMember(text: string, root: JsoncNode, parent: JsoncNode, key: string | null, value: Json): string {
  const last = parent.members.at(-1);
  const name = key === null ? "" : `${JSON.stringify(key)}: `;
  const short = name.length + JSON.stringify(value).length <= 60;
  const spread = last === undefined || !short || text.slice(parent.start, parent.end).includes("\n");
  if (!spread) {
    const end = last.comma === null ? last.node.end : last.comma + 1;
    const said = `${last.comma === null ? "," : ""} ${name}${JSON.stringify(value)}${last.comma === null ? "" : ","}`;
    return spliced(text, [[end, end, said]]);
  }
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const unit = unitOf(text, root);
  const outer = indentAt(text, parent.start);
  const first = parent.members[0];
  const inner = first !== undefined && startsLine(text, first.start) ? indentAt(text, first.start) : outer + unit;
  const written = JSON.stringify(value, null, unit).replaceAll("\n", eol + inner);
  if (last === undefined) {
    const from = parent.start + 1;
    const to = endOfWords(text, from, parent.end - 1);
    return spliced(text, [[to, parent.end - 1, `${eol}${inner}${name}${written}${eol}${outer}`]]);
  }
  const after = endOfWords(text, last.comma === null ? last.node.end : last.comma + 1, parent.end - 1);
  const tail = text.slice(after, parent.end - 1).includes("\n") ? "" : eol + outer;
  const said: Splice = [after, after, `${eol}${inner}${name}${written}${last.comma === null ? "" : ","}${tail}`];
  return spliced(text, last.comma === null ? [[last.node.end, last.node.end, ","], said] : [said]);
}

/** Takes a member out: what {@link withMember} added, to the byte. What others wrote before and behind it stays. */
export function withoutMember(text: string, parent: JsoncNode, member: JsoncMember): string {
  const at = parent.members.indexOf(member);
  const [before, isLast] = [parent.members[at - 1], at === parent.members.length - 1];
  const end = member.comma === null ? member.node.end : member.comma + 1;
  const blanks = text.slice(0, member.start).search(/\s*$/);
  const follows = text.slice(end).search(/[^ \t]/) + end;
  // What follows on the same line would come behind a comment that ends with its line.
  const own = /[\r\n}\]]/.test(text[follows] ?? "") || !text.slice(blanks, member.start).includes("\n");
  const cut: Splice = own ? [blanks, end, ""] : [member.start, follows, ""];
  const comma = isLast && member.comma === null ? (before?.comma ?? null) : null;
  return spliced(text, comma === null ? [cut] : [[comma, comma + 1, ""], cut]);
}

function spliced(text: string, splices: readonly Splice[]): string {
  let made = text;
  for (const [start, end, said] of splices.toReversed()) made = made.slice(0, start) + said + made.slice(end);
  return made;
}

/** The end of the last comment between two places that have nothing else but blanks between them. */
function endOfWords(text: string, from: number, to: number): number {
  const end = Math.min(endOfBlanks(text, from), to);
  return from + text.slice(from, end).trimEnd().length;
}

/** One step of indentation, as the file has it. */
function unitOf(text: string, root: JsoncNode): string {
  const first = root.members[0];
  const found = first !== undefined && startsLine(text, first.start) ? indentAt(text, first.start) : "";
  return found === "" || found.length > 8 ? "  " : found;
}

function indentAt(text: string, at: number): string {
  const line = text.lastIndexOf("\n", at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(line, at))?.[0] ?? "";
}

function startsLine(text: string, at: number): boolean {
  const line = text.lastIndexOf("\n", at - 1) + 1;
  return line > 0 && text.slice(line, at).trim() === "";
}
