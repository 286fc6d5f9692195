import { BerthError } from "../errors.ts";
import { printKeyPath } from "./key-path.ts";

/** More levels than any value of ours has, and few enough for the stack. */
const deepest = 1000;

/**
 * Writes a value as RFC 8785 (JSON Canonicalization Scheme) says: no spaces, keys sorted by their UTF-16 code units,
 * numbers and strings as ECMAScript writes them. Equal values give equal text, whatever the order of their keys.
 * @throws BerthError INVALID naming the place, for what the scheme has no text for: `undefined`, NaN and infinities,
 * other types than those of JSON, objects of a class, lone surrogates, and more than 1,000 levels
 */
export function canonicalJson(value: unknown): string {
  const parts: string[] = [];
  write(value, [], parts);
  return parts.join("");
}

function write(value: unknown, path: string[], parts: string[]): void {
  switch (typeof value) {
    case "string":
      parts.push(quoted(value, path));
      return;
    case "number":
      if (!Number.isFinite(value)) throw refused(`${value} is no number in JSON`, path);
      parts.push(JSON.stringify(value));
      return;
    case "boolean":
      parts.push(String(value));
      return;
    case "object":
      if (value === null) parts.push("null");
      else writeNested(value, path, parts);
      return;
    case "undefined":
    case "bigint":
    case "function":
    case "symbol":
      throw refused(`JSON has no ${typeof value}`, path);
  }
}

function writeNested(value: object, path: string[], parts: string[]): void {
  if (path.length >= deepest) throw refused(`it is nested more than ${deepest} levels deep`, path.slice(0, 3));
  if (Array.isArray(value)) {
    parts.push("[");
    // By index: what is missing in a list is refused as undefined, not passed over.
    for (let at = 0; at < value.length; at++) {
      if (at > 0) parts.push(",");
      path.push(String(at));
      write(value[at], path, parts);
      path.pop();
    }
    parts.push("]");
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refused("it is an object of a class", path);
  parts.push("{");
  // The default order of sort is that of UTF-16 code units, which is the one the scheme asks for.
  for (const [at, key] of Object.keys(value).sort().entries()) {
    path.push(key);
    parts.push(at > 0 ? "," : "", quoted(key, path), ":");
    write((value as Record<string, unknown>)[key], path, parts);
    path.pop();
  }
  parts.push("}");
}

function quoted(text: string, path: readonly string[]): string {
  if (!text.isWellFormed()) throw refused("a text holds half of a surrogate pair", path);
  return JSON.stringify(text);
}

function refused(why: string, path: readonly string[]): BerthError {
  const place = printKeyPath(path);
  const where = place === "" ? "The value" : `The value at ${place}`;
  return new BerthError("INVALID", `${where} cannot be written as JSON: ${why}.`, { facts: { path: [...path] } });
}
