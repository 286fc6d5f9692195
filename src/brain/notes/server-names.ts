import { sha256 } from "../../hash.ts";

/**
 * How a note's path is written as a file of the server. Most names are as they are. Servers change others on their way
 * to a file (letters that are taken out, hyphens that are put together, folders that are not looked at), so that two
 * notes would become one: what would be changed is written as its number between two marks, `a+b` as `aꞏ2bꞏb`.
 */
const MARK = "ꞏ";
const ESCAPED = /ꞏ([0-9a-f]{0,7})ꞏ/g;

/** What servers leave as it is; a hyphen only between others, and a dot only beside others. */
const ODD = /[^\p{L}\p{N} ._-]|ꞏ|^-|-$|(?<=-)-|(?<=\.)\./gu;

/** Folders that servers do not look into. */
const UNSEEN = new Set(["build", "dist", "env", "venv", "node_modules", "__pycache__", "config.json", "Thumbs.db"]);
const UNSEEN_ENDS = /(?:\.egg-info|\.db|\.db-shm|\.db-wal|\.py[cod]|\.tmp|\.sw[op])$/;

/** A note's file, seen from the project's folder: `folder/name.md`. */
export function fileOfNote(path: string): string {
  return `${path.split("/").map(written).join("/")}.md`;
}

/**
 * Another file for the same note, where a server takes two notes for one because their names are alike (`A` and `a`,
 * `a_b` and `a-b`): with a number of the path at its end.
 */
export function otherFileOfNote(path: string): string {
  const file = fileOfNote(path).slice(0, -".md".length);
  return `${file}${MARK}0${sha256(path).slice(0, 6)}${MARK}.md`;
}

/** The folder and the title of a file, as `write_note` takes them. */
export function titleOfFile(file: string): { readonly directory: string; readonly title: string } {
  const names = file.slice(0, -".md".length).split("/");
  return { title: names.pop() ?? "", directory: names.join("/") || "/" };
}

/** The path of the note that a file is; null where it is no file that a note would be written as. */
export function noteOfFile(file: string): string | null {
  if (!file.endsWith(".md")) return null;
  const names = file.slice(0, -".md".length).split("/");
  const path = names.map(read).join("/");
  return fileOfNote(path) === file || otherFileOfNote(path) === file ? path : null;
}

/** A folder of notes as a folder of the server; the empty one is the project's. */
export function folderOfNotes(folder: string): string {
  return folder.split("/").filter(Boolean).map(written).join("/");
}

function written(name: string): string {
  const safe = name.replace(ODD, (letter) => `${MARK}${letter.codePointAt(0)?.toString(16)}${MARK}`);
  return UNSEEN.has(safe) || UNSEEN_ENDS.test(safe) ? `${safe}${MARK}${MARK}` : safe;
}

function read(name: string): string {
  return name.replace(ESCAPED, (all, code: string) => {
    if (code === "" || /^0.{6}$/.test(code)) return "";
    const point = Number.parseInt(code, 16);
    return point <= 0x10_ff_ff ? String.fromCodePoint(point) : all;
  });
}
