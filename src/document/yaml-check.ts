import { CST, type Document, isScalar, type Pair, visit } from "yaml";
import { BerthError } from "../errors.ts";

const maxDepth = 40;
const maxScalar = 1_000_000;
/** Keys that would change the object they are read into. */
export const unsafeKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const conflictMarker = /^(?:<{7}|\|{7}|>{7})(?:[ \t].*)?$/m;

/** @throws BerthError INVALID for merge-conflict markers and control characters, which may stand anywhere in the text */
export function checkText(text: string, file: string, firstLine: number): void {
  checkConflicts(text, file, firstLine);
  checkControls(text, file, firstLine);
}

function checkConflicts(text: string, file: string, firstLine: number): void {
  const found = conflictMarker.exec(text.replaceAll("\r", ""));
  if (!found) return;
  const line = text.replaceAll("\r", "").slice(0, found.index).split("\n").length + firstLine - 1;
  throw invalid(
    file,
    line,
    1,
    `a merge-conflict marker (${found[0].slice(0, 40)})`,
    "Finish the merge: keep one side or both, and remove the markers.",
  );
}

function checkControls(text: string, file: string, firstLine: number): void {
  const found = /(?![\t\n\r\u0085])\p{Cc}/u.exec(text);
  if (!found) return;
  const before = text.slice(0, found.index).split("\n");
  const what = `a control character (U+${found[0].charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()})`;
  const column = (before.at(-1)?.length ?? 0) + 1;
  throw invalid(
    file,
    before.length + firstLine - 1,
    column,
    what,
    "Remove it, or write it as an escape in double quotes.",
  );
}

/** Refuses what stands at an offset of the text, with the remedy. */
export type Refuse = (offset: number, what: string, hint: string) => never;

/**
 * Refuses anchors, aliases, tags, directives, depth and size. Tokens are walked before anything is composed: composing
 * recurses, and expands what is refused here.
 */
export function checkTokens(tokens: readonly CST.Token[], refuse: Refuse): void {
  const stack: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 })).reverse();
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { token, depth } = next;
    checkToken(token, depth, refuse);
    const below = CST.isCollection(token) ? depth + 1 : depth;
    for (const child of children(token).reverse()) stack.push({ token: child, depth: below });
  }
}

function checkToken(token: CST.Token, depth: number, refuse: Refuse): void {
  if (token.type === "alias" || token.type === "anchor") {
    refuse(token.offset, `an ${token.type} (${token.source.slice(0, 40)})`, "Write the value out where it is used.");
  }
  if (token.type === "tag")
    refuse(token.offset, `a tag (${token.source.slice(0, 40)})`, "Remove it; quote the value if it must stay text.");
  if (token.type === "directive") refuse(token.offset, "a directive", "Remove the line that begins with %.");
  if (CST.isCollection(token) && depth >= maxDepth)
    refuse(token.offset, `more than ${maxDepth} levels`, "Flatten the document.");
  if (CST.isScalar(token) && token.source.length > maxScalar) {
    refuse(token.offset, `a value of ${token.source.length} characters`, "Keep long text in a file of its own.");
  }
}

function children(token: CST.Token): CST.Token[] {
  if (token.type === "document") return [...token.start, ...(token.value ? [token.value] : [])];
  if (token.type === "block-scalar") return [...token.props];
  if (!CST.isCollection(token)) return [];
  return token.items.flatMap((item) => [
    ...item.start,
    ...(item.key ? [item.key] : []),
    ...(item.sep ?? []),
    ...(item.value ? [item.value] : []),
  ]);
}

/** Refuses keys that stand twice in one map, or that JavaScript reserves. */
export function checkKeys(document: Document.Parsed, refuse: Refuse): void {
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const pair of map.items) {
        const { name, offset } = keyOf(pair);
        if (unsafeKeys.has(name))
          refuse(offset, `the key ${name}`, "Rename the key; this name is reserved by JavaScript.");
        if (seen.has(name))
          refuse(offset, `the key ${JSON.stringify(name.slice(0, 60))} a second time`, "Keep one of the two.");
        seen.add(name);
      }
    },
  });
}

/** Name and place of a key in a checked document, whose keys are all text. */
export function keyOf(pair: Pair): { name: string; offset: number } {
  return isScalar(pair.key)
    ? { name: String(pair.key.value), offset: pair.key.range?.[0] ?? 0 }
    : { name: String(pair.key), offset: 0 };
}

/** The refusal of a document, naming the place. */
export function invalid(file: string, line: number, column: number, what: string, hint: string): BerthError {
  return new BerthError("INVALID", `${file}:${line}:${column}: ${what}.`, { hint, facts: { file, line, column } });
}
