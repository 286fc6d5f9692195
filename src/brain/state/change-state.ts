import { messageOf } from "../../errors.ts";
import { type Project, reach } from "../../project.ts";
import { openNotes } from "../notes/open-notes.ts";
import { countConflict, type Resolution } from "./conflict-count.ts";
import { ensureState } from "./ensure-state.ts";
import { isoNow } from "./iso-now.ts";
import { raised, type SessionState } from "./session-state.ts";
import { printed, STATE_NOTE, stateOf } from "./state-note.ts";

export interface ChangedState {
  readonly state: SessionState;
  readonly warnings: readonly string[];
  /** Somebody wrote between the reading and the writing: what became of it. */
  readonly conflict: { readonly resolution: Resolution; readonly overwritten: number } | null;
}

/**
 * Changes the state by one version. When somebody else changed it after it was read, what is written last stands, and
 * what it writes over is kept among the versions of the note (`lww`), or the change is applied to what is there
 * (`merge`); either is counted. [SIR-05] [SIR-06]
 * @param change gives the next version of a state, or the same one where there is nothing to change
 * @throws BrainUnavailableError, BerthError UNREADABLE
 */
export async function changeState(
  project: Project,
  change: (state: SessionState, now: string) => SessionState,
  resolution: Resolution,
): Promise<ChangedState> {
  const notes = await openNotes(project);
  const seen = await ensureState(project, notes);
  const now = isoNow(project);
  const mine = change(seen.state, now);
  if (mine === seen.state) return { state: mine, warnings: seen.warnings, conflict: null };
  await reach(project, "state.read", notes.project);
  let result: ChangedState = { state: mine, warnings: seen.warnings, conflict: null };
  await notes.update(STATE_NOTE, async (found) => {
    result = { state: mine, warnings: seen.warnings, conflict: null };
    // Taken away meanwhile, it is there again, in the version that its writer was going to write.
    if (found === null || found.checksum === seen.note.checksum) return printed(mine);
    const { state: theirs, warnings } = await stateOf(found);
    const state = resolution === "merge" ? change(theirs, now) : raised(over(mine, theirs), theirs.version, now);
    const raced = state !== theirs;
    result = { state, warnings, conflict: raced ? { resolution, overwritten: theirs.version } : null };
    if (!raced) return found.text;
    if (resolution === "lww") await notes.keep(found);
    return printed(result.state);
  });
  await reach(project, "state.written", notes.project);
  return result.conflict ? counted(project, result, resolution) : result;
}

/** What was written stands, whether it could be counted or not. */
async function counted(project: Project, result: ChangedState, resolution: Resolution): Promise<ChangedState> {
  try {
    await countConflict(project, resolution);
    return result;
  } catch (error) {
    return { ...result, warnings: [...result.warnings, `The conflict could not be counted: ${messageOf(error)}`] };
  }
}

/** The last write wins what it is about: mode, task and feature. The record of others' work is never written over. */
function over(mine: SessionState, theirs: SessionState): SessionState {
  const { currentMode, modeHistory, activeTask, activeFeature } = mine;
  return { ...theirs, currentMode, modeHistory, activeTask, activeFeature };
}
