import {
  type Document,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { handOut } from "./equal-items.ts";
import { canonicalText, sameData } from "./plain-data.ts";

/** Sets keys of a map in its document, `undefined` removing one, so that what still holds keeps comments and style. */
export function changeMap(document: Document, map: YAMLMap, changes: readonly (readonly [string, unknown])[]): void {
  if (map.items.length === 0) map.flow = false;
  for (const [name, value] of changes) {
    if (value === undefined) map.delete(name);
    else map.set(name, graft(document, (map.get(name, true) as Node | undefined) ?? null, value));
  }
}

/** The node for a value in the place of an old one: that one where it holds already, else with its comments and style. */
export function graft(document: Document, old: Node | null, value: unknown): Node {
  if (old && sameData(old.toJS(document), value)) return old;
  if (isScalar(old) && (typeof value !== "object" || value === null)) return graftScalar(old, value);
  if (isSeq(old) && Array.isArray(value)) return graftList(document, old, value);
  if (isMap(old) && typeof value === "object" && value !== null && !Array.isArray(value)) {
    const fields = value as Record<string, unknown>;
    const gone = Object.keys(old.toJS(document) as object).filter((name) => !Object.hasOwn(fields, name));
    changeMap(document, old, [...gone.map((name) => [name, undefined] as const), ...Object.entries(fields)]);
    return old;
  }
  return withComments(document.createNode(value, plain) as Node, old);
}

const plain = { aliasDuplicateObjects: false };

function graftList(document: Document, old: YAMLSeq, value: readonly unknown[]): Node {
  const take = handOut((old.items as Node[]).map((item) => [canonicalText(item.toJS(document)), item] as const));
  if (old.items.length === 0) old.flow = false;
  old.items = value.map((item) => take(canonicalText(item)) ?? document.createNode(item, plain));
  return old;
}

function graftScalar(old: Scalar, value: unknown): Node {
  const node = new Scalar(value);
  const quoted = old.type === Scalar.QUOTE_DOUBLE || old.type === Scalar.QUOTE_SINGLE;
  if (old.type && typeof value === "string" && quoted) node.type = old.type;
  node.comment = old.comment ?? null;
  return withComments(node, old);
}

function withComments(node: Node, old: Node | null): Node {
  const inherited = [old?.commentBefore, isCollection(node) ? old?.comment : null].filter(
    (comment) => typeof comment === "string",
  );
  if (inherited.length > 0) node.commentBefore = inherited.join("\n");
  return node;
}
