import type { McpServer } from "@modelcontextprotocol/server";
import type { Updates } from "./updates.ts";

/** A message as it comes in, of which nothing is known. */
interface Message {
  readonly method?: unknown;
  readonly params?: { readonly uri?: unknown; readonly notifications?: { readonly resourceSubscriptions?: unknown } };
}

/**
 * Follows what a message subscribes to, in either revision: the older one asks the server for each address, the newer
 * one is answered by the library, which then lets through what was asked for and says nothing of it.
 */
export function followAsked(text: Buffer, updates: Updates): void {
  // Nearly none of them: the others need not be read twice.
  if (!text.includes("subscri")) return;
  const { method, params } = messageIn(text);
  const asked = method === "subscriptions/listen" ? params?.notifications?.resourceSubscriptions : [params?.uri];
  const uris = (Array.isArray(asked) ? asked : []).filter((uri) => typeof uri === "string");
  if (method === "subscriptions/listen" || method === "resources/subscribe") updates.follow(uris);
  if (method === "resources/unsubscribe") updates.leave(uris);
}

function messageIn(text: Buffer): Message {
  try {
    const message: unknown = JSON.parse(text.toString("utf8"));
    return typeof message === "object" && message !== null ? message : {};
  } catch {
    // What is no message is refused by who reads it next.
    return {};
  }
}

/** The older revision's requests are answered here; what they ask for was done when they came in. */
export function offerSubscriptions({ server }: McpServer): void {
  server.setRequestHandler("resources/subscribe", () => ({}));
  server.setRequestHandler("resources/unsubscribe", () => ({}));
}
