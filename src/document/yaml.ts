import {
  Composer,
  CST,
  Document,
  isMap,
  isScalar,
  LineCounter,
  type Pair,
  Parser,
  Scalar,
  type ToStringOptions,
  visit,
} from "yaml";
import { BerthError } from "../errors.ts";

const maxDepth = 40;
const maxScalar = 1_000_000;
const unsafeKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const conflictMarker = /^(?:<{7}|\|{7}|>{7})(?:[ \t].*)?$/m;
/** Characters that a block or plain scalar would lose, hide or reorder: such strings are written with escapes. */
const hidden = /(?![\n\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

/** A document that passed every check of `parseYaml`, with its comments and positions; null where it is empty. */
export type CheckedDocument = Document.Parsed;

/**
 * Reads one YAML 1.2 document (core schema) as plain data.
 * @param firstLine the line of the file that `text` begins on, for messages
 * @returns null for an empty document
 * @throws BerthError INVALID naming file, line, column and remedy: for broken syntax, and for what no document of
 * ours may hold (anchors, aliases, tags, directives, duplicate or prototype keys, a second document, more than 40
 * levels, a scalar over 1 MB, merge-conflict markers)
 */
export function parseYaml(text: string, file: string, firstLine = 1): unknown {
  return checkedDocument(text, file, firstLine).toJS({ maxAliasCount: 0 }) as unknown;
}

/** As `parseYaml`, but gives the document itself, which keeps comments and source ranges (in `text`). */
export function checkedDocument(text: string, file: string, firstLine = 1): CheckedDocument {
  const lines = new LineCounter();
  const refuse = (offset: number, what: string, hint: string): never => {
    const { line, col } = lines.linePos(offset);
    throw invalid(file, (line || 1) + firstLine - 1, col || 1, what, hint);
  };
  checkConflicts(text, file, firstLine);
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  checkTokens(tokens, refuse);
  const options = {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: true,
    logLevel: "silent" as const,
  };
  const composed = [...new Composer(options).compose(tokens, true, text.length)];
  const [document, second] = composed as CheckedDocument[];
  if (!document) return new Document(null) as CheckedDocument;
  const [error] = document.errors;
  if (error) refuse(error.pos[0], error.message.replace(/\.?$/, ""), remedy(error.code));
  if (second) refuse(second.range[0], "a second document begins here", "Keep one document in the file.");
  checkKeys(document, refuse);
  return document;
}

/** Writes plain data as YAML in block style: no anchors, no folding, strings quoted only where they need it. */
export function writeYaml(value: unknown): string {
  return escapeHidden(stringifyDocument(new Document(value, { aliasDuplicateObjects: false })));
}

/** Writes a value on one line, as it may stand behind `key: ` whatever characters it holds. */
export function inlineYaml(value: unknown): string {
  if (typeof value !== "string" || value.includes("\n")) return escapeHidden(JSON.stringify(value ?? null));
  return escapeHidden(stringifyDocument(new Document(value))).trimEnd();
}

/** Writes a document back with its comments, in the one style that all of ours have. */
export function stringifyDocument(document: Document, options: ToStringOptions = {}): string {
  return quoteUnsafe(document).toString({ ...style, ...options });
}

const style: ToStringOptions = {
  lineWidth: 0,
  blockQuote: "literal",
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
};

function quoteUnsafe(document: Document): Document {
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === "string" && needsQuotes(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document;
}

// Blank lines at the end of a block scalar would mix with those that follow it in the document, and lines of nothing
// but spaces are taken for its indentation.
function needsQuotes(text: string): boolean {
  return /^[ \t]*\n|\n[ \t]+(?:\n|$)|\n\n$/.test(text) || hidden.test(text);
}

// In text without comments such characters stand in double quotes alone.
function escapeHidden(text: string): string {
  return text.replaceAll(new RegExp(hidden, "gu"), (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
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

type Refuse = (offset: number, what: string, hint: string) => never;

// The tokens are walked before anything is composed: composing recurses, and expands what is refused here.
function checkTokens(tokens: readonly CST.Token[], refuse: Refuse): void {
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

function checkKeys(document: CheckedDocument, refuse: Refuse): void {
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

/** The top-level map of a checked document; null where the document is empty, undefined where it is no map. */
export function topMap(document: CheckedDocument): readonly Pair[] | null | undefined {
  const { contents } = document;
  if (isMap(contents)) return contents.items;
  return contents === null || (isScalar(contents) && contents.value === null) ? null : undefined;
}

function remedy(code: string): string {
  if (code === "TAB_AS_INDENT") return "Indent with spaces.";
  if (code === "NON_STRING_KEY") return "Use plain text as key.";
  return "Correct this place; text with : # { [ or quotes belongs in quotes.";
}

function invalid(file: string, line: number, column: number, what: string, hint: string): BerthError {
  return new BerthError("INVALID", `${file}:${line}:${column}: ${what}.`, { hint, facts: { file, line, column } });
}
