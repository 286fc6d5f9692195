import { BerthError } from "../errors.ts";
import { type Json, setOwn } from "./json.ts";

/** A value of a JSON file that people write, comments and all, with where it stands in the text. */
export interface JsoncNode {
  readonly kind: "map" | "list" | "leaf";
  readonly value: Json;
  readonly start: number;
  readonly end: number;
  /** What stands in a map or list, in its order. */
  readonly members: readonly JsoncMember[];
}

export interface JsoncMember {
  /** Null in a list. */
  readonly key: string | null;
  readonly node: JsoncNode;
  /** Where it begins: its key, where it has one. */
  readonly start: number;
  /** Where its comma stands; null where it has none. */
  readonly comma: number | null;
}

const DEEPEST = 100;
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[a-z]+/y;

interface Reader {
  readonly text: string;
  readonly file: string;
  at: number;
  depth: number;
}

/**
 * Reads JSON with comments and commas after the last member, so that a change can be made at its place and nowhere else.
 * @throws BerthError INVALID with file, line and column; a key that stands twice is damage too, as nobody knows which
 *   of the two counts
 */
export function readJsonc(text: string, file: string): JsoncNode {
  const reader: Reader = { text, file, at: text.startsWith("\uFEFF") ? 1 : 0, depth: 0 };
  skip(reader);
  const node = readValue(reader);
  skip(reader);
  if (reader.at < text.length) throw damaged(reader, "Something stands after the end of the JSON");
  return node;
}

/** The end of blanks and comments that begin at a place. */
export function endOfBlanks(text: string, from: number): number {
  for (let at = from; ;) {
    const two = text.slice(at, at + 2);
    const end = two === "//" ? text.indexOf("\n", at) : two === "/*" ? text.indexOf("*/", at + 2) + 2 : -1;
    if (two === "//") at = end === -1 ? text.length : end;
    else if (two === "/*" && end > 1) at = end;
    else if (/\s/.test(text[at] ?? "")) at++;
    else return at;
  }
}

function skip(reader: Reader): void {
  reader.at = endOfBlanks(reader.text, reader.at);
}

function readValue(reader: Reader): JsoncNode {
  const first = reader.text[reader.at];
  if (first === "{" || first === "[") return readMembers(reader, first === "{" ? "map" : "list");
  const start = reader.at;
  return { kind: "leaf", value: readLeaf(reader), start, end: reader.at, members: [] };
}

function readLeaf(reader: Reader): Json {
  const { text, at } = reader;
  TOKEN.lastIndex = at;
  const [token] = TOKEN.exec(text) ?? [];
  if (token === undefined) throw damaged(reader, at >= text.length ? "The JSON ends here" : "This is no JSON");
  try {
    const value = JSON.parse(token) as Json;
    reader.at += token.length;
    return value;
  } catch {
    throw damaged(reader, "This is no JSON");
  }
}

function readMembers(reader: Reader, kind: "map" | "list"): JsoncNode {
  const start = reader.at;
  const close = kind === "map" ? "}" : "]";
  if (++reader.depth > DEEPEST) throw damaged(reader, `The JSON is nested more than ${DEEPEST} levels deep`);
  reader.at++;
  const members: JsoncMember[] = [];
  const seen = new Set<string>();
  for (skip(reader); reader.text[reader.at] !== close; skip(reader)) {
    if (members.at(-1)?.comma === null) throw damaged(reader, "A comma is missing");
    const member = readMember(reader, kind);
    if (member.key !== null && seen.has(member.key))
      throw damaged({ ...reader, at: member.start }, "This key is twice");
    if (member.key !== null) seen.add(member.key);
    members.push(member);
  }
  reader.depth--;
  reader.at++;
  return { kind, value: valueOf(kind, members), start, end: reader.at, members };
}

function readMember(reader: Reader, kind: "map" | "list"): JsoncMember {
  const start = reader.at;
  const key = kind === "map" ? readKey(reader) : null;
  const node = readValue(reader);
  const end = reader.at;
  skip(reader);
  const comma = reader.text[reader.at] === "," ? reader.at : null;
  reader.at = comma === null ? end : comma + 1;
  return { key, node, start, comma };
}

function readKey(reader: Reader): string {
  const start = reader.at;
  const key = readLeaf(reader);
  if (typeof key !== "string") throw damaged({ ...reader, at: start }, "Here should be a key");
  skip(reader);
  if (reader.text[reader.at] !== ":") throw damaged(reader, "A colon is missing");
  reader.at++;
  skip(reader);
  return key;
}

function valueOf(kind: "map" | "list", members: readonly JsoncMember[]): Json {
  if (kind === "list") return members.map(({ node }) => node.value);
  const map: Record<string, Json> = {};
  for (const { key, node } of members) if (key !== null) setOwn(map, key, node.value);
  return map;
}

function damaged({ text, file, at }: Reader, what: string): BerthError {
  const before = text.slice(0, at).split("\n");
  const [line, column] = [before.length, (before.at(-1) ?? "").length + 1];
  return new BerthError("INVALID", `${file} cannot be read: ${what}, in line ${line}, column ${column}.`, {
    hint: `Put ${file} right, then run the same command again.`,
    facts: { file, line, column },
  });
}
