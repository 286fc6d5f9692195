import {
  Composer,
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
import { type AliasSources, aliasSources, dataOf } from "./aliases.ts";
import { checkValues, checkText, checkTokens, invalid, type Refuse, unsafeKeys } from "./yaml-check.ts";

/** Characters that a block or plain scalar would lose, hide or reorder: such strings are written with escapes. */
const hidden = /(?![\n\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
const allHidden = new RegExp(hidden, "gu");

/** A document that passed every check of `parseYaml`, with its comments and positions; null where it is empty. */
export type CheckedDocument = Document.Parsed;

/** What a caller allows in a document. */
export interface ReadOptions {
  /** Whether values may have anchors (`&name`) that aliases (`*name`) stand for; without it both are refused. */
  readonly anchors?: boolean;
}

/** A checked document with what its aliases stand for. */
export interface ReadDocument {
  readonly document: CheckedDocument;
  readonly sources: AliasSources;
  /** The document as plain data; null where it is empty. */
  readonly data: unknown;
}

/**
 * Reads one YAML 1.2 document (core schema) as plain data.
 * @param firstLine the line of the file that `text` begins on, for messages
 * @returns null for an empty document
 * @throws BerthError INVALID naming file, line, column and remedy: for broken syntax, and for what no document of
 * ours may hold (anchors and aliases where they are not allowed, tags, directives, duplicate or prototype keys, a second
 * document, more than 40 levels, a scalar over 1 MB, numbers with more digits than are kept, control characters,
 * merge-conflict markers)
 */
export function parseYaml(text: string, file: string, firstLine = 1): unknown {
  return readDocument(text, file, firstLine).data;
}

/**
 * As `parseYaml`, but gives the document too, which keeps comments and source ranges (in `text`).
 * @throws BerthError INVALID as `parseYaml`; where anchors are allowed, as `aliasSources`
 */
export function readDocument(text: string, file: string, firstLine = 1, options: ReadOptions = {}): ReadDocument {
  const lines = new LineCounter();
  const refuse: Refuse = (offset, what, hint) => {
    const { line, col } = lines.linePos(offset);
    throw invalid(file, (line || 1) + firstLine - 1, col || 1, what, hint);
  };
  checkText(text, file, firstLine);
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const aliased = checkTokens(tokens, refuse, options.anchors ?? false);
  const composed = [...new Composer({ ...composing, lineCounter: lines }).compose(tokens, true, text.length)];
  const [document, second] = composed as CheckedDocument[];
  if (!document) return { document: new Document(null) as CheckedDocument, sources: noAliases, data: null };
  const [error] = document.errors;
  if (error) refuse(error.pos[0], error.message.replace(/\.?$/, ""), remedy(error.code));
  if (second) refuse(second.range[0], "a second document begins here", "Keep one document in the file.");
  checkValues(document.contents, refuse);
  const sources = aliased ? aliasSources(document, refuse) : noAliases;
  return { document, sources, data: dataOf(document.contents, sources) };
}

const noAliases: AliasSources = new Map();

const composing = {
  prettyErrors: false,
  uniqueKeys: false,
  stringKeys: true,
  logLevel: "silent",
  // Where an item of a list begins is known to its token alone.
  keepSourceTokens: true,
} as const;

/** Writes plain data as YAML in block style: no anchors, no folding, strings quoted only where they need it. */
export function writeYaml(value: unknown): string {
  return escapeHidden(stringifyDocument(new Document(value, { aliasDuplicateObjects: false })));
}

/** Writes a value on one line, as it may stand behind `key: ` whatever characters it holds. */
export function inlineYaml(value: unknown): string {
  const plain = typeof value === "string" ? stringifyDocument(new Document(value)).trimEnd() : "\n";
  // A text that looks like a mark of YAML, `---` among them, would be written as a block.
  return escapeHidden(plain.includes("\n") ? JSON.stringify(value ?? null) : plain);
}

/** Writes a document back with its comments, in the one style that all of ours have. */
export function stringifyDocument(document: Document, options: ToStringOptions = {}): string {
  // No document that was read holds control characters, not even in a comment: they come from new, quoted values.
  return escapeAll(quoteUnsafe(document).toString({ ...style, ...options }), /(?![\t\n\r\u0085])\p{Cc}/gu);
}

const style: ToStringOptions = {
  lineWidth: 0,
  blockQuote: "literal",
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
};

function quoteUnsafe(document: Document): Document {
  visit(document, {
    Pair: (_, { key }) => {
      const name = String(isScalar(key) ? key.value : key);
      if (unsafeKeys.has(name)) throw new BerthError("INVALID", `The key ${name} cannot be written: it is reserved.`);
    },
    Scalar: (_, node) => {
      if (typeof node.value === "string" && needsQuotes(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document;
}

/**
 * Whether a text can stand in double quotes alone: blank lines at the end of a block scalar would mix with those that
 * follow it in the document, and lines of nothing but spaces are taken for its indentation.
 */
export function needsQuotes(text: string): boolean {
  return /^[ \t]*\n|\n[ \t]+(?:\n|$)|\n\n$/.test(text) || hidden.test(text);
}

/** Whether a text holds characters that nobody sees. */
export function hasHidden(text: string): boolean {
  return hidden.test(text);
}

/** Writes such characters as escapes. In text without comments they stand in double quotes alone. */
export function escapeHidden(text: string): string {
  return escapeAll(text, allHidden);
}

function escapeAll(text: string, characters: RegExp): string {
  return text.replaceAll(characters, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
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
