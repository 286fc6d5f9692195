import { SECTIONS } from "../context/field.ts";
import { cutFences } from "../document/fence.ts";
import { parseFrontMatter } from "../document/front-matter.ts";
import { parseYaml } from "../document/yaml.ts";
import { isMap } from "./fields.ts";
import { homeOf } from "./synonyms.ts";
import type { Part } from "./unit.ts";

/** A text that holds what was migrated. */
export interface Holder {
  readonly path: string;
  readonly text: string;
}

/** Something of a source that is in no text that holds what was migrated. */
export interface Missing {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number | null;
  readonly what: string;
}

/**
 * Proves that nothing of the sources is missing, whatever wrote the holders: each line of text stands in their bodies, as
 * often as it was there, and a comment between values in a body or front matter; of the lines that only carry values
 * either these very lines are there, or every value and key. Three rules name what may be missing, and it is in the
 * archive: comments of ticket.yml, lines that are blank, and what stands on a board around its sessions (of which only
 * the lines of each session are a part).
 */
export function unaccounted(parts: readonly Part[], all: readonly Holder[]): Missing[] {
  const holders = all.filter(({ path }) => !path.endsWith(".yml") || parts.some(tellsOfTicket));
  const cut = holders.map(({ path, text }) =>
    path.endsWith(".yml") ? { yaml: text, body: "" } : cutFences(text, path),
  );
  const body = poolOf(cut.flatMap((one) => linesOf(one.body)));
  const front = poolOf(cut.flatMap((one) => linesOf(one.yaml)));
  const missing: Missing[] = [];
  const carriers: { part: Part; line: string }[] = [];
  for (const part of parts) {
    for (const [at, line] of linesOf(part.text).entries()) {
      if (line.trim() === "") continue;
      if (part.anatomy.carriers.has(at)) carriers.push({ part, line });
      else if (!take(body, line) && !(line.startsWith("#") && (take(front, line) || part.role === "ticket")))
        missing.push({ path: part.path, line: at + 1 + (part.lines?.[0] ?? 0), what: line });
    }
  }
  const rewritten = new Set(
    carriers.filter(({ line }) => !take(front, line) && !take(body, line)).map(({ part }) => part),
  );
  const values = poolOf(holders.flatMap((holder) => valuesIn(dataOf(holder))));
  for (const part of rewritten)
    for (const value of valuesIn(part.anatomy.data))
      if (!take(values, value)) missing.push({ path: part.path, line: null, what: value });
  return missing;
}

/** A ticket.yml that was made of a context holds nothing but copies. */
function tellsOfTicket({ role, anatomy }: Part): boolean {
  return role === "ticket" || isMap(anatomy.data["ticket"]);
}

/** How many times each thing is there. */
type Pool = Map<string, number>;

function poolOf(things: readonly string[]): Pool {
  const pool: Pool = new Map();
  for (const thing of things) pool.set(thing, (pool.get(thing) ?? 0) + 1);
  return pool;
}

function take(pool: Pool, thing: string): boolean {
  const left = pool.get(thing) ?? 0;
  if (left > 0) pool.set(thing, left - 1);
  return left > 0;
}

function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, "").split("\n");
}

function dataOf({ path, text }: Holder): unknown {
  return path.endsWith(".yml") ? parseYaml(text, path) : parseFrontMatter(text, path).data;
}

/**
 * Every value, however deep, with the key at the top that it belongs to, under whatever name; and the keys that are
 * nobody's but their writer's. What ticket.yml says at its top may stand below the key ticket of a context.
 */
function valuesIn(data: unknown): string[] {
  if (!isMap(data)) return [];
  return Object.entries(data).flatMap(([key, value]) => {
    if (isMap(value) && (key === "ticket" || SECTION_NAMES.has(word(key)))) return valuesIn(value);
    const home = homeOf(key)?.[0];
    const values = scalarsIn(value).map((scalar) => `${home ?? key}: ${scalar}`);
    return home === undefined ? [`key ${key}`, ...values] : values;
  });
}

const SECTION_NAMES = new Set(SECTIONS.map(({ heading }) => word(heading)));

function scalarsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(scalarsIn);
  if (isMap(value)) return Object.values(value).flatMap(scalarsIn);
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return [];
  return value === "" ? [] : [plain(String(value))];
}

/** An issue is the same with its mark, and a todo with its box. */
function plain(text: string): string {
  return text.replace(/^#(?=\d+$)/, "").replace(/^\[[ xX]\][ \t]+/, "");
}

function word(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "");
}
