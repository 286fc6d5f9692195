import { segments } from "./key-path.ts";

/** A pattern that was read, to be asked many times. */
export interface KeyPattern {
  readonly parts: readonly Part[];
}

type Part = { readonly kind: "any-depth" } | { readonly kind: "key"; readonly pieces: readonly string[] };

/**
 * Reads a pattern over key paths: written as a path, where `*` in a segment stands for any characters (`tasks.*`,
 * `tasks.web-*`) and a segment `**` for any number of segments, none too: `tasks.**` is `tasks` and all under it. In
 * quotes a star is a star.
 * @throws BerthError INVALID naming the column
 */
export function parseKeyPattern(text: string): KeyPattern {
  return {
    parts: segments(text, true).map(({ text, quoted }): Part => {
      if (quoted) return { kind: "key", pieces: [text] };
      return text === "**" ? { kind: "any-depth" } : { kind: "key", pieces: text.split("*") };
    }),
  };
}

/**
 * Whether a pattern covers a whole key path. The time is at most the product of their lengths.
 * @throws BerthError INVALID for a pattern that `parseKeyPattern` refuses
 */
export function matchKeyPath(pattern: KeyPattern | string, path: readonly string[]): boolean {
  const { parts } = typeof pattern === "string" ? parseKeyPattern(pattern) : pattern;
  // `reached[n]`: the parts so far cover the first n segments.
  let reached = [true, ...path.map(() => false)];
  for (const part of parts) {
    const before = reached;
    if (part.kind === "any-depth") {
      const first = before.indexOf(true);
      reached = before.map((_, n) => first !== -1 && n >= first);
    } else {
      reached = before.map((_, n) => n > 0 && before[n - 1] === true && fits(part.pieces, path[n - 1] ?? ""));
    }
  }
  return reached.at(-1) === true;
}

/** Whether a key begins with the first piece, ends with the last and holds the others in order between them. */
function fits(pieces: readonly string[], key: string): boolean {
  const [first = "", ...others] = pieces;
  const last = others.pop();
  if (last === undefined) return key === first;
  const end = key.length - last.length;
  if (!key.startsWith(first) || !key.endsWith(last) || end < first.length) return false;
  let at = first.length;
  for (const piece of others) {
    const found = key.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
