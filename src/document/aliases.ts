import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  Scalar,
} from "yaml";
import { maxDepth, maxScalar, type Refuse } from "./yaml-check.ts";

/** What aliases stand for together, at most: enough for what people share by hand, and far from a bomb. */
const maxExpanded = 1000;

/** A document that holds them: each alias to the node it stands for. */
export type AliasSources = ReadonlyMap<Alias, Node>;

/**
 * Judges the aliases of a document before any is expanded.
 * @throws BerthError INVALID, through `refuse`, for an alias without an anchor before it, one within the value that it
 * stands for, aliases that stand for more than 1,000 values or 1,000,000 characters together or for too many levels, and
 * anchors of keys
 */
export function aliasSources(document: Document.Parsed, refuse: Refuse): AliasSources {
  const walk: Walk = {
    refuse,
    anchors: new Map(),
    open: new Set(),
    sizes: new Map(),
    sources: new Map(),
    expanded: { nodes: 0, text: 0 },
  };
  measure(walk, document.contents, 0);
  return walk.sources;
}

/** The plain data of a node, aliases expanded to copies: who changes one value changes no other. */
export function dataOf(node: unknown, sources: AliasSources): unknown {
  if (isAlias(node)) return dataOf(sources.get(node), sources);
  if (isScalar(node)) return node.value;
  if (isSeq(node)) return node.items.map((item) => dataOf(item, sources));
  if (!isMap(node)) return null;
  const data: Record<string, unknown> = {};
  for (const { key, value } of node.items) data[String(isScalar(key) ? key.value : key)] = dataOf(value, sources);
  return data;
}

/** Nodes, characters and levels of a value with its aliases expanded. */
interface Size {
  readonly nodes: number;
  readonly text: number;
  readonly height: number;
}

interface Walk {
  readonly refuse: Refuse;
  readonly anchors: Map<string, Node>;
  /** Anchored collections around the place that the walk has come to. */
  readonly open: Set<Node>;
  readonly sizes: Map<Node, Size>;
  readonly sources: Map<Alias, Node>;
  readonly expanded: { nodes: number; text: number };
}

function measure(walk: Walk, node: unknown, depth: number): Size {
  if (isAlias(node)) return measureAlias(walk, node, depth);
  if (!isScalar(node) && !isCollection(node)) return { nodes: 1, text: 0, height: 0 };
  // A name that is given again stands for the later value from there on.
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, node);
  let size: Size = { nodes: 1, text: textLength(node), height: isCollection(node) ? 1 : 0 };
  if (isCollection(node)) {
    walk.open.add(node);
    for (const item of node.items) {
      if (isPair(item)) checkKey(walk, item.key);
      const inner = measure(walk, isPair(item) ? item.value : item, depth + 1);
      const key = isPair(item) ? textLength(item.key) : 0;
      size = {
        nodes: size.nodes + inner.nodes,
        text: size.text + inner.text + key,
        height: Math.max(size.height, inner.height + 1),
      };
    }
    walk.open.delete(node);
  }
  if (node.anchor !== undefined) walk.sizes.set(node, size);
  return size;
}

function measureAlias({ refuse, anchors, open, sizes, sources, expanded }: Walk, alias: Alias, depth: number): Size {
  const at = alias.range?.[0] ?? 0;
  const name = `an alias (*${alias.source.slice(0, 40)})`;
  const source = anchors.get(alias.source);
  if (!source)
    return refuse(at, `${name} without an anchor before it`, "Write the value out, or anchor it further up.");
  if (open.has(source)) refuse(at, `${name} within the value it stands for`, "Write the value out where it is used.");
  const size = sizes.get(source) ?? { nodes: 1, text: 0, height: 0 };
  expanded.nodes += size.nodes;
  expanded.text += size.text;
  if (expanded.nodes > maxExpanded || expanded.text > maxScalar) {
    const limit = `${maxExpanded} values or ${maxScalar} characters`;
    refuse(at, `${name} with which aliases stand for more than ${limit}`, "Write fewer values with aliases.");
  }
  if (depth + size.height > maxDepth) refuse(at, `${name} with more than ${maxDepth} levels`, "Flatten the document.");
  sources.set(alias, source);
  return size;
}

function checkKey({ refuse }: Walk, key: unknown): void {
  if (!isScalar(key) || key.anchor === undefined) return;
  refuse(key.range?.[0] ?? 0, `an anchor of a key (&${key.anchor.slice(0, 40)})`, "Anchor the value behind the colon.");
}

function textLength(node: unknown): number {
  return node instanceof Scalar && typeof node.value === "string" ? node.value.length : 0;
}
