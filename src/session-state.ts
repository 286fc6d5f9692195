/**
 * The session state of the project around the current folder, as plain functions: the calling style of programs that
 * kept such a state before. Each is the method of the same name of an opened repository. [SIR-10]
 */
import { resolve } from "node:path";
import { type Berth, openBerth } from "./open.ts";
import type { AgentInvocation, SessionState, SessionUpdates } from "./brain/state/session-state.ts";

export type { AgentInvocation, SessionState, SessionUpdates, WorkflowMode } from "./brain/state/session-state.ts";
export { BrainUnavailableError } from "./brain/brain-unavailable.ts";

/** Handles by folder: who goes to another folder has another project. */
const opened = new Map<string, Promise<Berth>>();

function here(): Promise<Berth> {
  const folder = resolve();
  const known = opened.get(folder) ?? openBerth(folder);
  opened.set(folder, known);
  // What could not be opened is tried again by the next call.
  known.catch(() => opened.delete(folder));
  return known;
}

/**
 * Begins to open the project of the current folder, so that the first access is quick. It gives no id and makes no
 * folder; what is wrong, the first access says.
 */
export function initSession(): void {
  void here().catch(() => undefined);
}

/** The state; made when the store has answered that there is none. @throws BrainUnavailableError, BerthError */
export async function getSession(): Promise<SessionState> {
  return (await here()).getSession();
}

/** The state; null where there is none. @throws BrainUnavailableError, BerthError */
export async function loadSession(): Promise<SessionState | null> {
  return (await here()).loadSession();
}

/** Changes mode, task or feature; an empty text clears. @throws BrainUnavailableError, BerthError */
export async function setSession(updates: SessionUpdates): Promise<SessionState> {
  return (await here()).setSession(updates);
}

/** Removes the state. @throws BrainUnavailableError, BerthError */
export async function cleanupSession(): Promise<void> {
  await (await here()).cleanupSession();
}

/** Keeps the record of an agent. @throws BrainUnavailableError, BerthError INVALID */
export async function saveAgentContext(agent: string, invocation: AgentInvocation): Promise<void> {
  await (await here()).saveAgentContext(agent, invocation);
}

/** The record of an agent; null where there is none. @throws BrainUnavailableError, BerthError */
export async function loadAgentContext(agent: string): Promise<AgentInvocation | null> {
  return (await here()).loadAgentContext(agent);
}
