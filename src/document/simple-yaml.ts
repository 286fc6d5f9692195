/**
 * Reads the YAML that documents mostly consist of, many times faster than a parser that keeps comments and places: maps
 * and lists in block style, texts on one line, whole numbers, times, true, false and null.
 * @returns null for everything else, broken YAML among it: then `parseYaml` has the word
 */
export function readSimpleYaml(text: string): Record<string, unknown> | null {
  if (text.length > 200_000 || !isPlainText(text)) return null;
  const lines: Line[] = [];
  for (const line of text.split("\n")) {
    const indent = line.search(/[^ ]/);
    if (indent < 0 || line[indent] === "#") continue;
    lines.push({ indent, text: line.slice(indent).trimEnd() });
  }
  if (lines.length === 0) return {};
  const reader: Reader = { lines, at: 0 };
  const value = readMap(reader, lines[0]?.indent ?? 0, 0);
  return value !== REFUSED && reader.at === lines.length ? value : null;
}

interface Line {
  readonly indent: number;
  readonly text: string;
}

interface Reader {
  readonly lines: Line[];
  at: number;
}

/** What another reader has to judge. */
const REFUSED: unique symbol = Symbol("refused");
type Refused = typeof REFUSED;

const entry = /^([A-Za-z_][\w-]{0,60}):(?: +(.*))?$/;

function readMap(reader: Reader, indent: number, depth: number): Record<string, unknown> | Refused {
  if (depth > 10) return REFUSED;
  const map: Record<string, unknown> = {};
  for (let line = reader.lines[reader.at]; line?.indent === indent; line = reader.lines[reader.at]) {
    const match = entry.exec(line.text);
    const key = match?.[1];
    // Keys that stand in the prototype are reserved, and a second one is an error with a place.
    if (match === null || key === undefined || key in map) return REFUSED;
    reader.at += 1;
    const value = match[2] === undefined ? readBelow(reader, indent, depth) : scalar(match[2]);
    if (value === REFUSED || isDeeper(reader, indent)) return REFUSED;
    map[key] = value;
  }
  return map;
}

/** What stands on the lines below a key. */
function readBelow(reader: Reader, indent: number, depth: number): unknown {
  const next = reader.lines[reader.at];
  if (next === undefined || next.indent < indent) return null;
  if (next.text.startsWith("- ")) return readList(reader, next.indent, depth + 1);
  return next.indent > indent ? readMap(reader, next.indent, depth + 1) : null;
}

function readList(reader: Reader, indent: number, depth: number): unknown {
  const list: unknown[] = [];
  for (let line = reader.lines[reader.at]; line?.indent === indent; line = reader.lines[reader.at]) {
    const match = /^-( +)(.*)$/.exec(line.text);
    if (match === null) break;
    const [, gap = "", rest = ""] = match;
    const value = entry.test(rest) ? readItem(reader, indent + 1 + gap.length, rest, depth) : readScalar(reader, rest);
    if (value === REFUSED || isDeeper(reader, indent)) return REFUSED;
    list.push(value);
  }
  return list;
}

/** An item that is a map begins on the line of its dash: the rest of that line is its first key. */
function readItem(reader: Reader, indent: number, rest: string, depth: number): unknown {
  reader.lines[reader.at] = { indent, text: rest };
  return readMap(reader, indent, depth + 1);
}

function readScalar(reader: Reader, text: string): unknown {
  reader.at += 1;
  return scalar(text);
}

/** A text that goes on, or a value below one that is there already. */
function isDeeper({ lines, at }: Reader, indent: number): boolean {
  return (lines[at]?.indent ?? -1) > indent;
}

const word = /^(?:[\p{L}_]|\/(?=[^\s])|\.(?=[\p{Ll}_-]))/u;
const number = /^(?:0|[1-9]\d{0,14})$/;
const time = /^\d{4}-\d{2}-\d{2}(?:-\d{6}|[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;
const special: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...["null", "Null", "NULL"].map((text) => [text, null] as const),
  ...["true", "True", "TRUE"].map((text) => [text, true] as const),
  ...["false", "False", "FALSE"].map((text) => [text, false] as const),
]);

function scalar(text: string): unknown {
  if (text.startsWith('"')) return /^"[^"\\]*"$/.test(text) ? text.slice(1, -1) : REFUSED;
  if (text.startsWith("'")) return /^'[^']*'$/.test(text) ? text.slice(1, -1) : REFUSED;
  if (text.startsWith("[")) return flowList(text);
  if (text === "{}") return {};
  if (special.has(text)) return special.get(text);
  if (number.test(text)) return Number(text);
  if (time.test(text)) return text;
  if (!word.test(text) || /:(?: |$)| #/.test(text) || /^\.(?:inf|nan)$/i.test(text)) return REFUSED;
  return text;
}

/** A list on one line, of words and quoted texts. */
function flowList(text: string): unknown {
  if (!/^\[.*\]$/.test(text)) return REFUSED;
  const inner = text.slice(1, -1).trim();
  if (inner === "") return [];
  const items = inner.split(/ *, */);
  const read = items.map((item) => (/^(?:[A-Za-z_/][\w/.-]*|"[^"\\,]*")$/.test(item) ? scalar(item) : REFUSED));
  return read.includes(REFUSED) ? REFUSED : read;
}

/** Whether no character is among it that means something to YAML beyond what is read here. */
function isPlainText(text: string): boolean {
  return /^[\n\x20-\x7e]*$/.test(text) || !/(?!\n)[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(text);
}
