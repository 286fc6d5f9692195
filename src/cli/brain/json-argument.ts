import { isBerthError, messageOf } from "../../errors.ts";
import { readJson } from "../../open.ts";
import { usageError } from "../usage-error.ts";

/** JSON from the command line. @throws BerthError USAGE, INVALID */
export async function jsonArgument(text: string, what: string, example: string): Promise<unknown> {
  try {
    return await readJson(text);
  } catch (error) {
    if (isBerthError(error)) throw error;
    throw usageError(`The ${what} is no JSON: ${messageOf(error)}.`, `For example: ${example}`);
  }
}
