import type { Project } from "../../project.ts";
import type { Note, NoteHit, NoteVersion } from "./note-store.ts";
import { openNotes } from "./open-notes.ts";

interface NoteInput {
  readonly path: string;
}

/** A note of the project, null where there is none. [SIR-01] @throws BrainUnavailableError, BerthError INVALID */
export async function noteRead(project: Project, { path }: NoteInput): Promise<{ note: Note | null }> {
  return { note: await (await openNotes(project)).read(path) };
}

/**
 * Writes a whole note; what it said before is among its versions.
 * @param input.expected the checksum that it must have, or null where there must be none
 * @throws BrainUnavailableError, BerthError INVALID, NOTE_CHANGED
 */
export async function noteWrite(
  project: Project,
  input: NoteInput & { readonly text: string; readonly expected?: string | null | undefined },
): Promise<{ note: Note }> {
  const { path, text, expected } = input;
  return { note: await (await openNotes(project)).write(path, text, expected === undefined ? {} : { expected }) };
}

/** Removes a note. @returns whether there was one */
export async function noteDelete(
  project: Project,
  { path, expected }: NoteInput & { readonly expected?: string | undefined },
): Promise<{ deleted: boolean }> {
  const notes = await openNotes(project);
  return { deleted: await notes.delete(path, expected === undefined ? {} : { expected }) };
}

/** The paths of notes that match a pattern: `*` any part of a name, `**` any folders, `?` one character. */
export async function noteList(
  project: Project,
  input: { readonly pattern?: string | undefined } = {},
): Promise<{ notes: readonly string[]; place: string }> {
  const notes = await openNotes(project);
  return { notes: await notes.list(input.pattern ?? "**"), place: notes.place };
}

/** The lines of notes that have a text, without regard to case; at most a hundred. */
export async function noteSearch(
  project: Project,
  { text }: { readonly text: string },
): Promise<{ hits: readonly NoteHit[] }> {
  return { hits: await (await openNotes(project)).search(text) };
}

/** What a note said before, oldest first, with what it says now as the last one. */
export async function noteVersions(
  project: Project,
  { path }: NoteInput,
): Promise<{ versions: readonly NoteVersion[] }> {
  return { versions: await (await openNotes(project)).versions(path) };
}
