import { BerthError } from "../errors.ts";

/**
 * Key paths as people write them: segments with dots between them, `tasks.t1.title`. A segment is the key of a map, or
 * the identity or index of a list's item. One that is empty or holds a dot, a star, a quote, white space or something
 * invisible stands in double quotes and has the escapes of JSON: `files."src/a.ts".lines`. The empty text is the whole.
 */

/** One segment as it was written: `text` without its quotes. */
export interface Segment {
  readonly text: string;
  readonly quoted: boolean;
}

/**
 * Reads a key path.
 * @throws BerthError INVALID naming the column (counted from 1 in UTF-16 code units) and what is wrong there
 */
export function parseKeyPath(text: string): string[] {
  return segments(text, false).map((segment) => segment.text);
}

/** Writes a key path so that `parseKeyPath` reads the same one. */
export function printKeyPath(path: readonly string[]): string {
  return path.map((segment) => (bare.test(segment) ? segment : quote(segment))).join(".");
}

/**
 * Splits the text of a path or a pattern.
 * @throws BerthError INVALID as `parseKeyPath`
 */
export function segments(text: string, starsAllowed: boolean): Segment[] {
  if (text === "") return [];
  const found: Segment[] = [];
  let at = 0;
  for (;;) {
    const [written = "", stringBody] =
      (text[at] === '"' ? quotedForm : bareForm(starsAllowed)).exec(text.slice(at)) ?? [];
    if (written === "") throw misread(text, at, starsAllowed);
    found.push({
      text: stringBody === undefined ? written : unquote(text, at, written),
      quoted: stringBody !== undefined,
    });
    at += written.length;
    if (at === text.length) return found;
    if (text[at] !== ".") throw misread(text, at, starsAllowed);
    at++;
  }
}

const special = String.raw`\s."\p{Cc}\p{Cf}\p{Cs}\p{Z}`;
const bare = new RegExp(`^[^*${special}]+$`, "u");
const withoutStars = new RegExp(`^[^*${special}]+`, "u");
const withStars = new RegExp(`^[^${special}]+`, "u");
const quotedForm = /^"((?:[^"\\]|\\.)*)"/su;

function bareForm(starsAllowed: boolean): RegExp {
  return starsAllowed ? withStars : withoutStars;
}

function quote(segment: string): string {
  return JSON.stringify(segment).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (hidden) =>
    hidden
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

function unquote(text: string, at: number, written: string): string {
  try {
    return JSON.parse(written) as string;
  } catch {
    throw refused(text, at, "the quoted key has an escape or a control character that JSON does not know");
  }
}

function misread(text: string, at: number, starsAllowed: boolean): BerthError {
  const character = text[at];
  if (character === undefined || character === ".") return refused(text, at, "a key is missing", 'An empty key is "".');
  if (at > 0 && text[at - 1] === '"') return refused(text, at, "a dot is missing after the quoted key");
  if (character === '"') {
    const begins = at === 0 || text[at - 1] === ".";
    return refused(text, at, begins ? "the quote is not closed" : "a quote within a key", "Quote the whole key.");
  }
  if (character === "*" && !starsAllowed) return refused(text, at, "a star stands for keys in patterns only", inQuotes);
  return refused(text, at, "white space and invisible characters need quotes", inQuotes);
}

const inQuotes = 'Put the key in double quotes: tasks."two words".';

function refused(text: string, at: number, why: string, hint?: string): BerthError {
  return new BerthError("INVALID", `The key path ${JSON.stringify(text)} is wrong at column ${at + 1}: ${why}.`, {
    ...(hint === undefined ? {} : { hint }),
    facts: { path: text, column: at + 1 },
  });
}
