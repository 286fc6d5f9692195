import { CLIENT_INFO_META_KEY, type ServerContext } from "@modelcontextprotocol/server";
import type { Sender } from "./name.ts";

/** What a request says of its client: each one says it by itself, or the connection said it at its beginning. */
export function senderOf({ mcpReq }: ServerContext, atBeginning: string | undefined): Sender {
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {};
  const info = envelope[CLIENT_INFO_META_KEY];
  const name: unknown = typeof info === "object" && info !== null ? Reflect.get(info, "name") : atBeginning;
  return { client: typeof name === "string" ? name : undefined, meta: mcpReq._meta };
}
