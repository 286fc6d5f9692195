import { type BerthError, isBerthError } from "../errors.ts";
import { printKeyPath } from "../document/key-path.ts";
import { type ContextText, type Format, readContext } from "./read.ts";

/** What a document is judged by; its parser need not be known to those who name this. */
export interface Schema {
  readonly safeParse: (value: unknown) => { readonly error?: { readonly issues: readonly SchemaIssue[] } | undefined };
}

/** One thing that a schema finds. */
interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly code: string;
  readonly message: string;
  /** The kind of value, where that is what is wrong. */
  readonly expected?: unknown;
}

/** Something in a document that is not as it must be. [CTX-11] */
export interface Problem {
  readonly line: number;
  readonly column: number;
  /** Key path, as `shared get` takes them; empty for the document as a whole. */
  readonly key: string;
  readonly found: string;
  readonly expected: string;
  readonly message: string;
}

export interface Validated {
  readonly file: string;
  readonly valid: boolean;
  /** Null where nothing could be read; `yaml` for a ticket.yml. */
  readonly format: Format | "yaml" | null;
  readonly problems: readonly Problem[];
}

/**
 * Judges the text of a context; all problems of it at once.
 * @param text null for bytes that are no UTF-8
 */
export function validateText(text: string | null, file: string, schema: Schema): Validated {
  if (text === null) return notText(file);
  let read: ContextText;
  try {
    read = readContext(text, file);
  } catch (error) {
    if (!isBerthError(error)) throw error;
    return unreadable(file, error);
  }
  const problems = read.format === "prose" ? [prose()] : problemsOf(read, schema);
  return { file, valid: problems.length === 0, format: read.format, problems };
}

/** What is said of a document whose bytes are no UTF-8. */
function notText(file: string): Validated {
  const what = { found: "bytes that are no UTF-8", expected: "text in UTF-8" };
  const problem = { line: 1, column: 1, key: "", ...what, message: "this is no UTF-8 text" };
  return { file, valid: false, format: null, problems: [problem] };
}

/** What a schema finds in a document that could be read. */
export function problemsOf({ data, place }: Pick<ContextText, "data" | "place">, schema: Schema): Problem[] {
  const { error } = schema.safeParse(data);
  const found = (error?.issues ?? []).map((issue) => {
    const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
    const value = valueAt(data, path);
    const key = printKeyPath(path.map(String));
    const { line, column } = place(path);
    const expected = expectedOf(issue);
    return {
      line,
      column,
      key,
      found: shown(value),
      expected,
      message: `${key}: found ${shown(value)}, expected ${expected}`,
    };
  });
  return found.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** What cannot be read has one problem, and nothing else can be told of it. */
export function unreadable(file: string, { message, facts }: BerthError): Validated {
  const [line = 1, column = 1] = [facts["line"], facts["column"]].map((n) => (typeof n === "number" ? n : 1));
  const problem = { line, column, key: "", found: "what cannot be read", expected: "a whole document", message };
  return { file, valid: false, format: null, problems: [problem] };
}

function prose(): Problem {
  const expected = "front matter between lines of ---";
  return { line: 1, column: 1, key: "", found: "prose", expected, message: `found prose, expected ${expected}` };
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  array: "a list",
  object: "a map of keys",
  boolean: "true or false",
  number: "a number",
};

function expectedOf(issue: SchemaIssue): string {
  const kind = issue.code === "invalid_type" ? KINDS[String(issue.expected)] : undefined;
  return kind !== undefined && issue.message.startsWith("Invalid input") ? kind : issue.message;
}

function valueAt(data: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, part)
        ? (value as Record<string | number, unknown>)[part]
        : undefined,
    data,
  );
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
