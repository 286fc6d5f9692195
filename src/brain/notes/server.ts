import { join } from "node:path";
import { BerthError, isBerthError } from "../../errors.ts";
import { sha256, shortHash } from "../../hash.ts";
import type { Project } from "../../project.ts";
import { withMutex } from "../../store/mutex.ts";
import { matchesNote, requireNotePath } from "./note-path.ts";
import type { Note, NoteHit, NoteStore, NoteVersion } from "./note-store.ts";
import type { ServerLink } from "./server-link.ts";
import { type Found, type ServerNotes, serverSteps } from "./server-notes.ts";
import { serverDir, serverProject } from "./server-project.ts";

const TURN_MS = 30_000;
const TRIES = 5;
const HITS = 100;
const AT_ONCE = 4;

/** The folder of what was written over; its notes are in no listing but of this folder. */
const VERSIONS = "versions/";

/**
 * Notes on a server that speaks MCP as basic-memory does. Servers compare nothing before they write: what is expected
 * is read first, and processes of this machine take turns, so that only a write of somebody else in the moment between
 * is not noticed. A note that must not be there yet is created by the server itself, or not at all.
 *
 * What is written over without having been read by the caller, what is deleted, and what `keep` is told of is kept as
 * notes `versions/<path>-<number>/<time>-<checksum>`, which `list` and `search` leave out unless the pattern names that folder.
 * @param name the project's name on the server
 */
export function serverNotes(
  project: Pick<Project, "clock" | "signal" | "repository">,
  link: ServerLink,
  name: string,
): NoteStore {
  const { clock, signal } = project;
  const steps = serverSteps(link, serverProject(link, serverDir(project), name), clock);
  const lock = join(serverDir(project), `${shortHash(`${link.place}\n${name}`)}.lock`);
  const turn = { clock, signal, waitMs: TURN_MS, what: `the notes of ${name}` };
  const alone = async <T>(work: () => Promise<T>): Promise<T> => withMutex(lock, turn, work);
  const save = async (note: Note): Promise<void> => keep(steps, note, clock.now());
  const write = async (path: string, text: string, expected: string | null | undefined): Promise<Note> => {
    const note = { path, text, checksum: sha256(text) };
    for (let tries = 1; ; tries++) {
      const before = await steps.find(path);
      requireExpected(path, before, expected);
      if (before?.note.text === text) return before.note;
      // Who says what he expects has read it.
      if (before && expected === undefined) await save(before.note);
      if (await steps.put(path, text, before)) return note;
      if (tries >= TRIES) throw changed(path, expected, (await steps.find(path))?.note.checksum ?? null);
      await clock.sleep(50 * tries * (0.5 + clock.random()), signal);
    }
  };
  return {
    kind: "server",
    project: name,
    place: link.place,
    swaps: false,
    read: async (path) => (await steps.find(requireNotePath(path)))?.note ?? null,
    write: async (path, text, options = {}) => alone(() => write(requireNotePath(path), text, options.expected)),
    update: async (path, change) =>
      alone(async () => {
        for (let tries = 1; ; tries++) {
          const found = (await steps.find(requireNotePath(path)))?.note ?? null;
          const text = await change(found);
          try {
            return await write(path, text, found?.checksum ?? null);
          } catch (error) {
            if (!isBerthError(error) || error.code !== "NOTE_CHANGED" || tries >= TRIES) throw error;
          }
        }
      }),
    list: async (pattern) => listed(steps, pattern),
    delete: async (path, options = {}) =>
      alone(async () => {
        const before = await steps.find(requireNotePath(path));
        requireExpected(path, before, options.expected);
        if (before === null) return false;
        await save(before.note);
        await steps.remove(before);
        return true;
      }),
    search: async (text) => search(steps, text),
    versions: async (path) => versions(steps, requireNotePath(path), clock.now()),
    // Who changes a note calls it in his turn: it takes none.
    keep: save,
    close: async () => link.close(),
  };
}

function requireExpected(path: string, found: Found | null, expected: string | null | undefined): void {
  const now = found?.note.checksum ?? null;
  if (expected !== undefined && expected !== now) throw changed(path, expected, now);
}

function changed(path: string, expected: string | null | undefined, found: string | null): BerthError {
  return new BerthError("NOTE_CHANGED", `The note ${path} was changed by somebody else.`, {
    hint: "Read it again, and apply your change to what it says now.",
    facts: { path, expected, found },
  });
}

async function listed(steps: ServerNotes, pattern: string): Promise<readonly string[]> {
  const matches = matchesNote(pattern);
  const own = pattern.startsWith(VERSIONS);
  const folders = pattern.split(/[*?]/, 1)[0]?.split("/").slice(0, -1) ?? [];
  const all = (await steps.files(folders.join("/"))).map(({ path }) => path);
  return [...new Set(all)].filter((path) => matches(path) && (own || !path.startsWith(VERSIONS))).toSorted();
}

async function search(steps: ServerNotes, text: string): Promise<readonly NoteHit[]> {
  const wanted = text.toLowerCase();
  const hits: NoteHit[] = [];
  const paths = await listed(steps, "**");
  for (let from = 0; from < paths.length && hits.length < HITS; from += AT_ONCE) {
    for (const found of await Promise.all(paths.slice(from, from + AT_ONCE).map((path) => steps.find(path))))
      for (const [i, line] of (found?.note.text ?? "").split("\n").entries())
        if (found && line.toLowerCase().includes(wanted)) hits.push({ path: found.note.path, line: i + 1, text: line });
  }
  return hits.slice(0, HITS);
}

async function keep(steps: ServerNotes, note: Note, now: number): Promise<void> {
  const mark = note.checksum.slice(0, 12);
  const last = (await kept(steps, note.path)).at(-1);
  if (last?.mark === mark) return;
  const time = new Date(now).toISOString().replaceAll(/[-:.]/g, "");
  await steps.put(`${versionsOf(note.path)}/${time}-${mark}`, note.text, null);
}

/** Servers take folders that differ by the case of their letters for one. */
function versionsOf(path: string): string {
  return `${VERSIONS}${path.toLowerCase()}-${sha256(path).slice(0, 6)}`;
}

interface Kept {
  readonly path: string;
  readonly at: string;
  readonly mark: string;
}

/** Oldest first. */
async function kept(steps: ServerNotes, path: string): Promise<readonly Kept[]> {
  const folder = versionsOf(path);
  const found = (await steps.files(folder)).map((one) => one.path);
  return found.toSorted().flatMap((one) => {
    const [, day = "", time = "", ms = "", mark = ""] =
      /^(\d{8})T(\d{6})(\d{3})Z-([0-9a-f]{12})$/.exec(one.slice(folder.length + 1)) ?? [];
    const pairs = (digits: string): string => digits.replaceAll(/(?<=^(?:..)+)(?=.)/g, ":");
    const date = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
    return mark === "" ? [] : [{ path: one, at: `${date}T${pairs(time)}.${ms}Z`, mark }];
  });
}

async function versions(steps: ServerNotes, path: string, now: number): Promise<readonly NoteVersion[]> {
  const found: NoteVersion[] = [];
  for (const { path: one, at, mark } of await kept(steps, path)) {
    const note = (await steps.find(one))?.note;
    // One that was edited is no version any more.
    if (note?.checksum.startsWith(mark)) found.push({ at, text: note.text, checksum: note.checksum });
  }
  const last = (await steps.find(path))?.note;
  if (last && found.at(-1)?.checksum !== last.checksum)
    found.push({ at: new Date(now).toISOString(), text: last.text, checksum: last.checksum });
  return found;
}
