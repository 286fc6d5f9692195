import { BerthError } from "../errors.ts";
import type { HookTodo, Payload } from "./event.ts";

/** More than a path can be, or a name, anywhere. */
const LONGEST = 4096;
/** More todos than anybody has; more files than one call writes. */
const MOST = 500;

/** @throws BerthError INVALID for what is no map of JSON */
export function parsePayload(text: string): Payload {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (isMap(value)) return value;
  throw new BerthError("INVALID", "What came on standard input is no payload of a hook: it is no map of JSON.", {
    hint: "Agent clients call this verb by themselves; see docs/agents.md.",
  });
}

export function isMap(value: unknown): value is Payload {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A map at a key; an empty one where there is none. */
export function mapAt(payload: Payload, key: string): Payload {
  const value = own(payload, key);
  return isMap(value) ? value : {};
}

/** A text at the first of some keys that has one that can be a name or a path. */
export function textAt(payload: Payload, ...keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = own(payload, key);
    if (typeof value === "string" && value !== "" && value.length <= LONGEST && !value.includes("\0")) return value;
  }
  return null;
}

/** A text of any length at a key. */
export function proseAt(payload: Payload, key: string): string | null {
  const value = own(payload, key);
  return typeof value === "string" ? value : null;
}

/** The maps in a list at a key. */
export function mapsAt(payload: Payload, key: string): readonly Payload[] {
  const value = own(payload, key);
  return Array.isArray(value) ? value.slice(0, MOST).filter(isMap) : [];
}

const STATUSES: Readonly<Record<string, HookTodo["status"]>> = {
  pending: "pending",
  in_progress: "in_progress",
  completed: "completed",
  cancelled: "cancelled",
  deleted: "cancelled",
};

/** A todo in a map, with what its client calls its words; null where it is none. */
export function todoIn(item: Payload, words: string): HookTodo | null {
  const content = textAt(item, words);
  const status = STATUSES[textAt(item, "status") ?? ""];
  return content === null || status === undefined ? null : { id: null, content, status };
}

export function statusIn(item: Payload): HookTodo["status"] | null {
  return STATUSES[textAt(item, "status") ?? ""] ?? null;
}

function own(payload: Payload, key: string): unknown {
  return Object.hasOwn(payload, key) ? payload[key] : undefined;
}
