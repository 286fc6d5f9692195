import { isAlias, isCollection, isPair, type Node, visit } from "yaml";
import { sameData } from "./plain-data.ts";
import type { Page } from "./rewrite-entry.ts";

/**
 * How much of a changed top-level entry is written anew: the values that changed, with the smallest entry around those
 * whose place does not allow it; the whole entry, with its comments; the whole entry.
 */
export type Reach = "values" | "entry" | "bare-entry";

/** A change that is being made. */
export interface Change extends Page {
  readonly reach: Reach;
  /** Anchored nodes whose text or value goes: aliases of them are written out. It grows while the change is made. */
  readonly gone: Set<Node>;
}

/** Takes note that the text of a node goes, with the anchors in it. */
export function lose({ gone }: Change, node: Node | null): void {
  if (!node) return;
  const anchored = (_: unknown, found: Node): void => {
    if ("anchor" in found && found.anchor !== undefined) gone.add(found);
  };
  visit(node, { Collection: anchored, Scalar: anchored });
}

/** Takes note that the value of a node goes: whoever has it by an alias keeps the old one. */
export function loseOne({ gone }: Change, node: Node): void {
  if ("anchor" in node && node.anchor !== undefined) gone.add(node);
}

/** Whether a value is another one, or holds an alias that is to be written out. */
export function needsChange(change: Change, node: Node | null, old: unknown, wanted: unknown): boolean {
  return !sameData(old, wanted) || holdsGone(change, node);
}

function holdsGone({ gone, sources }: Change, node: unknown): boolean {
  if (gone.size === 0) return false;
  const holds = (item: unknown): boolean => {
    if (isAlias(item)) return gone.has(sources.get(item) ?? item);
    return isCollection(item) && item.items.some((inner) => holds(isPair(inner) ? inner.value : inner));
  };
  return holds(node);
}
