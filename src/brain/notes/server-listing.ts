import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { dataOf, senseless, textOrNull } from "./server-answers.ts";
import type { ServerLink } from "./server-link.ts";
import { folderOfNotes, noteOfFile } from "./server-names.ts";
import type { KnownProject } from "./server-project.ts";

/** A note's file as a listing has it. */
export interface ListedFile {
  /** Seen from the project's folder. */
  readonly file: string;
  /** What `read_note` finds it by, when not by its file. */
  readonly permalink: string | null;
  /** When it was written last, ISO 8601; null where the server does not say. */
  readonly at: string | null;
}

interface Page {
  readonly files: readonly ListedFile[];
  readonly folders: readonly string[];
  readonly total: number | null;
  readonly more: boolean;
}

/** The most that servers give: folders below, and entries of one page. */
const DEPTH = 10;
const PAGE = 200;
const ANEW = 5;

/**
 * All files below a folder of notes.
 * @param folder a folder of notes; empty for all
 * @param options.flat those in the folder itself alone
 */
export async function listFiles(
  link: ServerLink,
  project: KnownProject,
  folder: string,
  { flat = false }: { readonly flat?: boolean } = {},
): Promise<readonly ListedFile[]> {
  const found = new Map<string, ListedFile>();
  const waiting = [folderOfNotes(folder)];
  for (let dir = waiting.pop(); dir !== undefined; dir = waiting.pop()) {
    const { files, folders } = await wholeFolder(link, project, dir, flat ? 1 : DEPTH);
    for (const one of files) found.set(one.file, one);
    const deepest = levels(dir) + DEPTH;
    if (!flat) waiting.push(...folders.filter((one) => levels(one) === deepest));
  }
  return [...found.values()];
}

function levels(folder: string): number {
  return folder.split("/").filter(Boolean).length;
}

/** All pages; from the beginning where something came or went meanwhile, which would hide something else. */
async function wholeFolder(link: ServerLink, project: KnownProject, dir: string, depth: number): Promise<Page> {
  for (let tries = 1; ; tries++) {
    const pages: Page[] = [];
    do pages.push(await onePage(link, project, dir, depth, pages.length + 1));
    while (pages.at(-1)?.more);
    if (tries >= ANEW || new Set(pages.map(({ total }) => total)).size === 1)
      return {
        files: pages.flatMap(({ files }) => files),
        folders: pages.flatMap(({ folders }) => folders),
        total: null,
        more: false,
      };
  }
}

async function onePage(
  link: ServerLink,
  { name }: KnownProject,
  dir: string,
  depth: number,
  page: number,
): Promise<Page> {
  const tool = "list_directory";
  const input = { dir_name: `/${dir}`, depth, page, page_size: PAGE, output_format: "json", project: name };
  const answer = await link.call(tool, input, true);
  if (typeof answer === "string") return pageOfText(answer, link);
  const { nodes, total, has_more: more } = dataOf(answer, tool, link);
  if (!Array.isArray(nodes)) throw senseless(answer, tool, link);
  const all = nodes as Record<string, unknown>[];
  const files = all.flatMap((node) => {
    const file = textOrNull(node["file_path"]);
    if (node["type"] !== "file" || file === null) return [];
    return [{ file, permalink: textOrNull(node["permalink"]), at: textOrNull(node["updated_at"]) }];
  });
  const folders = all
    .filter(({ type }) => type === "directory")
    .map((node) => (textOrNull(node["directory_path"]) ?? "").replace(/^\//, ""));
  return { files, folders, total: typeof total === "number" ? total : null, more: more === true };
}

/** Servers up to 0.22 list for people: a line for each, `📄 name.md      folder/name.md | title | date`. */
function pageOfText(text: string, link: ServerLink): Page {
  if (!/^(?:No files found|Contents of|Files in) /.test(text)) throw senseless(text, "list_directory", link);
  const files: ListedFile[] = [];
  const folders: string[] = [];
  for (const line of text.split("\n")) {
    const path = pathInLine(line);
    if (path !== null && line.startsWith("📄")) files.push({ file: path, permalink: null, at: null });
    if (path !== null && line.startsWith("📁")) folders.push(path);
  }
  return { files, folders, total: null, more: false };
}

/** The name is followed by spaces and the path, which ends with that name. */
function pathInLine(line: string): string | null {
  const entry = /^(?:📄|📁) (.+?)(?: \| .*)?$/u.exec(line)?.[1];
  if (entry === undefined) return null;
  for (let at = entry.indexOf(" "); at !== -1; at = entry.indexOf(" ", at + 1)) {
    const [name, path] = [entry.slice(0, at).trimEnd(), entry.slice(at + 1)];
    if (path.startsWith(" ")) continue;
    if (path === name || path.endsWith(`/${name}`)) return path.replace(/^\//, "");
  }
  return null;
}

/**
 * The notes whose files are in the project's folder, as far as that is on this machine: a server that was just started
 * may not have looked at all of them yet.
 */
export async function notesOnDisk(project: KnownProject, folder: string): Promise<readonly string[]> {
  if (project.folder === null) return [];
  const top = join(project.folder, folderOfNotes(folder));
  const found = await readdir(top, { recursive: true, withFileTypes: true }).catch(() => []);
  return found.flatMap((entry) => {
    const file = relative(project.folder ?? top, join(entry.parentPath, entry.name));
    const note = entry.isFile() && !/(?:^|\/)\./.test(file) ? noteOfFile(file) : null;
    return note === null ? [] : [note];
  });
}
