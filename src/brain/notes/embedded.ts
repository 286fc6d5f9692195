import { mkdir, readdir, readFile, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncFolder, writeThrough } from "../../disk/durable.ts";
import { BerthError, messageOf } from "../../errors.ts";
import { randomHex, sha256 } from "../../hash.ts";
import type { Project } from "../../project.ts";
import { withMutex } from "../../store/mutex.ts";
import { BrainUnavailableError } from "../brain-unavailable.ts";
import { addVersion, readJournal, settle } from "./journal.ts";
import { matchesNote, requireNotePath } from "./note-path.ts";
import type { Note, NoteHit, NoteStore, NoteVersion, WriteOptions } from "./note-store.ts";

const TURN_MS = 30_000;
const HITS = 100;

/** The folders of one project's notes. */
interface Place {
  readonly notes: string;
  readonly versions: string;
  readonly lock: string;
}

/**
 * Notes as files that people can read: `<folder>/<project>/notes/<path>.md`. A file is replaced at once and durably; who
 * writes holds the project's lock, which the kernel frees with its process, so that `expected` is compared and the note
 * written in one step.
 * @param folder where all projects are
 * @param name the project's name, a name of one folder
 */
export function embeddedNotes(project: Pick<Project, "clock" | "signal">, folder: string, name: string): NoteStore {
  const top = join(folder, name);
  const place: Place = {
    notes: join(top, "notes"),
    versions: join(top, "versions"),
    lock: join(top, "notes.lock"),
  };
  const { clock, signal } = project;
  const turn = { clock, signal, waitMs: TURN_MS, what: `the notes of ${name}` };
  const alone = async <T>(work: () => Promise<T>): Promise<T> =>
    told(place, () => withMutex(place.lock, turn, () => told(place, work)));
  const now = (): string => new Date(clock.now()).toISOString();
  return {
    kind: "embedded",
    project: name,
    place: place.notes,
    swaps: true,
    read: async (path) => told(place, () => readNote(place, requireNotePath(path))),
    write: async (path, text, options = {}) =>
      alone(() => replace(place, noteOf(requireNotePath(path), text), options, now())),
    update: async (path, change) =>
      alone(async () => {
        const found = await readNote(place, requireNotePath(path));
        return replace(place, noteOf(path, await change(found)), {}, now());
      }),
    list: async (pattern) => told(place, () => listNotes(place, pattern)),
    delete: async (path, options = {}) => alone(() => remove(place, requireNotePath(path), options, now())),
    search: async (text) => told(place, () => search(place, text)),
    versions: async (path) => told(place, () => versions(place, requireNotePath(path), now())),
    // Whatever is written over is in the versions.
    keep: async () => undefined,
    close: async () => undefined,
  };
}

function noteOf(path: string, text: string): Note {
  return { path, text, checksum: sha256(text) };
}

/** What the disk refuses is no answer about a note. */
async function told<T>(place: Place, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof BrainUnavailableError || typeof code !== "string") throw error;
    if (error instanceof BerthError && error.code !== "FAILED") throw error;
    throw new BrainUnavailableError(`The notes in ${place.notes} cannot be read or written: ${messageOf(error)}`, {
      hint: "Check who owns the folder, and whether the disk is full; nothing was changed. Then run it again.",
      facts: { place: place.notes },
      cause: error,
    });
  }
}

function fileOf(place: Place, path: string): string {
  return join(place.notes, `${path}.md`);
}

function journalOf(place: Place, path: string): string {
  return join(place.versions, `${path}.jsonl`);
}

async function readNote(place: Place, path: string): Promise<Note | null> {
  try {
    return noteOf(path, await readFile(fileOf(place, path), "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}

async function replace(place: Place, note: Note, options: WriteOptions, at: string): Promise<Note> {
  const before = await readNote(place, note.path);
  requireExpected(note.path, before, options.expected);
  if (before?.text === note.text) return note;
  const journal = journalOf(place, note.path);
  await settle(journal, before && { ...before, at });
  await mkdir(dirname(journal), { recursive: true });
  await dropParts(journal);
  const part = `${journal}.${randomHex(8)}.part`;
  await writeThrough(part, note.text);
  await addVersion(journal, { ...note, at }, part, before && { ...before, at });
  const file = fileOf(place, note.path);
  await mkdir(dirname(file), { recursive: true });
  await rename(part, file);
  await syncFolder(dirname(file));
  return note;
}

/** What runs that were killed left of this note: who writes is alone, and no version that counts waits any more. */
async function dropParts(journal: string): Promise<void> {
  const [folder, name] = [dirname(journal), basename(journal)];
  for (const one of await readdir(folder))
    if (one.startsWith(`${name}.`) && /\.[0-9a-f]{16}\.part$/.test(one)) await rm(join(folder, one), { force: true });
}

async function remove(
  place: Place,
  path: string,
  options: { readonly expected?: string },
  at: string,
): Promise<boolean> {
  const before = await readNote(place, path);
  requireExpected(path, before, options.expected);
  if (before === null) return false;
  await settle(journalOf(place, path), { ...before, at });
  const file = fileOf(place, path);
  await rm(file);
  await syncFolder(dirname(file));
  // Folders that became empty go with it, up to the top one.
  for (let folder = dirname(file); folder !== place.notes; folder = dirname(folder))
    if (
      !(await rmdir(folder).then(
        () => true,
        () => false,
      ))
    )
      break;
  return true;
}

function requireExpected(path: string, found: Note | null, expected: string | null | undefined): void {
  if (expected === undefined || (found?.checksum ?? null) === expected) return;
  throw new BerthError("NOTE_CHANGED", `The note ${path} was changed by somebody else.`, {
    hint: "Read it again, and apply your change to what it says now.",
    facts: { path, expected, found: found?.checksum ?? null },
  });
}

async function listNotes(place: Place, pattern: string): Promise<readonly string[]> {
  const matches = matchesNote(pattern);
  return (await pathsIn(place.notes, "")).filter(matches).toSorted();
}

/** A folder that goes meanwhile had no notes any more; the others are looked at all the same. */
async function pathsIn(top: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(top, folder), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const found: string[] = [];
  for (const entry of entries) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await pathsIn(top, path)));
    else if (entry.isFile() && path.endsWith(".md")) found.push(path.slice(0, -".md".length));
  }
  return found;
}

async function search(place: Place, text: string): Promise<readonly NoteHit[]> {
  const wanted = text.toLowerCase();
  const hits: NoteHit[] = [];
  for (const path of await listNotes(place, "**")) {
    const note = await readNote(place, path);
    for (const [i, line] of (note?.text ?? "").split("\n").entries())
      if (line.toLowerCase().includes(wanted)) hits.push({ path, line: i + 1, text: line });
    if (hits.length >= HITS) return hits.slice(0, HITS);
  }
  return hits;
}

async function versions(place: Place, path: string, at: string): Promise<readonly NoteVersion[]> {
  const all = await readJournal(journalOf(place, path));
  const now = await readNote(place, path);
  return now === null || all.some(({ checksum }) => checksum === now.checksum) ? all : [...all, { ...now, at }];
}
