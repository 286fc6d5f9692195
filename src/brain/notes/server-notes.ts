import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../clock.ts";
import { BerthError } from "../../errors.ts";
import { sha256 } from "../../hash.ts";
import type { Note } from "./note-store.ts";
import { dataOf, senseless, textOrNull } from "./server-answers.ts";
import { reasonOf, unavailable } from "./server-failure.ts";
import type { ServerLink } from "./server-link.ts";
import { type ListedFile, listFiles, notesOnDisk } from "./server-listing.ts";
import { fileOfNote, noteOfFile, otherFileOfNote, titleOfFile } from "./server-names.ts";
import type { KnownProject, ServerProject } from "./server-project.ts";
import { sentText, textOfFile } from "./server-text.ts";

/** A note, and where the server has it. */
export interface Found {
  readonly note: Note;
  readonly file: string;
  /** What leads to it and to no other. */
  readonly identifier: string;
}

/** Single steps on the notes of a server; what they add up to is in `server.ts`. */
export interface ServerNotes {
  /** @throws BrainUnavailableError */
  find(path: string): Promise<Found | null>;
  /**
   * Writes a note.
   * @param before what is there now; null: there must be none
   * @returns false where there was one all the same, and nothing was written
   */
  put(path: string, text: string, before: Found | null): Promise<boolean>;
  remove(found: Found): Promise<void>;
  /** The notes below a folder; empty: all. */
  files(folder: string): Promise<readonly (ListedFile & { readonly path: string })[]>;
}

/** How often is looked whether a server that was just started has read a file that is there. */
const LOOK_MS = 250;
const LOOKS_AT_LIST = 8;

export function serverSteps(link: ServerLink, project: ServerProject, clock: Clock): ServerNotes {
  const find = async (path: string): Promise<Found | null> => {
    const known = await project.find();
    return known && (await checked(link, project, () => findNote(link, known, path, clock)));
  };
  const sendOnce = async (path: string, file: string, text: string, before: Found | null): Promise<boolean> => {
    const known = await project.make();
    const work = (): Promise<boolean> => checked(link, project, () => send(link, known, { path, file, text }, before));
    try {
      return await work();
    } catch (error) {
      if (reasonOf(error) !== "lost") throw error;
      // Whether it was written before the connection broke is to be seen.
      const now = (await find(path))?.note;
      if (now?.text === text) return true;
      if (now?.checksum !== before?.note.checksum) throw error;
      return work();
    }
  };
  const put = async (path: string, text: string, before: Found | null): Promise<boolean> => {
    if (before) return sendOnce(path, before.file, text, before);
    if (await sendOnce(path, fileOfNote(path), text, null)) return true;
    // There is one, or the server takes another note for it.
    return (await find(path)) === null && (await sendOnce(path, otherFileOfNote(path), text, null));
  };
  const remove = async ({ note, identifier }: Found): Promise<void> => {
    const input = { identifier, project: (await project.make()).name, output_format: "json" };
    const answer = dataOf(await link.call("delete_note", input, true), "delete_note", link);
    if (typeof answer["deleted"] !== "boolean") throw senseless(answer, "delete_note", link);
    // Asked twice, it may have gone at the first time.
    if (!answer["deleted"] && (await find(note.path)) !== null) throw senseless(answer, "delete_note", link);
  };
  const files = async (folder: string): Promise<readonly (ListedFile & { readonly path: string })[]> => {
    const known = await project.find();
    return known ? checked(link, project, () => listNotes(link, known, folder, clock)) : [];
  };
  return { find, put, remove, files };
}

/** A call that fails because the project is gone says so, or is done again once the server was told of it. */
async function checked<T>(link: ServerLink, project: ServerProject, work: () => Promise<T>): Promise<T> {
  const epoch = link.epoch();
  try {
    return await work();
  } catch (error) {
    if (reasonOf(error) !== "failed") throw error;
    const known = await project.findAgain();
    if (known && link.epoch() !== epoch) return work();
    if (known) throw error;
    throw unavailable("project-unknown", `The notes' server (${link.place}) has no such project any more.`, {
      place: link.place,
      cause: error,
    });
  }
}

/**
 * Reads a note by its file. Servers look further (for titles, for names that are alike), and answer that there is none
 * where their search failed: what comes must be that very file, and "none" is believed when it is in no listing and not
 * in the project's folder either.
 */
