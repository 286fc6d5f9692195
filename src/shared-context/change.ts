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

/** A change as it is stored and hashed. */
export function changeOf(path: readonly string[], before: Json | undefined, after: Json | undefined): Change {
  return { path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}
