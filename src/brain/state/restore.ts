import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { reach } from "../../project.ts";
import { openNotes } from "../notes/open-notes.ts";
import type { NoteStore } from "../notes/note-store.ts";
import { isoNow } from "./iso-now.ts";
import { raised, type SessionState } from "./session-state.ts";
import { printed, STATE_NOTE, stateOf } from "./state-note.ts";

interface Wanted {
  readonly version: number;
  /** When it was written, as the history says; needed where versions began anew after a removal. */
  readonly at?: string | undefined;
}

/**
 * Makes mode, task, feature and the history of modes what they were at a version, as a new version: also of a state that
 * was written over, removed, or damaged. The orchestrator's record stays as it is. [SIR-06]
 * @throws BerthError NOT_FOUND for a version that is not kept, INVALID where several have that number
 */
export async function stateRestore(
  project: Project,
  input: Wanted,
): Promise<{ state: SessionState; from: number; warnings: readonly string[] }> {
  const notes = await openNotes(project);
  const { old, newest } = await wanted(notes, input);
  let state = old;
  await reach(project, "state.read", notes.project);
  await notes.update(STATE_NOTE, async (found) => {
    if (found) await notes.keep(found);
    const now = found && (await stateOf(found).catch(() => null));
    const record = now ? now.state.orchestratorWorkflow : old.orchestratorWorkflow;
    state = raised({ ...old, orchestratorWorkflow: record }, now?.state.version ?? newest, isoNow(project));
    return printed(state);
  });
  await reach(project, "state.written", notes.project);
  return { state, from: input.version, warnings: [] };
}

/** What {@link stateRestore} would bring back. @throws as it does */
export async function stateRestorePlan(project: Project, input: Wanted): Promise<{ becomes: SessionState }> {
  return { becomes: (await wanted(await openNotes(project), input)).old };
}

async function wanted(
  notes: NoteStore,
  { version, at }: Wanted,
): Promise<{ readonly old: SessionState; readonly newest: number }> {
  const found: { readonly at: string; readonly state: SessionState }[] = [];
  let newest = 0;
  for (const kept of await notes.versions(STATE_NOTE)) {
    const read = await stateOf({ path: STATE_NOTE, text: kept.text }).catch(() => null);
    newest = Math.max(newest, read?.state.version ?? 0);
    if (read?.state.version === version && (at === undefined || at === kept.at))
      found.push({ at: kept.at, state: read.state });
  }
  const [first, ...others] = found;
  if (first === undefined)
    throw new BerthError("NOT_FOUND", `No version ${version} of the session state is kept${at ? ` from ${at}` : ""}.`, {
      hint: "See which there are: berth state history",
      facts: { version },
    });
  if (others.length === 0) return { old: first.state, newest };
  const times = found.map((one) => one.at);
  throw new BerthError("INVALID", `There are ${found.length} versions ${version}, written at ${times.join(" and ")}.`, {
    hint: `Say which: berth state restore ${version} --at ${times[0]}`,
    facts: { version, at: times },
  });
}
