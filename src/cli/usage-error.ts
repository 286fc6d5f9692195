import { BerthError } from "../errors.ts";

/** A call that cannot be understood, with what would be. */
export function usageError(message: string, hint: string, facts: Readonly<Record<string, unknown>> = {}): BerthError {
  return new BerthError("USAGE", message, { hint, facts });
}
