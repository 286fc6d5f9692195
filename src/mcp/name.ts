import { randomBytes } from "node:crypto";

/** What a request says of who sends it. */
export interface Sender {
  /** The client program's own name. */
  readonly client: string | undefined;
  /** `_meta` of the request. */
  readonly meta: Readonly<Record<string, unknown>> | undefined;
}

/** Codex starts servers with a cleaned environment, and names the conversation with each call instead. */
const CODEX_TURN = "x-codex-turn-metadata";

/**
 * A name for an agent that has none of its own: what its conversation is called, as the command line would call it from
 * within; else its program's name with something by chance, so that two of them are two.
 * @param otherwise what stands in the place of chance where a name must be the same the next time
 */
export function nameOf({ client, meta }: Sender, otherwise: string = randomBytes(3).toString("hex")): string {
  const suffix = suffixIn(meta);
  if (suffix !== undefined) return `codex-${suffix}`;
  return `${programOf(client)}-${otherwise}`;
}

/** Whether the name follows from what the request says, and is the same the next time. */
export function isTold({ meta }: Sender): boolean {
  return suffixIn(meta) !== undefined;
}

function suffixIn(meta: Sender["meta"]): string | undefined {
  const turn = meta?.[CODEX_TURN];
  const session: unknown = typeof turn === "object" && turn !== null ? Reflect.get(turn, "session_id") : undefined;
  const conversation = typeof session === "string" ? session : meta?.["threadId"];
  if (typeof conversation !== "string") return undefined;
  return /^[A-Za-z0-9]{6,}/.exec(conversation.replaceAll("-", ""))?.[0].slice(-8);
}

/** A client may call itself anything: only letters and digits are taken over. */
function programOf(client: string | undefined): string {
  const plain = (client ?? "").toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return plain.replaceAll(/^-+|-+$/g, "").slice(0, 40) || "agent";
}
