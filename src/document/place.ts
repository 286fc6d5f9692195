import { isMap, isNode, isSeq, LineCounter, type Node } from "yaml";
import { readDocument } from "./yaml.ts";
import { keyOf } from "./yaml-check.ts";

/** Where something stands in a file, counted from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/**
 * Where the value at a path stands in YAML that has been read before; what is missing stands where its map begins.
 * @param firstLine the line of the file that the text begins on
 */
export function placeInYaml(text: string, path: readonly (string | number)[], firstLine: number): TextPlace {
  const lines = new LineCounter();
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines.addNewLine(at + 1);
  lines.lineStarts.unshift(0);
  let node: Node | null = readDocument(text, "", 1, { anchors: true }).document.contents;
  let offset = 0;
  for (const segment of path) {
    const [next, at] = step(node, segment);
    if (at === null) break;
    offset = at;
    node = next;
  }
  const { line, col } = lines.linePos(offset);
  return { line: line + firstLine - 1, column: col };
}

/** The value below a segment, and where it stands: its key's place, where it is written on other lines. */
function step(node: Node | null, segment: string | number): [Node | null, number | null] {
  if (isMap(node)) {
    const pair = node.items.find((one) => keyOf(one).name === String(segment));
    if (!pair) return [null, null];
    const value = isNode(pair.value) ? pair.value : null;
    const { offset } = keyOf(pair);
    return [value, isMap(value) || isSeq(value) ? offset : (value?.range?.[0] ?? offset)];
  }
  if (isSeq(node)) {
    const item = node.items[Number(segment)];
    return isNode(item) ? [item, item.range?.[0] ?? null] : [null, null];
  }
  return [null, null];
}
