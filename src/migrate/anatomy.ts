import { SECTIONS } from "../context/field.ts";
import { type Format, readContext } from "../context/read.ts";
import { type HeadedBlock, yamlBlocks } from "../document/code-blocks.ts";
import { cutFences } from "../document/fence.ts";
import { parseYaml } from "../document/yaml.ts";
import { BerthError } from "../errors.ts";

/** A legacy document taken apart, so that each of its lines is known to be text, or to carry values. [CTX-18] */
export interface Anatomy {
  readonly format: Format;
  /** The keys and values, as they were written. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The YAML that could stand as front matter byte for byte; null where there is none. */
  readonly yaml: string | null;
  /** Everything that is no data. */
  readonly body: string;
  /** The lines that only carry values or enclose them, counted from 0; all others are text. */
  readonly carriers: ReadonlySet<number>;
}

/**
 * Takes a document apart.
 * @throws BerthError INVALID for what is damaged, with its place
 */
export function dissect(text: string, file: string): Anatomy {
  const read = readContext(text, file);
  if (read.format === "front-matter") return frontMatter(text, read.data, file);
  if (read.format === "fenced" || read.format === "prose")
    return fenced(text, file) ?? { format: "prose", data: {}, yaml: null, body: text, carriers: new Set() };
  const lines = text.split("\n");
  // JSON has no comments; those of key=value are text.
  const isText = (line: string): boolean =>
    read.format === "key-value" && /^[ \t]*[#;]/.test(line.replace(/^\uFEFF/, ""));
  const carriers = new Set(lines.flatMap((line, at) => (isText(line) ? [] : [at])));
  const body = lines.filter((_, at) => !carriers.has(at)).map((line) => `${line}\n`);
  return { format: read.format, data: read.data, yaml: null, body: body.join(""), carriers };
}

function frontMatter(text: string, data: Anatomy["data"], file: string): Anatomy {
  const { yaml, body, bodyLine } = cutFences(text, file);
  const lines = text.split("\n").slice(0, bodyLine);
  return { format: "front-matter", data, yaml, body, carriers: carriersIn(lines, 0) };
}

/** A comment that stands at the beginning of its line can be part of no value: it is text. */
function carriersIn(lines: readonly string[], first: number): Set<number> {
  return new Set(lines.flatMap((line, at) => (line.startsWith("#") ? [] : [first + at])));
}

/** The form of origins A1; headings count also where the emoji before them was badly decoded. */
function fenced(text: string, file: string): Anatomy | null {
  const all = yamlBlocks(text);
  const chosen = SECTIONS.flatMap(({ heading }) => {
    const block = all.find((one) => bare(one.heading) === heading.toLowerCase());
    return block ? [block] : [];
  }).sort((a, b) => a.from - b.from);
  if (chosen.length === 0) return null;
  const data = dataOf(chosen, file);
  const lines = text.split(/(?<=\n)/);
  const carriers = new Set<number>();
  for (const { from, to } of chosen) {
    const inner = lines.slice(from, to);
    for (const line of carriersIn(inner, from)) carriers.add(line);
  }
  const within = (at: number): boolean => chosen.some(({ from, to }) => at >= from && at < to);
  const body = lines.filter((_, at) => !within(at)).join("");
  return { format: "fenced", data, yaml: sideBySide(chosen, data, file), body, carriers };
}

function dataOf(blocks: readonly HeadedBlock[], file: string): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const block of blocks) {
    if (block.open) throw damaged(file, block.from + 1, `the block below ${block.heading} is never closed`);
    const value = parseYaml(block.text, file, block.line);
    if (value === null) continue;
    if (typeof value !== "object" || Array.isArray(value))
      throw damaged(file, block.line, "this block is not a map of keys");
    for (const [key, one] of Object.entries(value)) {
      if (Object.hasOwn(data, key)) throw damaged(file, block.line, `the key ${key} stands in two blocks`);
      data[key] = one;
    }
  }
  return data;
}

/** The blocks as one, byte for byte, where that means the same. */
function sideBySide(blocks: readonly HeadedBlock[], data: unknown, file: string): string | null {
  const yaml = blocks.map(({ text }) => text).join("");
  try {
    return JSON.stringify(parseYaml(yaml, file)) === JSON.stringify(data) ? yaml : null;
  } catch {
    // Blocks in braces, or each with an indentation of its own.
    return null;
  }
}

/** A heading without emphasis, numbering and words that are not ASCII. */
function bare(heading: string): string {
  const words = heading.split(/\s+/).filter((word) => /^[\x20-\x7e]+$/.test(word));
  return words
    .join(" ")
    .replace(/^[^A-Za-z]+/, "")
    .replace(/[^A-Za-z]+$/, "")
    .toLowerCase();
}

function damaged(file: string, line: number, what: string): BerthError {
  return new BerthError("INVALID", `${file}:${line}:1: ${what}.`, { facts: { file, line, column: 1 } });
}
