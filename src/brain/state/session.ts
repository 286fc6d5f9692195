import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { openNotes } from "../notes/open-notes.ts";
import { changeState, type ChangedState } from "./change-state.ts";
import { ensureState, readState } from "./ensure-state.ts";
import { isoNow } from "./iso-now.ts";
import { defaultState, type SessionState, type SessionUpdates, updated } from "./session-state.ts";
import { STATE_NOTE } from "./state-note.ts";

/**
 * Sees to it that the project has a session state. It gives no id and makes no folder for a session. [SIR-10]
 * @throws BrainUnavailableError, BerthError UNREADABLE
 */
export async function initSession(project: Project): Promise<void> {
  await ensureState(project, await openNotes(project));
}

/**
 * The session state of the project one stands in; historic sessions become one at the first access, and without any
 * there is a new state. [SIR-04] [SIR-10]
 * @throws BrainUnavailableError, and then nothing is changed; BerthError UNREADABLE
 */
export async function getSession(project: Project): Promise<SessionState> {
  return (await ensureState(project, await openNotes(project))).state;
}

/** The session state; null where there is none, and then none is made. [SIR-10] @throws as {@link getSession} */
export async function loadSession(project: Project): Promise<SessionState | null> {
  return (await readState(await openNotes(project)))?.state ?? null;
}

/**
 * Changes mode, task or feature; what is left out stays, an empty text clears. [SIR-05] [SIR-06]
 * @returns the state as it was written
 * @throws BerthError INVALID for what cannot be set, and as {@link getSession}
 */
export async function setSession(project: Project, updates: SessionUpdates): Promise<SessionState> {
  return (await changeSession(project, updates)).state;
}

/** What {@link setSession} would make of the state, which is not even made where there is none. @throws as it does */
export async function sessionPlan(
  project: Project,
  updates: SessionUpdates,
): Promise<{ was: SessionState | null; becomes: SessionState }> {
  requireUpdates(updates);
  const now = isoNow(project);
  const was = (await readState(await openNotes(project)))?.state ?? null;
  return { was, becomes: updated(was ?? defaultState(now), updates, now) };
}

/** As {@link setSession}, with what there is to warn of. */
export async function changeSession(project: Project, updates: SessionUpdates): Promise<ChangedState> {
  requireUpdates(updates);
  const resolution = project.config.brain.conflicts === "merge" ? "merge" : "lww";
  return changeState(project, (state, now) => updated(state, updates, now), resolution);
}

/** Removes the session state; the next access begins a new one. What it said stays among the versions of its note. */
export async function cleanupSession(project: Project): Promise<void> {
  const notes = await openNotes(project);
  const note = await notes.read(STATE_NOTE);
  if (note === null) return;
  await notes.keep(note);
  await notes.delete(STATE_NOTE);
}

const LONGEST = 4000;

function requireUpdates(updates: SessionUpdates): void {
  const given: readonly [string, unknown][] = Object.entries(updates as object).filter(
    ([, value]) => value !== undefined,
  );
  for (const [key, value] of given) {
    if (key === "sessionId")
      throw invalid("A session state has no sessionId.", "Rewrite the call with: berth brain codemod DIR");
    if (key !== "mode" && key !== "task" && key !== "feature")
      throw invalid(`A session state has no ${JSON.stringify(key)} to set.`, "Set mode, task or feature.");
    if (typeof value !== "string" || value.length > LONGEST)
      throw invalid(`The ${key} must be a text of at most ${LONGEST} characters.`, 'Clear it with an empty one: ""');
    if (key === "mode" && !MODES.has(value))
      throw invalid(`There is no mode ${JSON.stringify(value)}.`, `Take one of: ${[...MODES].join(", ")}`);
  }
  if (given.length === 0) throw invalid("There is nothing to set.", "For example: berth state set --mode coding");
}

const MODES: ReadonlySet<string> = new Set(["analysis", "planning", "coding", "disabled"]);

function invalid(message: string, hint: string): BerthError {
  return new BerthError("INVALID", message, { hint });
}
