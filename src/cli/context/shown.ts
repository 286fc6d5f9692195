import { readJson } from "../../open.ts";
import { BerthError, isBerthError } from "../../errors.ts";
import type { Page } from "../style.ts";
import { plain } from "../text.ts";

export const TICKET = {
  ticket: {
    type: "text",
    value: "NAME",
    summary: "Of another ticket, <phase>_<issue>",
    completes: { kind: "tickets", statuses: [] },
  },
} as const;

interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Problems as editors and people find their places. */
export function problemLines(file: string, problems: readonly Problem[], page: Page): string[] {
  return problems.map(({ line, column, message }) => {
    const said = message.startsWith(`${file}:`) ? message : `${file}:${line}:${column}: ${message}`;
    return page.style("red", plain(said));
  });
}

/** What somebody typed as a value: JSON where it is, else the text itself. */
export async function typedValue(text: string, isText: boolean): Promise<unknown> {
  if (isText) return text;
  try {
    return await readJson(text);
  } catch (error) {
    if (isBerthError(error)) throw error;
    return text;
  }
}

/** The refusal of values, with the way to say that what looks like JSON is text where that may be what was meant. */
export function refusedValue(error: unknown, values: readonly unknown[]): unknown {
  if (!isBerthError(error) || error.code !== "INVALID") return error;
  const read = values.find((value) => value !== undefined && typeof value !== "string");
  if (read === undefined) return error;
  const hint = `${JSON.stringify(read).slice(0, 40)} was read as JSON; if it is meant as text, add --text. ${error.hint ?? ""}`;
  return new BerthError(error.code, error.message, { hint: hint.trim(), facts: error.facts, cause: error });
}
