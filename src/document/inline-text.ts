import { Document, isScalar, Scalar } from "yaml";
import { escapeHidden, needsQuotes, stringifyDocument } from "./yaml.ts";

/**
 * Writes a value as it may stand in the place of another, on one line.
 * @param old the scalar it takes the place of, whose quotes it keeps
 * @param flow whether the place is within brackets or braces
 * @returns null where it takes lines of its own
 */
export function inlineText(value: unknown, old: Scalar | null, flow: boolean): string | null {
  const nested = typeof value === "object" && value !== null;
  if (nested && !flow) return null;
  const document = new Document();
  const map = document.createNode({ k: value }, { aliasDuplicateObjects: false, flow });
  const node = map.get("k", true);
  if (isScalar(node) && typeof value === "string" && isQuoted(old)) node.type = old.type;
  document.contents = map;
  const text = escapeHidden(stringifyDocument(document)).trimEnd();
  if (text.includes("\n")) return null;
  // Within braces it stands as `{ k: value }`, or as `k: value`.
  return flow ? text.slice("{ k: ".length, -" }".length) : text.slice("k: ".length);
}

function isQuoted(node: Scalar | null): node is Scalar & { type: Scalar.QUOTE_DOUBLE | Scalar.QUOTE_SINGLE } {
  return node?.type === Scalar.QUOTE_DOUBLE || node?.type === Scalar.QUOTE_SINGLE;
}

const header = /^\|-?[ \t]*(?:#[^\n]*)?\r?\n/;

/**
 * Writes a text with the mark, indentation and line ends of a literal block (`|`), so that lines that stay keep their
 * bytes.
 * @param source the block as it stands, with its mark
 * @returns null where it cannot be written in this manner
 */
export function literalText(source: string, value: string): string | null {
  const [mark] = header.exec(source) ?? [];
  if (mark === undefined || needsQuotes(value) || /^[ \t]/.test(value)) return null;
  const kept = mark.startsWith("|-") ? value : value.endsWith("\n") ? value.slice(0, -1) : "";
  const pad = /^ +(?=\S)/m.exec(source.slice(mark.length))?.[0];
  if (kept === "" || kept.endsWith("\n") || pad === undefined) return null;
  const end = mark.endsWith("\r\n") ? "\r\n" : "\n";
  const behind = source.slice(source.indexOf("\n", source.trimEnd().length) + 1);
  const lines = kept.split("\n").map((line) => (line === "" ? end : pad + line + end));
  return mark + lines.join("") + behind;
}
