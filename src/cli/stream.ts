import type { Result } from "./command.ts";

/** The option of verbs that go on until they are stopped. */
export const FOR = {
  for: { type: "seconds", value: "S", summary: "End after so long; without it, go on until interrupted" },
} as const;

/** How long a verb goes on: until it is interrupted, or its time is over. */
export interface Span {
  readonly signal: AbortSignal;
  readonly clear: () => void;
}

/** Begins to count the time of a verb that goes on. */
export function beginSpan(interrupted: AbortSignal, ms: number | undefined): Span {
  const end = new AbortController();
  const timer = ms === undefined ? undefined : setTimeout(() => end.abort(), ms);
  return { signal: AbortSignal.any([interrupted, end.signal]), clear: () => clearTimeout(timer) };
}

/** The answer of a verb that has said everything while it ran. An interruption is its usual end, and still says so. */
export function ended(interrupted: AbortSignal): Result {
  return { data: null, text: () => "", exitCode: interrupted.aborted ? 130 : 0 };
}

/** Prints each item as a JSON line while somebody reads. */
export async function printEach(
  items: AsyncGenerator<object>,
  printLine: (data: object) => Promise<boolean>,
): Promise<void> {
  for await (const item of items) if (!(await printLine(item))) return;
}
