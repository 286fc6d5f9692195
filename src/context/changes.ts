import { type Json, isJsonList, isJsonMap, ownValue, sameJson } from "../document/json.ts";
import { printKeyPath } from "../document/key-path.ts";

/** A value that is other than before. */
export interface KeyChange {
  /** As `context set` takes it; of a todo with its id. */
  readonly key: string;
  /** Missing where there was, or is, nothing. */
  readonly before?: Json;
  readonly after?: Json;
}

/** What two versions of a context have in different ways: by key, and in lists of maps by the items' ids. */
export function changesBetween(before: Json, after: Json): KeyChange[] {
  return compare([], before, after);
}

function compare(path: readonly string[], before: Json | undefined, after: Json | undefined): KeyChange[] {
  if (sameJson(before, after, path.length)) return [];
  if (path.length < 40 && isJsonMap(before) && isJsonMap(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => compare([...path, key], ownValue(before, key), ownValue(after, key)));
  }
  const [old, now] = [byId(before), byId(after)];
  if (old && now) {
    const ids = new Set([...old.keys(), ...now.keys()]);
    const items = [...ids].flatMap((id) => compare([...path, id], old.get(id), now.get(id)));
    // Only their order may be another one.
    if (items.length > 0) return items;
  }
  const key = printKeyPath(path);
  return [{ key, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

/** The items of a list by their ids; null for what is no list of maps with an id each. */
function byId(value: Json | undefined): Map<string, Json> | null {
  if (value === undefined) return null;
  const items = isJsonList(value) ? value : [];
  const found = new Map<string, Json>();
  for (const item of items) {
    const id = isJsonMap(item) ? ownValue(item, "id") : undefined;
    if ((typeof id !== "string" && typeof id !== "number") || found.has(String(id))) return null;
    found.set(String(id), item);
  }
  return isJsonList(value) ? found : null;
}
