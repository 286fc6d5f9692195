import { SECTIONS } from "../context/field.ts";
import { homeOf, LISTS, taskKey, todoKey } from "./synonyms.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** What becomes of the keys of a foreign document. */
export interface Lift {
  /** Keys that only get the name they have here; their bytes stay. */
  readonly renames: readonly (readonly [from: string, to: string])[];
  /** Keys with other values; `undefined` takes one away whose value is in another now. */
  readonly sets: Fields;
}

/**
 * Says which keys of a document are ones of a context under another name or in another shape. Only what is certain: a
 * key that two others could be, or that is there already, stays as it is. [CTX-18]
 */
export function liftOf(given: Fields): Lift {
  const { fields, names } = lifting(given);
  const renames = [...names].filter(([from, to]) => Object.hasOwn(given, from) && same(fields[to], given[from]));
  const renamed = new Map(renames);
  const now = Object.fromEntries(Object.entries(given).map(([key, value]) => [renamed.get(key) ?? key, value]));
  const sets: Record<string, unknown> = {};
  for (const key of Object.keys(now)) if (!Object.hasOwn(fields, key)) sets[key] = undefined;
  for (const [key, value] of Object.entries(fields)) if (!same(value, now[key])) sets[key] = value;
  return { renames, sets };
}

/** The keys as they are called and shaped here. */
export function lifted(data: Fields): Fields {
  return lifting(data).fields;
}

function lifting(given: Fields): { readonly fields: Fields; readonly names: ReadonlyMap<string, string> } {
  const data = flattened(given);
  const claims = claimsOf(data);
  const names = new Map<string, string>();
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(data)) {
    const home = homeOf(key);
    const isTop = home !== null && home[1] === undefined && claims.get(home[0]) === 1;
    const shaped = isTop ? shapedAs(home[0], value) : undefined;
    if (!isTop || shaped === undefined) fields[key] = value;
    else {
      fields[home[0]] = shaped;
      if (home[0] !== key) names.set(key, home[0]);
    }
  }
  gatherTask(data, fields);
  return { fields, names };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Maps named after a section of a context are that section: their keys are taken out of them. */
function flattened(data: Fields): Fields {
  const flat: Record<string, unknown> = {};
  const names = new Set(SECTIONS.map(({ heading }) => word(heading)));
  for (const [key, value] of Object.entries(data)) {
    // It would become the map's prototype; the text that says it is kept.
    if (key === "__proto__") continue;
    const isSection = names.has(word(key)) && isMap(value);
    if (!isSection || Object.keys(value).some((inner) => Object.hasOwn(data, inner) || Object.hasOwn(flat, inner)))
      flat[key] = value;
    else for (const [inner, one] of Object.entries(value)) if (inner !== "__proto__") flat[inner] = one;
  }
  return flat;
}

/** How many keys of a document could be meant by each name. */
function claimsOf(data: Fields): ReadonlyMap<string, number> {
  const claims = new Map<string, number>();
  for (const key of Object.keys(data)) {
    const home = homeOf(key);
    if (home !== null && home[1] === undefined) claims.set(home[0], (claims.get(home[0]) ?? 0) + 1);
  }
  return claims;
}

/** A value in the shape that its key has; undefined where that is not certain. */
function shapedAs(key: string, value: unknown): unknown {
  if (LISTS.has(key)) {
    if (value === null) return value;
    if (isScalar(value)) return value === "" ? [] : [String(value)];
    return Array.isArray(value) && value.every(isScalar) ? value.map(String) : undefined;
  }
  if (key === "todos") return todosOf(value);
  if (key === "task") {
    if (isMap(value)) return value;
    return isScalar(value) && value !== "" ? { title: String(value) } : undefined;
  }
  return value;
}

/** Todos: maps, or texts of which `[x]` tells what is done. */
function todosOf(value: unknown): unknown {
  const items: readonly unknown[] | null = Array.isArray(value) ? value : isScalar(value) ? [value] : null;
  if (items === null) return value === null ? null : undefined;
  if (!items.every((item) => isMap(item) || (isScalar(item) && item !== ""))) return undefined;
  const known = new Set(items.filter(isMap).map((item) => String(item["id"])));
  let next = 0;
  const nextId = (): string => {
    do next += 1;
    while (known.has(String(next)));
    return String(next);
  };
  return items.map((item) => (isMap(item) ? todoOf(item, nextId) : todoOfText(String(item), nextId())));
}

function todoOf(item: Fields, nextId: () => string): Fields {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(item)) {
    if (key === "__proto__") continue;
    const name = todoKey(key);
    const fits = name !== null && (name === key || (!Object.hasOwn(item, name) && !Object.hasOwn(result, name)));
    result[fits ? name : key] = value;
  }
  if (result["id"] === undefined) result["id"] = nextId();
  const done = item["done"] ?? item["completed"];
  if (result["status"] === undefined && typeof done === "boolean") result["status"] = done ? "completed" : "pending";
  return result;
}

/** A todo that is a line of text. */
export function todoOfText(text: string, id: string): Fields {
  const [, mark, content] = /^\[([ xX])\][ \t]+(.*)$/s.exec(text) ?? [];
  const status = mark !== undefined && mark !== " " ? "completed" : "pending";
  return { id, content: content ?? text, status };
}

/** Puts into the task what stands of it in keys of its own. */
function gatherTask(data: Fields, fields: Record<string, unknown>): void {
  if (fields["task"] !== undefined && fields["task"] !== null && !isMap(fields["task"])) return;
  const given = isMap(fields["task"]) ? fields["task"] : {};
  const task: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(given)) {
    if (key === "__proto__") continue;
    const name = taskKey(key);
    const fits = name !== null && (name === key || (!Object.hasOwn(given, name) && !Object.hasOwn(task, name)));
    task[fits ? name : key] = fits && name === "issue_number" ? issueOf(one) : one;
  }
  for (const [key, one] of Object.entries(data)) {
    const inner = homeOf(key)?.[1];
    if (inner === undefined || !isScalar(one) || (task[inner] ?? null) !== null) continue;
    task[inner] = inner === "issue_number" ? issueOf(one) : one;
    delete fields[key];
  }
  if (Object.keys(task).length > 0) fields["task"] = task;
}

/** `142`, `"142"` and `#142` are one issue. */
function issueOf(value: unknown): unknown {
  const digits = typeof value === "string" ? /^#?([1-9]\d{0,14})$/.exec(value)?.[1] : undefined;
  return digits === undefined ? value : Number(digits);
}

function isScalar(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

/** True for a map of keys. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function word(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "");
}
