import { parseKeyPath } from "../document/key-path.ts";
import { BerthError } from "../errors.ts";
import { statusOf, TASK_STATUS, TODO_STATUS, WORK_STATUS } from "./status-word.ts";

/** `FIELD=VALUE`, read. */
export interface Condition {
  readonly path: readonly string[];
  readonly value: string;
}

/** @throws BerthError USAGE */
export function parseCondition(text: string): Condition {
  const at = text.indexOf("=");
  if (at > 0) return { path: parseKeyPath(text.slice(0, at).trim()), value: text.slice(at + 1).trim() };
  throw new BerthError("USAGE", `${JSON.stringify(text.slice(0, 80))} is no condition.`, {
    hint: "Write it as FIELD=VALUE, such as status=active, task.priority=now, or todos.status=pending.",
  });
}

/** Keys and indexes from the whole inwards. */
export type Place = readonly (string | number)[];

/** Where a condition holds in a context. Of a list any item may; statuses are the same however they are written. */
export function placesWhere(data: unknown, { path, value }: Condition): Place[] {
  const words = path.at(-1) === "status" ? wordsOf(path) : null;
  const wanted = words === null ? null : statusOf(words, value);
  const holds = (found: unknown): boolean => {
    if (typeof found === "object" && found !== null) return false;
    if (words !== null && wanted !== null) return statusOf(words, found) === wanted;
    return String(found).toLowerCase() === value.toLowerCase();
  };
  return leavesAt(data, path, []).flatMap(([place, found]) => (holds(found) ? [place] : []));
}

function wordsOf([top]: readonly string[]): typeof WORK_STATUS {
  if (top === "todos") return TODO_STATUS;
  return top === "task" ? TASK_STATUS : WORK_STATUS;
}

function leavesAt(value: unknown, path: readonly string[], place: Place): (readonly [Place, unknown])[] {
  const [key, ...rest] = path;
  if (Array.isArray(value)) {
    if (key !== undefined && /^\d+$/.test(key) && Number(key) < value.length)
      return leavesAt(value[Number(key)], rest, [...place, Number(key)]);
    return value.flatMap((item: unknown, at) => leavesAt(item, path, [...place, at]));
  }
  if (key === undefined) return value === undefined ? [] : [[place, value]];
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return [];
  return leavesAt((value as Readonly<Record<string, unknown>>)[key], rest, [...place, key]);
}
