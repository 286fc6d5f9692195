import { BerthError } from "../errors.ts";

/** Says what was expected, where a value is something else; null where it is right. */
export type Check = (value: unknown) => string | null;

const expected =
  (words: string, is: (value: unknown) => boolean): Check =>
  (value) =>
    is(value) ? null : words;

export const text: Check = expected("a text", (value) => typeof value === "string");

/** A name or a word that others are shown: one line that holds nothing hidden, so that it cannot look like ours. [INV-9] */
export const line: Check = expected("one line of 1 to 200 visible characters", isLine);
export const lines: Check = expected("a list of such lines", (value) => Array.isArray(value) && value.every(isLine));
export const texts: Check = expected(
  "a list of texts",
  (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
);
export const flag: Check = expected("true or false", (value) => typeof value === "boolean");
export const count: Check = expected(
  "a whole number from 1",
  (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 1,
);
export const counts: Check = expected(
  "a list of whole numbers from 1",
  (value) => Array.isArray(value) && value.every((item) => count(item) === null),
);
export const milliseconds: Check = expected(
  "a number of milliseconds from 0",
  (value) => typeof value === "number" && value >= 0,
);

export function oneOf(...words: readonly string[]): Check {
  return expected(words.join(" or "), (value) => typeof value === "string" && words.includes(value));
}

export function orNull(check: Check): Check {
  return (value) => (value === null ? null : check(value));
}

/**
 * Holds what a caller of the library gave against what a verb takes: types are not there when it runs.
 * @param needed the fields that must be there; all others may be missing
 * @throws BerthError INVALID naming the field, and what was expected
 */
export function requireInput(
  input: object,
  checks: Readonly<Record<string, Check>>,
  needed: readonly string[] = [],
): void {
  if (typeof input !== "object" || input === null)
    throw new BerthError("INVALID", `The input is ${shown(input)}; it takes an object.`, {
      hint: "Nothing was changed. Mend it and call again.",
    });
  const given = input as Readonly<Record<string, unknown>>;
  for (const [field, check] of Object.entries(checks)) {
    const value = given[field];
    if (value === undefined && !needed.includes(field)) continue;
    const wanted = check(value);
    if (wanted === null) continue;
    throw new BerthError("INVALID", `${field} is ${shown(value)}; it takes ${wanted}.`, {
      hint: "Nothing was changed. Mend it and call again.",
      facts: { field, expected: wanted },
    });
  }
}

/** What somebody says in a line, as one line: what would end it, and what is hidden, becomes a space. */
export function oneLine(said: string): string {
  return said
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
}

function isLine(value: unknown): boolean {
  return typeof value === "string" && value.isWellFormed() && /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,200}$/u.test(value);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  if (value === undefined) return "missing";
  return Array.isArray(value) ? "a list" : `of the type ${typeof value}`;
}
