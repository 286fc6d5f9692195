import { operand } from "../shell-word.ts";
import { printKeyPath } from "../document/key-path.ts";
import { BerthError } from "../errors.ts";
import { isJsonMap, type Json, type JsonMap, ownValue, sameJson, setOwn } from "../document/json.ts";

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

/**
 * The document with another value at a path; what is not on the way there is shared with the one before.
 * @param own maps that were copied for this document already, and are changed as they are
 */
function withValue(
  document: Json | undefined,
  path: readonly string[],
  value: Json | undefined,
  own: Set<JsonMap>,
): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const before = isJsonMap(document) ? document : {};
  const inner = withValue(ownValue(before, key), rest, value, own);
  // Copied as a whole: key by key it costs a big map many times more.
  const after: Record<string, Json> = own.has(before) ? before : { ...before };
  own.add(after);
  if (inner === undefined) delete after[key];
  else setOwn(after, key, inner);
  return after;
}

export function applied(document: Json | undefined, changes: readonly Change[]): Json | undefined {
  const own = new Set<JsonMap>();
  return changes.reduce((at, change) => withValue(at, change.path, change.after, own), document);
}

export function undone(document: Json | undefined, changes: readonly Change[]): Json | undefined {
  const own = new Set<JsonMap>();
  return changes.reduceRight((at, change) => withValue(at, change.path, change.before, own), document);
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
          hint: `See what is there, and write it as a whole: berth shared get ${operand(printKeyPath(way))}`,
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

/** More places than this are told, and kept, as one. */
const MOST_PLACES = 1000;

/** A change as the changes of the smallest maps in it: a large document is written as a whole, and little of it differs. */
export function divided(change: Change): readonly Change[] {
  const found: Change[] = [];
  const walk = (path: readonly string[], before: Json | undefined, after: Json | undefined): void => {
    if (before === after || found.length > MOST_PLACES) return;
    if (!isJsonMap(before) || !isJsonMap(after)) {
      if (before === undefined || after === undefined || !sameJson(before, after, path.length))
        found.push(changeOf(path, before, after));
      return;
    }
    for (const key of Object.keys(before)) walk([...path, key], before[key], ownValue(after, key));
    for (const key of Object.keys(after)) if (!Object.hasOwn(before, key)) walk([...path, key], undefined, after[key]);
  };
  walk(change.path, change.before, change.after);
  return found.length > MOST_PLACES ? [change] : found;
}
