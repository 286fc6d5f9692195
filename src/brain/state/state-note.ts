import { BerthError } from "../../errors.ts";
import type { Note } from "../notes/note-store.ts";
import type { AgentInvocation, SessionState } from "./session-state.ts";

/** Where the state of a project is. [SIR-01] */
export const STATE_NOTE = "sessions/session";

/** Where the record of an agent is. [SIR-02] @throws BerthError INVALID for what is no agent's name */
export function agentNote(agent: string): string {
  if (/^[a-z][a-z0-9-]{0,40}$/.test(agent)) return `sessions/agent-${agent}`;
  throw new BerthError("INVALID", `${JSON.stringify(agent)} is no name of an agent.`, {
    hint: "Take a word of lower-case letters, digits and dashes, such as implementer or independent-thinker.",
    facts: { agent },
  });
}

/** A state or record as the text of its note. */
export function printed(value: SessionState | AgentInvocation): string {
  return JSON.stringify(value, null, 2);
}

/**
 * The state that a note holds. A version that is none counts as 0, with a warning; anything else that is wrong is an
 * error, and never a reason to begin anew. [SIR-03] [SIR-05]
 * @throws BerthError UNREADABLE
 */
export async function stateOf(
  note: Pick<Note, "path" | "text">,
): Promise<{ readonly state: SessionState; readonly warnings: readonly string[] }> {
  const value = await jsonOf(note);
  if (value["sessionId"] !== undefined)
    throw damaged(
      note.path,
      "it has a sessionId, which states no longer have (sessions of before come over with `berth brain migrate`)",
    );
  const { version } = value;
  const sound = typeof version === "number" && Number.isInteger(version) && version >= 0;
  const { sessionStateSchema } = await import("./schema-state.ts");
  const parsed = sessionStateSchema.safeParse(sound ? value : { ...value, version: 0 });
  if (!parsed.success) throw damaged(note.path, problemsOf(parsed.error.issues));
  const warnings = sound ? [] : [`The version in ${note.path} is ${JSON.stringify(version ?? null)}, and counts as 0.`];
  return { state: parsed.data, warnings };
}

/** The record that a note holds. @throws BerthError UNREADABLE */
export async function invocationOf(note: Pick<Note, "path" | "text">): Promise<AgentInvocation> {
  const { invocationSchema } = await import("./schema-state.ts");
  const parsed = invocationSchema.safeParse(await jsonOf(note));
  if (parsed.success) return parsed.data;
  throw damaged(note.path, problemsOf(parsed.error.issues));
}

/** What is wrong with a value, one place after the other. */
export function problemsOf(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string {
  return issues.map(({ path, message }) => `${path.map(String).join(".") || "(top)"}: ${message}`).join("; ");
}

/** A map of JSON, as it is or in a fence of Markdown, where servers and people put it. */
async function jsonOf({ path, text }: Pick<Note, "path" | "text">): Promise<Record<string, unknown>> {
  const [, fenced] = /^\s*```(?:json)?\r?\n([^]*?)\r?\n```\s*$/.exec(text) ?? [];
  try {
    const value = JSON.parse(fenced ?? text) as unknown;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below, with what to do.
  }
  throw damaged(path, "it is no map of JSON");
}

function damaged(
  path: string,
  why: string,
  next = path === STATE_NOTE ? "berth state history, then berth state restore VERSION" : `berth brain versions ${path}`,
): BerthError {
  return new BerthError("UNREADABLE", `The note ${path} cannot be read: ${why}.`, {
    hint: `Nothing was written over it. See what it said before, and bring that back: ${next}`,
    facts: { path, why },
  });
}
