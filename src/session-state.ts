/**
 * The session state of the project around the current folder, as plain functions: the calling style of programs that
 * kept such a state before. Each is the method of the same name of an opened repository. [SIR-10]
 */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type Berth, openBerth } from "./open.ts";
import type { AgentInvocation, SessionState, SessionUpdates } from "./brain/state/session-state.ts";

export type { AgentInvocation, SessionState, SessionUpdates, WorkflowMode } from "./brain/state/session-state.ts";
export { BrainUnavailableError } from "./brain/brain-unavailable.ts";

/** Calls that follow one another share a connection to a server of notes; so long it waits for the next one. */
const IDLE_MS = 300;

interface Shared {
  readonly berth: Berth;
  pending: number;
  timer: NodeJS.Timeout | undefined;
}

const connected = new Map<string, Shared>();

/** The repository around the current folder, as it is at this moment: folders change, and what is in them. */
async function using<T>(work: (berth: Berth) => Promise<T>): Promise<T> {
  const berth = await openBerth(resolve());
  if (berth.project.config.brain.store === "server") return sharing(berth, work);
  try {
    return await work(berth);
  } finally {
    berth.close();
  }
}

/** A program ends by itself once its last call has: no connection outlives it for long. */
async function sharing<T>(berth: Berth, work: (berth: Berth) => Promise<T>): Promise<T> {
  const { here, config } = berth.project;
  const { ino, birthtimeMs } = await stat(here.gitDir);
  const key = JSON.stringify([here.gitDir, ino, birthtimeMs, config.brain]);
  const known = connected.get(key);
  if (known) berth.close();
  const shared = known ?? { berth, pending: 0, timer: undefined };
  connected.set(key, shared);
  clearTimeout(shared.timer);
  shared.pending += 1;
  try {
    return await work(shared.berth);
  } finally {
    shared.pending -= 1;
    if (shared.pending === 0)
      shared.timer = setTimeout(() => {
        connected.delete(key);
        shared.berth.close();
      }, IDLE_MS);
  }
}

/**
 * Begins with the session state of the current folder's project. It gives no id and makes no folder for a session; what
 * is wrong, the first access says.
 */
export function initSession(): void {
  void using((berth) => berth.initSession()).catch(() => undefined);
}

/** The state; made when the store has answered that there is none. @throws BrainUnavailableError, BerthError */
export async function getSession(): Promise<SessionState> {
  return using((berth) => berth.getSession());
}

/** The state; null where there is none. @throws BrainUnavailableError, BerthError */
export async function loadSession(): Promise<SessionState | null> {
  return using((berth) => berth.loadSession());
}

/** Changes mode, task or feature; an empty text clears. @throws BrainUnavailableError, BerthError */
export async function setSession(updates: SessionUpdates): Promise<SessionState> {
  return using((berth) => berth.setSession(updates));
}

/** Removes the state. @throws BrainUnavailableError, BerthError */
export async function cleanupSession(): Promise<void> {
  await using((berth) => berth.cleanupSession());
}

/** Keeps the record of an agent. @throws BrainUnavailableError, BerthError INVALID */
export async function saveAgentContext(agent: string, invocation: AgentInvocation): Promise<void> {
  await using((berth) => berth.saveAgentContext(agent, invocation));
}

/** The record of an agent; null where there is none. @throws BrainUnavailableError, BerthError */
export async function loadAgentContext(agent: string): Promise<AgentInvocation | null> {
  return using((berth) => berth.loadAgentContext(agent));
}
