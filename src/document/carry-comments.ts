import { type LineChange, lineChanges } from "./line-diff.ts";
import { mergeText } from "./merge-text.ts";
import { linesOf } from "./splice.ts";

/**
 * Adds the comments that `theirs` added to `base`, where the three are the same YAML but for comments and layout. All
 * else of `ours` stays: comments that theirs removed too, and whatever theirs laid out in another manner. A comment of
 * theirs beside lines that ours laid out or commented in its own way is not taken.
 */
export function carryComments(base: string, ours: string, theirs: string): string {
  const [lines, others] = [linesOf(base), linesOf(theirs)];
  const commented: string[] = [];
  let at = 0;
  for (const change of lineChanges(lines, others)) {
    const { from, to, newFrom, newTo } = change;
    const kept = addsComments(change, lines, others) ? others.slice(newFrom, newTo) : lines.slice(from, to);
    commented.push(...lines.slice(at, from), ...kept);
    at = to;
  }
  return mergeText(base, ours, [...commented, ...lines.slice(at)].join("")).text;
}

/** Whether the lines say the same, and have at least the comments that were there. */
function addsComments(
  { from, to, newFrom, newTo }: LineChange,
  lines: readonly string[],
  others: readonly string[],
): boolean {
  const [before, after] = [lines.slice(from, to).map(parted), others.slice(newFrom, newTo).map(parted)];
  const content = (parts: readonly Parts[]): string => parts.map((part) => part.content).join("");
  const added = new Set(after.map(({ comment }) => comment));
  return content(before) === content(after) && before.every(({ comment }) => comment === "" || added.has(comment));
}

interface Parts {
  /** Without the comment, white space at the end and the line end. */
  readonly content: string;
  readonly comment: string;
}

// What only looks like a comment, in a text, is the same on all sides: cutting it off there does no harm.
function parted(line: string): Parts {
  const text = line.trimEnd();
  let at = text.indexOf("#");
  while (at > 0 && text[at - 1] !== " " && text[at - 1] !== "\t") at = text.indexOf("#", at + 1);
  const content = (at === -1 ? text : text.slice(0, at)).trimEnd();
  return { content: content === "" ? "" : `${content}\n`, comment: at === -1 ? "" : text.slice(at) };
}