async function findNote(link: ServerLink, project: KnownProject, path: string, clock: Clock): Promise<Found | null> {
  const files = [fileOfNote(path), otherFileOfNote(path)];
  const folder = path.split("/").slice(0, -1).join("/");
  const end = performance.now() + link.timeoutMs;
  for (;;) {
    const direct = await readAs(link, project, { path, file: files[0] ?? "", identifier: files[0] ?? "" });
    if (direct) return direct;
    const listed = (await listFiles(link, project, folder, { flat: true })).filter(({ file }) => files.includes(file));
    for (const { file, permalink } of listed) {
      const other = await readAs(link, project, { path, file, identifier: permalink ?? file });
      if (other) return other;
    }
    const here =
      listed.length > 0 || (await isOnDisk(project, files[0] ?? "")) || (await isOnDisk(project, files[1] ?? ""));
    if (!here) return null;
    if (performance.now() > end)
      throw unavailable("nonsense", `The notes' server (${link.place}) has ${files[0]}, and does not give it.`, {
        place: link.place,
      });
    await clock.sleep(LOOK_MS);
  }
}

async function readAs(
  link: ServerLink,
  { name }: KnownProject,
  wanted: { readonly path: string; readonly file: string; readonly identifier: string },
): Promise<Found | null> {
  const { path, identifier } = wanted;
  const input = { identifier, project: name, output_format: "json", include_frontmatter: true };
  const answer = dataOf(await link.call("read_note", input, true), "read_note", link);
  const { file_path: file, content } = answer;
  if (typeof answer["error"] === "string") throw refusedName(path, answer["error"]);
  if (file === undefined || content === undefined) throw senseless(answer, "read_note", link);
  if (file !== wanted.file) return null;
  if (typeof content !== "string") throw senseless(answer, "read_note", link);
  const text = textOfFile(content);
  return { note: { path, text, checksum: sha256(text) }, file, identifier };
}

async function send(
  link: ServerLink,
  project: KnownProject,
  { path, file, text }: { readonly path: string; readonly file: string; readonly text: string },
  before: Found | null,
): Promise<boolean> {
  const about = { project: project.name, overwrite: before !== null, output_format: "json" };
  const input = { ...titleOfFile(file), content: sentText(text), ...about };
  const answer = dataOf(await link.call("write_note", input, false), "write_note", link);
  const error = textOrNull(answer["error"]);
  if (error === "NOTE_ALREADY_EXISTS" || answer["action"] === "conflict") return false;
  if (error !== null) throw refusedName(path, error);
  if (answer["action"] !== "created" && answer["action"] !== "updated") throw senseless(answer, "write_note", link);
  if (answer["file_path"] === file) return true;
  throw unavailable(
    "failed",
    `The notes' server (${link.place}) wrote ${path} to another file: ${String(answer["file_path"])}.`,
    {
      place: link.place,
      hint: "Let it name files as their titles (kebab_filenames off), and write folders in the case that they have.",
    },
  );
}

function refusedName(path: string, said: string): Error {
  return new BerthError("INVALID", `The notes' server refuses the path ${JSON.stringify(path)}: ${said}.`, {
    hint: "Name the note with letters, digits and hyphens.",
    facts: { path },
  });
}

async function listNotes(
  link: ServerLink,
  project: KnownProject,
  folder: string,
  clock: Clock,
): Promise<readonly (ListedFile & { readonly path: string })[]> {
  for (let looks = 1; ; looks++) {
    const listed = (await listFiles(link, project, folder)).flatMap((one) => {
      const path = noteOfFile(one.file);
      return path === null ? [] : [{ ...one, path }];
    });
    const paths = new Set(listed.map(({ path }) => path));
    const unread = (await notesOnDisk(project, folder)).filter((path) => !paths.has(path));
    // What it does not list for so long, it does not mean to.
    if (unread.length === 0 || looks >= LOOKS_AT_LIST) return listed;
    await clock.sleep(LOOK_MS);
  }
}

async function isOnDisk({ folder }: KnownProject, file: string): Promise<boolean> {
  if (folder === null) return false;
  return access(join(folder, file)).then(
    () => true,
    () => false,
  );
}
