import { yamlBelow } from "../document/code-blocks.ts";
import { readCheckedJson } from "../document/checked-json.ts";
import { cutFences } from "../document/fence.ts";
import { parseFrontMatter } from "../document/front-matter.ts";
import { isJsonMap, setOwn } from "../document/json.ts";
import { placeInYaml, type TextPlace } from "../document/place.ts";
import { parseYaml } from "../document/yaml.ts";
import { BerthError, isBerthError } from "../errors.ts";
import { conflictMarker } from "./conflict-sides.ts";
import { SECTIONS } from "./field.ts";

/** The forms that contexts have in the wild; Berth writes the first. [CTX-18] */
export type Format = "front-matter" | "fenced" | "prose" | "json" | "key-value";

/** A context as it stands in a file, whatever its form. */
export interface ContextText {
  readonly text: string;
  readonly format: Format;
  /** The keys and values that were recognised, as they were written. */
  readonly data: Readonly<Record<string, unknown>>;
  /** What stands outside of them: of front matter the body, of prose all. */
  readonly body: string;
  /** Where a value, or the map that lacks it, stands in the file. */
  readonly place: (path: readonly (string | number)[]) => TextPlace;
}

/** Text that keys and values are read from. */
interface Block {
  readonly yaml: string;
  readonly line: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** People write `&name` and `*name` in documents of their own. */
export const ANCHORS = { anchors: true } as const;

const START: TextPlace = { line: 1, column: 1 };

/**
 * Reads a context of any form. Prose is one too: it has no keys.
 * @throws BerthError INVALID naming file, line and column for what is neither whole nor harmless: a fence or block that
 * is never closed, broken YAML or JSON, a key in two blocks, markers of a merge conflict, an empty file
 */
export function readContext(text: string, file: string): ContextText {
  const bare = text.replace(/^\uFEFF/, "");
  if (bare.trim() === "") throw damaged(file, START, "the file is empty");
  if (text.includes("\0")) throw damaged(file, START, "this is no text");
  refuseConflict(text, file);
  const { open } = cutFences(text, file);
  if (open !== "") return frontMatter(text, file);
  if (/^\s*\{/.test(bare)) return json(text, file);
  return fenced(text, file) ?? keyValue(text) ?? { text, format: "prose", data: {}, body: text, place: () => START };
}

function frontMatter(text: string, file: string): ContextText {
  const { data, body } = parseFrontMatter(text, file, ANCHORS);
  const { yaml } = cutFences(text, file);
  return { text, format: "front-matter", data, body, place: (path) => placeInYaml(yaml, path, 2) };
}

/** The form of origins A1: a block of YAML below each heading. */
function fenced(text: string, file: string): ContextText | null {
  const blocks: Block[] = [];
  const data: Record<string, unknown> = {};
  for (const { heading } of SECTIONS) {
    const found = yamlBelow(text, heading);
    if (!found) continue;
    if (found.open)
      throw damaged(file, { line: found.line - 1, column: 1 }, `the block below ${heading} is never closed`);
    const value = parseYaml(found.text, file, found.line);
    const block = { yaml: found.text, line: found.line, data: mapOf(value, file, found.line) };
    for (const [key, one] of Object.entries(block.data)) {
      if (Object.hasOwn(data, key))
        throw damaged(file, placeInYaml(block.yaml, [key], block.line), `the key ${key} stands in two blocks`);
      data[key] = one;
    }
    blocks.push(block);
  }
  if (blocks.length === 0) return null;
  const place = (path: readonly (string | number)[]): TextPlace => {
    const block = blocks.find((one) => Object.hasOwn(one.data, String(path[0])));
    return block ? placeInYaml(block.yaml, path, block.line) : START;
  };
  return { text, format: "fenced", data, body: text, place };
}

function mapOf(value: unknown, file: string, line: number): Readonly<Record<string, unknown>> {
  if (value === null) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  throw damaged(file, { line, column: 1 }, "this block is not a map of keys");
}

function json(text: string, file: string): ContextText {
  const value = parsedJson(text.replace(/^\uFEFF/, ""), file);
  if (!isJsonMap(value)) throw damaged(file, START, "this JSON is not a map of keys");
  const place = (path: readonly (string | number)[]): TextPlace => {
    try {
      return placeInYaml(text.replace(/^\uFEFF/, ""), path, 1);
    } catch {
      // Not all JSON is YAML.
      return START;
    }
  };
  return { text, format: "json", data: value, body: "", place };
}

function parsedJson(text: string, file: string): ReturnType<typeof readCheckedJson> {
  try {
    return readCheckedJson(text);
  } catch (error) {
    if (isBerthError(error)) throw new BerthError("INVALID", `${file}:1:1: ${error.message}`, { facts: { file } });
    throw damaged(file, START, `this begins like JSON, and is none (${(error as Error).message})`);
  }
}

const pair = /^[ \t]*([A-Za-z][\w.-]{0,60})[ \t]*=[ \t]*(.*)$/;

/** Lines of the form `key=value`, with comments that begin with # or ;. */
function keyValue(text: string): ContextText | null {
  const data: Record<string, string> = {};
  const lines = new Map<string, number>();
  for (const [at, line] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    if (/^[ \t\r]*(?:$|[#;])/.test(line)) continue;
    const [, key, value] = pair.exec(line.trimEnd()) ?? [];
    if (key === undefined || value === undefined || lines.has(key)) return null;
    setOwn(data, key, value);
    lines.set(key, at + 1);
  }
  if (lines.size === 0) return null;
  const place = ([key]: readonly (string | number)[]): TextPlace => ({ line: lines.get(String(key)) ?? 1, column: 1 });
  return { text, format: "key-value", data, body: "", place };
}

/** Both sides of a conflict stand in the text, and neither may count alone. [CTX-11] */
function refuseConflict(text: string, file: string): void {
  const found = conflictMarker(text);
  if (found === null) return;
  throw new BerthError("INVALID", `${file}:${found.line}:1: a merge-conflict marker (${found.marker}).`, {
    hint: "Merge both sides by key, item and line: berth context repair",
    facts: { file, line: found.line, column: 1 },
  });
}

function damaged(file: string, { line, column }: TextPlace, what: string): BerthError {
  return new BerthError("INVALID", `${file}:${line}:${column}: ${what}.`, {
    hint: "See what git has of it: berth context history; bring the last whole version back: berth context repair",
    facts: { file, line, column },
  });
}
