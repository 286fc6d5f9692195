import { BerthError } from "../errors.ts";

/** What somebody wants at a place of a document. */
export interface NewValue {
  /** A key path such as `task.status`. */
  readonly key: string;
  /** The new value; `undefined` with neither `add` nor `drop` removes what is there. */
  readonly value?: unknown;
  /** Values to append to a list; those that it has already are not appended again. */
  readonly add?: readonly unknown[];
  /** Values to take out of a list. */
  readonly drop?: readonly unknown[];
}

/**
 * The value that is to stand at a path, and the whole of its first key with it.
 * @throws BerthError INVALID where what stands there is of another kind
 */
export function changedValue(
  data: Readonly<Record<string, unknown>>,
  path: readonly string[],
  input: NewValue,
  file: string,
): { readonly value: unknown; readonly whole: unknown } {
  const value = wanted(valueIn(data, path), input, file);
  return { value, whole: withValue(valueIn(data, path.slice(0, 1)), path.slice(1), value, file) };
}

/** The list or value that is asked for. */
function wanted(before: unknown, { value, add, drop, key }: NewValue, file: string): unknown {
  if (add === undefined && drop === undefined) return value;
  const list: unknown = before ?? [];
  if (!Array.isArray(list))
    throw new BerthError("INVALID", `${file}: ${key} is no list.`, { hint: "Give its new value instead." });
  const dropped = new Set((drop ?? []).map((one) => JSON.stringify(one)));
  const kept = (list as unknown[]).filter((one) => !dropped.has(JSON.stringify(one)));
  const known = new Set(kept.map((one) => JSON.stringify(one)));
  return [...kept, ...(add ?? []).filter((one) => !known.has(JSON.stringify(one)))];
}

function valueIn(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    data,
  );
}

/** A value with another one below it; maps on the way are made. */
function withValue(whole: unknown, path: readonly string[], value: unknown, file: string): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (whole !== undefined && whole !== null && !isMap(whole))
    throw new BerthError("INVALID", `${file}: ${key} would stand below a value that is no map.`, {
      hint: "Items of lists are changed as a whole; todos with: berth context todo set",
    });
  const map: Record<string, unknown> = isMap(whole) ? { ...whole } : {};
  map[key] = withValue(map[key], rest, value, file);
  if (map[key] === undefined) delete map[key];
  return map;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
