import { isCollection, isMap, type YAMLMap } from "yaml";
import { BerthError } from "../errors.ts";
import { cutFences, lineEnd } from "./fence.ts";
import { changeMap, sameValue } from "./graft.ts";
import { checkedDocument, stringifyDocument, topMap, writeYaml } from "./yaml.ts";
import { keyOf } from "./yaml-check.ts";

/** A Markdown document with YAML front matter, read. */
export interface FrontMatter {
  readonly data: Record<string, unknown>;
  readonly body: string;
  /** Top-level keys to the lines they stand on. */
  readonly lines: ReadonlyMap<string, number>;
  /** The line of the document that the body begins on. */
  readonly bodyLine: number;
}

/**
 * Reads the front matter of a document. Without any, the whole text is the body.
 * @throws BerthError INVALID with file, line and column: see `parseYaml`; also for a fence that is never closed and
 * for front matter that is not a map of keys
 */
export function parseFrontMatter(text: string, file: string): FrontMatter {
  const { yaml, body, bodyLine } = cutFences(text, file);
  const entries = readEntries(yaml, file);
  const lines = new Map(entries.list.map(({ name, line }) => [name, line + 2]));
  return { data: entries.data, body, lines, bodyLine };
}

/**
 * Changes top-level keys of the front matter; `undefined` removes one. Everything else keeps its bytes: comments,
 * order, quoting, unknown keys, line ends, a byte-order mark, the body. Keys that are new are appended, and a document
 * without front matter gets one. A key whose value is already the given one is left as it is.
 * @throws BerthError INVALID as `parseFrontMatter`
 */
export function setFields(text: string, changes: Readonly<Record<string, unknown>>, file: string): string {
  const parts = cutFences(text, file);
  const entries = readEntries(parts.yaml, file);
  const wanted = Object.entries(changes).filter(([name, value]) => !sameValue(value, entries.data[name]));
  if (wanted.length === 0) return text;
  const end = lineEnd(parts.open === "" ? parts.body : parts.open + parts.yaml);
  const yaml = entries.flow ? changeFlow(parts.yaml, wanted, file) : changeBlock(parts.yaml, entries, wanted, end);
  const open = parts.open === "" ? `---${end}` : parts.open;
  const close = parts.open === "" ? `---${end}` : parts.close;
  return parts.mark + open + yaml + close + parts.body;
}

interface Entry {
  readonly name: string;
  /** Counted from 0 within the front matter; `end` is the line after its last one. */
  readonly line: number;
  readonly end: number;
}

interface Entries {
  readonly data: Record<string, unknown>;
  readonly list: readonly Entry[];
  /** Columns the keys are indented by. */
  readonly indent: number;
  /** True for a map in braces, whose entries share lines. */
  readonly flow: boolean;
}

function readEntries(yaml: string, file: string): Entries {
  const document = checkedDocument(yaml, file, 2);
  const pairs = topMap(document);
  if (pairs === undefined) {
    throw new BerthError("INVALID", `${file}:2:1: the front matter is not a map of keys.`, {
      hint: "Write it as lines of the form key: value.",
      facts: { file, line: 2, column: 1 },
    });
  }
  const starts = keyLines(yaml, (pairs ?? []).map(keyOf));
  const texts = yaml.split("\n");
  const count = texts.at(-1) === "" ? texts.length - 1 : texts.length;
  const list = starts.map((start, at) => ({
    ...start,
    end: trimmedEnd(texts, start.line, starts[at + 1]?.line ?? count),
  }));
  const first = pairs?.[0] ? keyOf(pairs[0]).offset : 0;
  const indent = first - (yaml.lastIndexOf("\n", first - 1) + 1);
  return {
    data: (document.toJS({ maxAliasCount: 0 }) ?? {}) as Record<string, unknown>,
    list,
    indent: isExplicit(texts[starts[0]?.line ?? 0]) ? 0 : indent,
    flow: isCollection(document.contents) && document.contents.flow === true,
  };
}

function keyLines(yaml: string, keys: readonly { name: string; offset: number }[]): { name: string; line: number }[] {
  let line = 0;
  let at = 0;
  return keys.map(({ name, offset }) => {
    for (let next = yaml.indexOf("\n", at); next >= 0 && next < offset; next = yaml.indexOf("\n", at)) {
      line += 1;
      at = next + 1;
    }
    return { name, line };
  });
}

function isExplicit(line: string | undefined): boolean {
  return line?.startsWith("? ") ?? false;
}

// Blank lines and unindented comments behind an entry belong to what follows.
function trimmedEnd(texts: readonly string[], from: number, to: number): number {
  let end = to;
  while (end > from + 1 && /^(?:#[^\n]*|[ \t\r]*)$/.test(texts[end - 1] ?? "")) end -= 1;
  return end;
}

function changeBlock(yaml: string, entries: Entries, wanted: readonly [string, unknown][], end: string): string {
  const lines = yaml === "" ? [] : yaml.split(/(?<=\n)/);
  const pad = " ".repeat(entries.indent);
  const toFile = (text: string): string =>
    text
      .replaceAll("\r", "")
      .replaceAll("\n", end)
      .replaceAll(/^(?=[^\r\n])/gm, pad);
  const appended: string[] = [];
  for (const [name, value] of wanted) {
    const entry = entries.list.find((e) => e.name === name);
    if (!entry) appended.push(toFile(writeYaml({ [name]: value })));
    else {
      const source = lines.slice(entry.line, entry.end).join("");
      const text = value === undefined ? "" : toFile(changeEntry(source, name, value));
      lines.splice(entry.line, entry.end - entry.line, text, ...Array<string>(entry.end - entry.line - 1).fill(""));
    }
  }
  const kept = lines.join("");
  return kept + (appended.length > 0 && kept !== "" && !kept.endsWith("\n") ? end : "") + appended.join("");
}

/** Rewrites one `key: value` with the comments it holds; the entry stands alone, without anchors or tags. */
function changeEntry(source: string, name: string, value: unknown): string {
  const document = checkedDocument(source, name);
  if (!isMap(document.contents)) return writeYaml({ [name]: value });
  changeMap(document, document.contents, [[name, value]]);
  return stringifyDocument(document, { flowCollectionPadding: /[[{] /.test(source) });
}

function changeFlow(yaml: string, wanted: readonly [string, unknown][], file: string): string {
  const document = checkedDocument(yaml, file, 2);
  changeMap(document, document.contents as YAMLMap, wanted);
  const text = stringifyDocument(document, { flowCollectionPadding: /[[{] /.test(yaml) });
  return yaml.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;
}
