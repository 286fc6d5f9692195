import type { Project } from "../../project.ts";
import { openNotes } from "../notes/open-notes.ts";
import { type Consolidated, consolidate, planned } from "./consolidate.ts";
import type { ConsolidationPlan } from "./consolidation-plan.ts";

export type BrainReport = Consolidated & { readonly project: string; readonly place: string };

/**
 * Makes one session state of the historic sessions of this project, or finishes it, and tells what was done. Run again
 * it finds nothing to do. [SIR-12]
 * @throws BrainUnavailableError, BerthError FAILED
 */
export async function brainMigrate(project: Project): Promise<{ report: BrainReport }> {
  const notes = await openNotes(project);
  const done = await consolidate(project, notes);
  return { report: { ...done, project: notes.project, place: notes.place } };
}

/** What {@link brainMigrate} would do now. */
export async function brainMigratePlan(project: Project): Promise<{ plan: ConsolidationPlan }> {
  return { plan: await planned(project, await openNotes(project)) };
}
