import { BerthError } from "../errors.ts";

/** What JSON can say. `undefined` in its place means that there is no value, which is not the same as `null`. */
export type Json = null | boolean | number | string | readonly Json[] | JsonMap;

/** A JSON object. Every key is data, `__proto__` and `constructor` too. */
export interface JsonMap {
  readonly [key: string]: Json;
}

/** Maps and lists may stand in each other this many times: enough for people, and far from the end of the stack. */
const deepestJson = 200;

/** True for a map, which is neither null nor a list. */
export function isJsonMap(value: Json | undefined): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for a list; `Array.isArray` alone does not narrow a read-only one. */
export function isJsonList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value of a map's own key: what its prototype has is no data. */
export function ownValue(map: JsonMap, key: string): Json | undefined {
  // The prototype is small: asking it first is far cheaper than asking a big map twice.
  return key in Object.prototype && !Object.hasOwn(map, key) ? undefined : map[key];
}

/** Sets a key of a map that is being built; `__proto__` becomes a key like any other, and never the prototype. */
export function setOwn(map: Record<string, Json>, key: string, value: Json): void {
  if (key === "__proto__")
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
  else map[key] = value;
}

/**
 * Equality of JSON values; the order of keys does not count.
 * @param depth how many maps and lists stand around the values
 * @throws BerthError INVALID where it meets more than `deepestJson` levels
 */
export function sameJson(a: Json | undefined, b: Json | undefined, depth: number): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  requireDepth(depth);
  if (isJsonList(a)) return isJsonList(b) && sameList(a, b, depth);
  if (isJsonList(b)) return false;
  const keys = Object.keys(a);
  const others = Object.keys(b);
  if (keys.length !== others.length) return false;
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at] ?? "";
    // Mostly both have the same order, and a key that is in the list needs no look-up.
    const value = key === others[at] ? b[key] : ownValue(b, key);
    if (value === undefined || !sameJson(a[key], value, depth + 1)) return false;
  }
  return true;
}

function sameList(a: readonly Json[], b: readonly Json[], depth: number): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!sameJson(a[at], b[at], depth + 1)) return false;
  return true;
}

/**
 * Walks a value that is about to be taken over.
 * @throws BerthError INVALID where it has more than `deepestJson` levels, counting the `depth` that stand around it
 */
export function requireShallow(value: Json | undefined, depth: number): void {
  if (typeof value !== "object" || value === null) return;
  requireDepth(depth);
  if (isJsonList(value)) for (const item of value) requireShallow(item, depth + 1);
  else for (const key of Object.keys(value)) requireShallow(value[key], depth + 1);
}

function requireDepth(depth: number): void {
  if (depth < deepestJson) return;
  throw new BerthError("INVALID", `The value is nested more than ${deepestJson} levels deep.`, {
    hint: "Flatten it, or keep it as text.",
    facts: { deepest: deepestJson },
  });
}
