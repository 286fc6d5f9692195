import { findSection, headingText, outline } from "./outline.ts";

/** The text inside a fenced block of code. */
export interface CodeBlock {
  readonly text: string;
  /** The line of the document on which it begins. */
  readonly line: number;
}

const opening = /^ {0,3}(`{3,}|~{3,})[ \t]*ya?ml[ \t]*\r?\n?$/i;

/**
 * The first block of YAML below a heading of a document; null where there is none.
 * @returns also `open` for a block that is never closed
 */
export function yamlBelow(text: string, heading: string): (CodeBlock & { readonly open: boolean }) | null {
  const { lines } = outline(text);
  const found = findSection(lines, heading);
  if (!found) return null;
  const below = lines.slice(found.from, found.to);
  const start = below.findIndex((line) => opening.test(line.text));
  if (start < 0) return null;
  const fence = opening.exec(below[start]?.text ?? "")?.[1] ?? "";
  const rest = below.slice(start + 1);
  const end = rest.findIndex(({ text: one }) => one.trimEnd().replace(/^ {0,3}/, "") === fence);
  const inner = end < 0 ? rest : rest.slice(0, end);
  return { text: inner.map((line) => line.text).join(""), line: (below[start]?.line ?? 0) + 1, open: end < 0 };
}

/** A block of YAML with the heading above it, and the lines it takes with its fences, counted from 0. */
export interface HeadedBlock extends CodeBlock {
  readonly heading: string;
  readonly from: number;
  readonly to: number;
  readonly open: boolean;
}

/** Every block of YAML of a document, in order; what looks like one inside of another block is none. */
export function yamlBlocks(text: string): HeadedBlock[] {
  const { lines } = outline(text);
  const found: HeadedBlock[] = [];
  let heading = "";
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    if (!line) break;
    if (line.level > 0) heading = headingText(line.text);
    const fence = line.prose ? undefined : /^ {0,3}(`{3,}(?!.*`)|~{3,})/.exec(line.text)?.[1];
    if (fence === undefined) continue;
    let end = at + 1;
    while (end < lines.length && !isEnd(lines[end]?.text ?? "", fence)) end += 1;
    const isOpen = end === lines.length;
    if (opening.test(line.text))
      found.push({
        text: lines
          .slice(at + 1, end)
          .map((one) => one.text)
          .join(""),
        line: at + 2,
        heading,
        from: at,
        to: isOpen ? end : end + 1,
        open: isOpen,
      });
    at = end;
  }
  return found;
}

function isEnd(line: string, fence: string): boolean {
  const mark = /^ {0,3}(`+|~+)[ \t]*\r?\n?$/.exec(line)?.[1];
  return mark !== undefined && mark.startsWith(fence);
}
