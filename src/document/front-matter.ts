import { isMap } from "yaml";
import { BerthError, isBerthError } from "../errors.ts";
import { blockEntries } from "./block-entries.ts";
import type { Change, Reach } from "./change.ts";
import { changeTop } from "./change-values.ts";
import { cutFences, type Fences, lineEnd } from "./fence.ts";
import { plainData, sameData } from "./plain-data.ts";
import { rewrittenFlow } from "./rewrite-entry.ts";
import { applySplices } from "./splice.ts";
import { type ReadDocument, readDocument, type ReadOptions, topMap } from "./yaml.ts";
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
export function parseFrontMatter(text: string, file: string, options: ReadOptions = {}): FrontMatter {
  const parts = cutFences(text, file);
  const { data, pairs } = readMap(parts, file, options);
  const lines = keyLines(parts.yaml, pairs.map(keyOf));
  return { data, body: parts.body, lines, bodyLine: parts.bodyLine };
}

/**
 * Changes top-level keys of the front matter; `undefined` removes one. Only lines of what changed are touched, however
 * deep it stands: items of lists are known by their id, key, name or path, else by being equal, else by their place.
 * Everything else keeps its bytes: comments, order, indentation, quoting, unknown keys, line ends, a byte-order mark, the
 * body. Keys that are new are appended, and a document without front matter gets one. A value that changes where an alias
 * stands for it is written out there, so that each key keeps the value it had.
 *
 * Comments above a key that is removed stay; those directly above an item of a list go with it. Within brackets and
 * braces, behind question marks, and where lines cannot tell values apart, the smallest entry around is written anew.
 * @throws BerthError INVALID as `parseFrontMatter`, and for a value that YAML cannot hold
 */
export function setFields(
  text: string,
  changes: Readonly<Record<string, unknown>>,
  file: string,
  options: ReadOptions = {},
): string {
  const changed = tryFields(text, changes, { file, options, reach: "values" });
  if (typeof changed === "string") return changed;
  // What does not read back as it should is done again, key by key and with less care for its lines.
  return Object.entries(changes).reduce((result, [name, value]) => {
    let problem: BerthError = changed;
    for (const reach of ["values", "entry", "bare-entry"] as const) {
      const next = tryFields(result, { [name]: value }, { file, options, reach });
      if (typeof next === "string") return next;
      problem = next;
    }
    throw problem;
  }, text);
}

interface Attempt {
  readonly file: string;
  readonly options: ReadOptions;
  readonly reach: Reach;
}

/** The changed text, or why there is none; it was read again, and holds what it should. */
function tryFields(
  text: string,
  changes: Readonly<Record<string, unknown>>,
  { file, options, reach }: Attempt,
): string | BerthError {
  const parts = cutFences(text, file);
  const read = readMap(parts, file, options);
  const wanted = plainData({ ...read.data, ...changes }) as Record<string, unknown>;
  if (sameData(read.data, wanted)) return text;
  let changed: string;
  try {
    const yaml = changedYaml(parts, read, wanted, reach);
    const end = newLineEnd(parts);
    const { open, close } = parts.open === "" ? { open: `---${end}`, close: `---${end}` } : parts;
    changed = parts.mark + open + yaml + close + parts.body;
  } catch (error) {
    if (isBerthError(error)) return error;
    throw error;
  }
  return holdsFields(changed, wanted, parts.body, file, options) ? changed : unwritten(file, Object.keys(changes));
}

/** Whether a text is read as a document with these values and this body. */
export function holdsFields(
  text: string,
  data: Readonly<Record<string, unknown>>,
  body: string,
  file: string,
  options: ReadOptions,
): boolean {
  try {
    const parts = cutFences(text, file);
    return parts.body === body && sameData(readMap(parts, file, options).data, data);
  } catch (error) {
    if (isBerthError(error)) return false;
    throw error;
  }
}

function changedYaml(parts: Fences, read: ReadMap, wanted: Record<string, unknown>, reach: Reach): string {
  const { contents } = read.document;
  const map = isMap(contents) ? contents : null;
  const change: Change = {
    source: parts.yaml,
    sources: read.sources,
    lineEnd: newLineEnd(parts),
    reach,
    gone: new Set(),
  };
  for (;;) {
    const known = change.gone.size;
    const splices = changeTop(change, map, read.data, wanted);
    if (splices === null) {
      const names = Object.keys({ ...read.data, ...wanted }).filter((name) => !sameData(read.data[name], wanted[name]));
      return rewrittenFlow(
        change,
        read,
        names.map((name) => [name, wanted[name]]),
      );
    }
    // Aliases that stood before what they are for was found to change are looked at again.
    if (change.gone.size === known) return applySplices(parts.yaml, splices);
  }
}

/**
 * Top-level keys as they are written in a document, with the comments directly above them; nothing where they share
 * lines, or where anchors of others count.
 * @throws BerthError INVALID as `parseFrontMatter`
 */
export function entryLines(text: string, names: readonly string[], file: string, options: ReadOptions = {}): string {
  const { yaml } = cutFences(text, file);
  const { document, sources } = readDocument(yaml, file, 2, options);
  const { contents } = document;
  if (!isMap(contents) || contents.flow === true || sources.size > 0) return "";
  const entries = blockEntries(yaml, contents, -1, yaml.length).filter(({ name }) => names.includes(name));
  return entries.map(({ lead, end }) => yaml.slice(lead, end)).join("");
}

function newLineEnd(parts: Fences): string {
  return lineEnd(parts.open === "" ? parts.body : parts.open + parts.yaml);
}

function unwritten(file: string, names: readonly string[]): BerthError {
  return new BerthError("INVALID", `${file}: ${names.join(", ")} cannot be written as given.`, {
    hint: "Give texts, numbers, true, false, null, lists or maps; where they are that, write them in by hand.",
    facts: { file },
  });
}

interface ReadMap extends ReadDocument {
  readonly data: Record<string, unknown>;
  readonly pairs: Extract<ReturnType<typeof topMap>, readonly unknown[]>;
}

function readMap({ yaml }: Fences, file: string, options: ReadOptions): ReadMap {
  const read = readDocument(yaml, file, 2, options);
  const pairs = topMap(read.document);
  if (pairs === undefined) {
    throw new BerthError("INVALID", `${file}:2:1: the front matter is not a map of keys.`, {
      hint: "Write it as lines of the form key: value.",
      facts: { file, line: 2, column: 1 },
    });
  }
  return { ...read, data: (read.data ?? {}) as Record<string, unknown>, pairs: pairs ?? [] };
}

function keyLines(yaml: string, keys: readonly { name: string; offset: number }[]): Map<string, number> {
  let line = 2;
  let at = 0;
  return new Map(
    keys.map(({ name, offset }) => {
      for (let next = yaml.indexOf("\n", at); next >= 0 && next < offset; next = yaml.indexOf("\n", at)) {
        line += 1;
        at = next + 1;
      }
      return [name, line];
    }),
  );
}
