import { isJsonList, isJsonMap, type Json, ownValue, setOwn } from "../document/json.ts";
import { indexOfItem } from "../document/list-items.ts";

/** The value at a path that may lead through items of lists; undefined where there is none. */
export function partAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  let at = value;
  for (const key of path) {
    if (isJsonList(at)) at = at[indexOfItem(at, key)];
    else at = isJsonMap(at) ? ownValue(at, key) : undefined;
  }
  return at;
}

/**
 * A value with another one at a path that may lead through items of lists; undefined takes away what is there. An item
 * that the list has not comes last.
 * @returns null where nothing can be at the path
 */
export function withPart(
  value: Json | undefined,
  path: readonly string[],
  part: Json | undefined,
): { readonly value: Json | undefined } | null {
  const [key, ...rest] = path;
  if (key === undefined) return { value: part };
  if (isJsonList(value)) return withItem(value, key, rest, part);
  if (value !== undefined && !isJsonMap(value)) return null;
  if (value === undefined && part === undefined) return { value };
  const inner = withPart(ownValue(value ?? {}, key), rest, part);
  if (!inner) return null;
  const map: Record<string, Json> = { ...value };
  if (inner.value === undefined) delete map[key];
  else setOwn(map, key, inner.value);
  return { value: map };
}

function withItem(
  list: readonly Json[],
  key: string,
  rest: readonly string[],
  part: Json | undefined,
): { readonly value: Json } | null {
  const index = indexOfItem(list, key);
  const found = list[index];
  if (found === undefined && part === undefined) return { value: list };
  if (found === undefined && rest.length > 0) return null;
  const inner = withPart(found, rest, part);
  if (!inner) return null;
  const items = inner.value === undefined ? [] : [inner.value];
  const at = found === undefined ? list.length : index;
  const changed = [...list.slice(0, at), ...items, ...list.slice(at + 1)];
  // Else it would be another item, or none that can be told from the others.
  return inner.value === undefined || indexOfItem(changed, key) === at ? { value: changed } : null;
}
