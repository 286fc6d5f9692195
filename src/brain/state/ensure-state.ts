import { isBerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import type { Note, NoteStore } from "../notes/note-store.ts";
import { consolidate, isUnfinished } from "../consolidate/consolidate.ts";
import { hasHistoric } from "../consolidate/historic.ts";
import { isoNow } from "./iso-now.ts";
import { defaultState, type SessionState } from "./session-state.ts";
import { printed, STATE_NOTE, stateOf } from "./state-note.ts";

export interface FoundState {
  readonly note: Note;
  readonly state: SessionState;
  readonly warnings: readonly string[];
}

/** The state of the project; null where its store has answered that there is none. */
export async function readState(notes: NoteStore): Promise<FoundState | null> {
  const note = await notes.read(STATE_NOTE);
  return note && { note, ...(await stateOf(note)) };
}

/**
 * The state of the project. Where the store has answered that there is none, historic sessions become one, and without
 * them there is a new one. [SIR-04]
 * @throws BerthError UNREADABLE for a damaged one, BrainUnavailableError when nobody can tell
 */
export async function ensureState(project: Project, notes: NoteStore): Promise<FoundState> {
  const found = await readState(notes);
  if (found && !isUnfinished(project, notes)) return found;
  if (found || (await hasHistoric(notes))) {
    const { warnings } = await consolidate(project, notes);
    const made = await readState(notes);
    if (made) return { ...made, warnings: [...made.warnings, ...warnings] };
  }
  const text = printed(defaultState(isoNow(project)));
  try {
    const note = await notes.write(STATE_NOTE, text, { expected: null });
    return { note, ...(await stateOf(note)) };
  } catch (error) {
    // Somebody else was first.
    if (isBerthError(error) && error.code === "NOTE_CHANGED") return ensureState(project, notes);
    throw error;
  }
}
