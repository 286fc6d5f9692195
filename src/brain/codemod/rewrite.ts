import type { Node } from "@babel/types";
import { type Change, cut, type Edit, hasComment, past } from "./edit.ts";
import type { Declaration, Slot } from "./slots.ts";
import { rangeOf, type Source, textOf } from "./syntax.ts";

/** What becomes of one name of a declaration. */
export type Act = "stay" | "move" | "drop";

/** Makes a declaration name the new module for what moves there, and leaves out what is gone. */
export function rewriteDeclaration(
  source: Source,
  declaration: Declaration,
  to: string,
  act: (slot: Slot) => Act,
): readonly Change[] {
  const of = (which: Act): readonly Slot[] => declaration.slots.filter((slot) => act(slot) === which);
  const [stay, move, drop] = [of("stay"), of("move"), of("drop")];
  if (move.length + drop.length === 0) return [];
  const items = itemsOf(declaration);
  const leaving = (slots: readonly Slot[]): Change[] => slots.map(({ node }) => ({ list: items, item: node }));
  if (stay.length > 0)
    return [...withoutNamed(source, declaration, [...move, ...drop]), ...added(source, declaration, move, to)];
  if (move.length > 0) return [renamed(source, declaration.specifier, to), ...leaving(drop)];
  return removed(source, declaration) ?? leaving(drop);
}

/** The list that the names stand in. */
function itemsOf({ place }: Declaration): readonly Node[] {
  const { node } = place;
  if (node.type === "ImportDeclaration" || node.type === "ExportNamedDeclaration") return node.specifiers;
  if (node.type === "VariableDeclarator" && node.id.type === "ObjectPattern") return node.id.properties;
  return [];
}

function renamed(source: Source, specifier: Node, to: string): Edit {
  const quote = textOf(source, specifier).startsWith("'") ? "'" : '"';
  return { ...rangeOf(specifier), insert: `${quote}${to}${quote}` };
}

/** The whole declaration; undefined where a comment stands inside. */
function removed(source: Source, { kind, place }: Declaration): readonly Change[] | undefined {
  const statement = kind === "load" ? place.parentPath : place;
  if (!statement || hasComment(source, rangeOf(place.node))) return undefined;
  const { start, end } = rangeOf(statement.node);
  const whole = [cut(source, start, end)];
  if (kind !== "load" || statement.node.type !== "VariableDeclaration") return whole;
  return [{ list: statement.node.declarations, item: place.node, whole }];
}

/** Takes names out of a declaration that keeps others. */
function withoutNamed(source: Source, declaration: Declaration, slots: readonly Slot[]): readonly Change[] {
  const items = itemsOf(declaration);
  const [first] = items;
  const gone = new Set(slots.map(({ node }) => node));
  const named = items.filter(({ type }) => type !== "ImportDefaultSpecifier");
  if (first?.type === "ImportDefaultSpecifier" && !gone.has(first) && named.every((one) => gone.has(one))) {
    const last = rangeOf(named.at(-1) ?? first).end;
    const start = rangeOf(first).end;
    const end = past(source, past(source, last, ",") ?? last, "}") ?? last;
    return [{ start, end, insert: "" }];
  }
  return slots.map(({ node }) => ({ list: named.includes(node) ? named : items, item: node }));
}

/** A declaration of the same kind behind the old one, for what moves. */
function added(source: Source, declaration: Declaration, slots: readonly Slot[], to: string): readonly Change[] {
  if (slots.length === 0) return [];
  const { kind, place, specifier } = declaration;
  const statement = kind === "load" ? place.parent : place.node;
  const { start, end } = rangeOf(statement);
  const { text } = source;
  const from = renamed(source, specifier, to).insert;
  const names = slots.map(({ node }) => textOf(source, node)).join(", ");
  const list = slots[0]?.api === "*" ? names : `{ ${names} }`;
  const indent = /[^\n]*$/.exec(text.slice(0, start))?.[0] ?? "";
  const line = text.includes("\r\n") ? "\r\n" : "\n";
  const semicolon = text[end - 1] === ";" ? ";" : "";
  const made =
    kind === "load"
      ? `${loadWord(statement)} ${list} = ${loader(source, declaration, from)}`
      : `${kind}${onlyTypes(statement) ? " type" : ""} ${list} from ${from}`;
  const space = /^\s*$/.test(indent) ? `${line}${indent}` : " ";
  return [{ start: end, end, insert: `${space}${made}${semicolon}` }];
}

function loadWord(statement: Node): string {
  return statement.type === "VariableDeclaration" ? statement.kind : "const";
}

/** `require("…")` as it stands, with another module. */
function loader(source: Source, { place, specifier }: Declaration, from: string): string {
  const { node } = place;
  if (node.type !== "VariableDeclarator" || !node.init) return "";
  const [init, inner] = [rangeOf(node.init), rangeOf(specifier)];
  return source.text.slice(init.start, inner.start) + from + source.text.slice(inner.end, init.end);
}

function onlyTypes(statement: Node): boolean {
  if (statement.type === "ImportDeclaration") return statement.importKind === "type";
  return statement.type === "ExportNamedDeclaration" && statement.exportKind === "type";
}
