import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { openNotes } from "../notes/open-notes.ts";
import { changeState } from "./change-state.ts";
import { raised, type SessionState } from "./session-state.ts";
import { STATE_NOTE, stateOf } from "./state-note.ts";

/**
 * Makes the state what it was at a version, as a new version: also one that was written over, or removed. [SIR-06]
 * @throws BerthError NOT_FOUND for a version that is not kept, BrainUnavailableError
 */
export async function stateRestore(
  project: Project,
  { version }: { readonly version: number },
): Promise<{ state: SessionState; from: number; warnings: readonly string[] }> {
  const notes = await openNotes(project);
  const kept = (await notes.versions(STATE_NOTE)).toReversed();
  for (const { text } of kept) {
    const found = await stateOf({ path: STATE_NOTE, text }).catch(() => null);
    if (found?.state.version !== version) continue;
    const old = found.state;
    const changed = await changeState(project, (state, now) => raised(old, state.version, now), "lww");
    return { state: changed.state, from: version, warnings: changed.warnings };
  }
  throw new BerthError("NOT_FOUND", `No version ${version} of the session state is kept.`, {
    hint: "See which there are: berth state history",
    facts: { version },
  });
}
