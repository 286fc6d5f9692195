import { findSection, outline } from "./outline.ts";

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
