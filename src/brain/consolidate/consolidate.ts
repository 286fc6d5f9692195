import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BerthError, isBerthError, messageOf } from "../../errors.ts";
import { sha256 } from "../../hash.ts";
import { type Project, reach, stateDir } from "../../project.ts";
import { withMutex } from "../../store/mutex.ts";
import type { Note, NoteStore } from "../notes/note-store.ts";
import { isoNow } from "../state/iso-now.ts";
import { STATE_NOTE } from "../state/state-note.ts";
import { type ConsolidationPlan, consolidationPlan } from "./consolidation-plan.ts";
import { readHistoric } from "./historic.ts";
import { archiveFolder, sessionFolders } from "./session-folders.ts";

export interface Consolidated {
  readonly winner: ConsolidationPlan["winner"];
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** Where folders of those sessions are now. */
  readonly folders: readonly string[];
  /** The note that has all that was historic; null where there was nothing. */
  readonly archive: string | null;
  readonly warnings: readonly string[];
}

/** What consolidating would do now. */
export async function planned(project: Project, notes: NoteStore): Promise<ConsolidationPlan> {
  const state = (await notes.read(STATE_NOTE)) !== null;
  return consolidationPlan(await readHistoric(notes), state, isoNow(project));
}

/**
 * Makes one session state of the historic ones. First everything is archived and read back, then the new notes are
 * written and read back, and only then the old ones go, each as it was read. Killed anywhere it goes on when it is run
 * again; who runs it at the same time waits, and finds it done. [SIR-07] [SIR-08] [SIR-09]
 * @throws BrainUnavailableError, BerthError FAILED when what was written is not what is read
 */
export async function consolidate(project: Project, notes: NoteStore): Promise<Consolidated> {
  const { clock, signal } = project;
  const lock = join(stateDir(project), "brain", `${notes.project}.consolidating.lock`);
  const turn = { clock, signal, waitMs: 120_000, what: "the consolidation of sessions" };
  return withMutex(lock, turn, async () => {
    const plan = await planned(project, notes);
    const unfinished = unfinishedFile(project, notes);
    if (plan.removes.length === 0) {
      await rm(unfinished, { force: true });
      return { winner: null, written: [], removed: [], folders: [], archive: null, warnings: plan.warnings };
    }
    await mkdir(dirname(unfinished), { recursive: true });
    await writeFile(unfinished, "", { flush: true });
    const done = await apply(project, notes, plan);
    await rm(unfinished, { force: true });
    return done;
  });
}

/** Whether a consolidation was begun from this machine and not finished. */
export function isUnfinished(project: Project, notes: NoteStore): boolean {
  return existsSync(unfinishedFile(project, notes));
}

function unfinishedFile(project: Project, notes: NoteStore): string {
  return join(stateDir(project), "brain", `${notes.project}.consolidating`);
}

async function apply(project: Project, notes: NoteStore, plan: ConsolidationPlan): Promise<Consolidated> {
  const archive = archiveOf(plan.removes);
  await writeNew(notes, archive.path, archive.text);
  await reach(project, "brain.archived", archive.path);
  const written: string[] = [];
  for (const { path, text } of plan.writes) {
    if (await writeNew(notes, path, text)) written.push(path);
    await reach(project, "brain.written", path);
  }
  const warnings = [...plan.warnings];
  const folders: string[] = [];
  // Before the notes go: their names tell which folders there are.
  for (const folder of await sessionFolders(project, plan.ids))
    await archiveFolder(project, folder).then(
      (moved) => folders.push(moved),
      (error: unknown) => warnings.push(`The folder ${folder} stays where it is: ${messageOf(error)}`),
    );
  const removed: string[] = [];
  for (const { path, checksum } of plan.removes) {
    if (await removeOld(notes, path, checksum)) removed.push(path);
    else warnings.push(`${path} was changed meanwhile, and stays: run it again.`);
    await reach(project, "brain.removed", path);
  }
  return { winner: plan.winner, written, removed, folders, archive: archive.path, warnings };
}

/** One note that has every historic one, by a name that its content has: written twice it is the same. */
function archiveOf(removes: readonly Note[]): { readonly path: string; readonly text: string } {
  const notes = Object.fromEntries(removes.map(({ path, text }) => [path, text]));
  const text = `${JSON.stringify({ what: "Notes of sessions before they became one.", notes }, null, 2)}\n`;
  return { path: `archive/consolidated-${sha256(text).slice(0, 16)}`, text };
}

/**
 * Writes a note where there is none, and reads it back.
 * @returns false where there is one already: it stands
 */
async function writeNew(notes: NoteStore, path: string, text: string): Promise<boolean> {
  try {
    await notes.write(path, text, { expected: null });
  } catch (error) {
    if (isBerthError(error) && error.code === "NOTE_CHANGED") return false;
    throw error;
  }
  const found = await notes.read(path);
  if (found?.text === text) return true;
  throw new BerthError("FAILED", `The note ${path} is not what was written; no note of before was removed.`, {
    hint: "Look at it, and at the server that keeps it; then run it again: berth brain migrate",
    facts: { path },
  });
}

async function removeOld(notes: NoteStore, path: string, expected: string): Promise<boolean> {
  try {
    await notes.delete(path, { expected });
    return true;
  } catch (error) {
    if (isBerthError(error) && error.code === "NOTE_CHANGED") return false;
    throw error;
  }
}
