import { completable, type StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { z } from "zod";

/** The one argument of every prompt: a session; without it the one that the agent holds. */
export function completeSession(
  complete: (given: string) => Promise<string[]>,
): StandardSchemaWithJSON<unknown, { readonly session?: string | undefined }> {
  const session = z.string().max(200).describe("A session; left out: yours");
  return z.object({ session: completable(session, complete).optional() });
}
