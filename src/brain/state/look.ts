import type { Project } from "../../project.ts";
import { openNotes } from "../notes/open-notes.ts";
import { readConflicts } from "./conflict-count.ts";
import { ensureState } from "./ensure-state.ts";
import { MODE_WORDS } from "./mode-gate.ts";
import type { SessionState } from "./session-state.ts";
import { STATE_NOTE, stateOf } from "./state-note.ts";

export interface ShownState {
  readonly state: SessionState;
  readonly modeDescription: string;
  /** The project, and where its notes are. */
  readonly project: string;
  readonly place: string;
  readonly warnings: readonly string[];
}

/** The session state with what there is to say of it. @throws as getSession */
export async function stateGet(project: Project): Promise<ShownState> {
  const notes = await openNotes(project);
  const { state, warnings } = await ensureState(project, notes);
  const { project: name, place } = notes;
  return { state, modeDescription: MODE_WORDS[state.currentMode], project: name, place, warnings };
}

/** What the state was, newest first; versions that are no state are named and not shown. [SIR-06] */
export async function stateHistory(
  project: Project,
  input: { readonly limit?: number | undefined } = {},
): Promise<{
  versions: readonly { readonly at: string; readonly state: SessionState }[];
  warnings: readonly string[];
}> {
  const notes = await openNotes(project);
  const kept = (await notes.versions(STATE_NOTE)).toReversed().slice(0, input.limit ?? 20);
  const versions: { at: string; state: SessionState }[] = [];
  const warnings: string[] = [];
  for (const { at, text } of kept) {
    try {
      versions.push({ at, state: (await stateOf({ path: STATE_NOTE, text })).state });
    } catch {
      warnings.push(`What was written at ${at} is no session state.`);
    }
  }
  return { versions, warnings };
}

/** The counters as Prometheus reads them (text format 0.0.4). [SIR-06] */
export async function stateMetrics(project: Project): Promise<{ text: string }> {
  const name = "brain_session_conflicts_total";
  const lines = Object.entries(await readConflicts(project)).map(
    ([resolution, count]) => `${name}{resolution="${resolution}"} ${count}`,
  );
  const head = [`# HELP ${name} Session states that were written by two at once.`, `# TYPE ${name} counter`];
  return { text: `${[...head, ...lines].join("\n")}\n` };
}
