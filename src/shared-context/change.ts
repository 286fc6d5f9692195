import { printKeyPath } from "../document/key-path.ts";
import { BerthError } from "../errors.ts";
import { isJsonMap, type Json, ownValue, setOwn } from "../document/json.ts";

/** One place of the document that a version changed. Absent sides are left out, which `null` is not. */
export interface Change {
  readonly path: readonly string[];
  readonly before?: Json;
  readonly after?: Json;
}

/** The value at a path; undefined where there is none. Items of lists are not reached by paths, only their list is. */
export function valueAt(document: Json | undefined, path: readonly string[]): Json | undefined {
  let at = document;
  for (const key of path) {
    if (!isJsonMap(at)) return undefined;
    at = ownValue(at, key);
  }
  return at;
}

/** The document with another value at a path; what is not on the way there is shared with the one before. */
function withValue(document: Json | undefined, path: readonly string[], value: Json | undefined): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const before = isJsonMap(document) ? document : {};
  const inner = withValue(ownValue(before, key), rest, value);
  const after: { [key: string]: Json } = {};
  for (const [name, own] of Object.entries(before))
    if (name !== key) setOwn(after, name, own);
    else if (inner !== undefined) setOwn(after, key, inner);
  if (inner !== undefined && ownValue(before, key) === undefined) setOwn(after, key, inner);
  return after;
}

export function applied(document: Json | undefined, changes: readonly Change[]): Json | undefined {
  return changes.reduce((at, change) => withValue(at, change.path, change.after), document);
}

export function undone(document: Json | undefined, changes: readonly Change[]): Json | undefined {
  return changes.reduceRight((at, change) => withValue(at, change.path, change.before), document);
}

/** Whether one of two paths leads through the other. */
export function related(a: readonly string[], b: readonly string[]): boolean {
  return a.slice(0, b.length).every((key, i) => key === b[i]);
}

/**
 * The change that puts a value at a path. Maps on the way that are not there yet are made with it, and belong to it:
 * taken back, the document is exactly what it was.
 * @throws BerthError INVALID where something else than a map stands on the way, which would be lost
 */
export function placed(document: Json | undefined, path: readonly string[], value: Json | undefined): Change {
  for (let depth = 0; depth < path.length; depth++) {
    const way = path.slice(0, depth);
    const there = valueAt(document, way);
    if (there === undefined) {
      const nested = path.slice(depth).reduceRight<Json | undefined>((inner, key) => mapOf(key, inner), value);
      return changeOf(way, undefined, value === undefined ? undefined : nested);
    }
    if (!isJsonMap(there))
      throw new BerthError(
        "INVALID",
        `${printKeyPath(way) || "The whole"} is no map, and has nothing at ${printKeyPath(path)}.`,
        {
          hint: `Write it as a whole, or remove it first: berth shared set ${printKeyPath(way) || '""'} --remove`,
          facts: { path: printKeyPath(way) },
        },
      );
  }
  return changeOf(path, valueAt(document, path), value);
}

function mapOf(key: string, value: Json | undefined): Json {
  const map: { [key: string]: Json } = {};
  if (value !== undefined) setOwn(map, key, value);
  return map;
}

/** A change as it is stored and hashed. */
export function changeOf(path: readonly string[], before: Json | undefined, after: Json | undefined): Change {
  return { path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}
