import type { Berth } from "../../open.ts";
import type { Verbs } from "../../verbs.ts";
import { usageError } from "../usage-error.ts";

export const AGENT_ID = {
  id: { type: "text", value: "NAME", summary: "The agent's name; without it the caller's" },
} as const;

/** The verbs, or for a dry run those whose writes are taken back. */
export function verbsOf(berth: Berth, dryRun: boolean): Verbs {
  return dryRun ? berth.rehearsal() : berth;
}

/** A whole number from the command line. @throws BerthError USAGE */
export function wholeNumber(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usageError(`${option} takes a whole number, not ${JSON.stringify(text)}.`, `For example: ${option} 3`);
}
