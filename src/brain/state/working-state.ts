import { isBerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { openNotes } from "../notes/open-notes.ts";
import { readState } from "./ensure-state.ts";
import type { WorkflowMode } from "./session-state.ts";

/** What contexts show of the session state. */
export interface WorkingState {
  readonly mode: WorkflowMode;
  readonly task: string | null;
  readonly feature: string | null;
  readonly version: number;
}

/**
 * The session state as contexts show it: it stands in its note alone, and nobody writes it in a second place. Null where
 * there is none; none is made.
 * @returns why it cannot be told, where it cannot: a context is of use without it
 */
export async function workingState(
  project: Project,
): Promise<{ readonly state: WorkingState | null; readonly problem: string | null }> {
  try {
    const found = await readState(await openNotes(project));
    if (found === null) return { state: null, problem: null };
    const { currentMode, activeTask = null, activeFeature = null, version } = found.state;
    return { state: { mode: currentMode, task: activeTask, feature: activeFeature, version }, problem: null };
  } catch (error) {
    if (!isBerthError(error)) throw error;
    return { state: null, problem: error.message };
  }
}
