import { BerthError } from "../errors.ts";
import type { Value } from "./store.ts";

/**
 * Refuses what one engine would take and the other would not, or would give back as something else: a store may move
 * from one to the other.
 * @throws BerthError INVALID
 */
export function checkValues(values: readonly Value[]): void {
  for (const value of values as readonly unknown[]) {
    const fits = typeof value === "number" ? Number.isSafeInteger(value) : value === null || isText(value);
    if (!fits) throw new BerthError("INVALID", `The store cannot keep ${named(value)}.`, { facts: { value } });
  }
}

/** PostgreSQL's text has no NUL; half a surrogate pair would be replaced in both. */
function isText(value: unknown): boolean {
  return typeof value === "string" && !value.includes("\0") && value.isWellFormed();
}

function named(value: unknown): string {
  if (typeof value === "string") return "text with a NUL or half a character in it";
  return typeof value === "number"
    ? `the number ${value}, only whole ones up to 2^53`
    : `a value of type ${typeof value}`;
}
