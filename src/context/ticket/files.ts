import { fields } from "../../git/run.ts";
import { utf8 } from "../../document/utf8.ts";
import { isBerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { readTicket, ticketOf } from "./read.ts";

/** The files of a ticket's folder. [TKT-01] */
export const TICKET_FILE = "ticket.yml";
export const CHECKLIST_FILE = "checklist.md";
export const ARTIFACTS = "artifacts";
/** Where old entries of a context are kept; it grows even when the ticket is done. */
export const ARCHIVE_FILE = "ACTIVE_SESSION.archive.md";

/** One file of a ticket, as git has it. */
export interface TicketFile {
  /** Name of the blob: the same for the same bytes. */
  readonly id: string;
  readonly size: number;
  /** Null for what is no text, and for what is too large to be looked at. */
  readonly text: string | null;
  /** Whether it is an image by its first bytes. */
  readonly image: boolean;
}

/** A ticket's folder in one version of the repository. */
export interface TicketFiles {
  readonly name: string;
  /** The folder, from the top of the repository. */
  readonly folder: string;
  /** By path below the folder. */
  readonly files: ReadonlyMap<string, TicketFile>;
  /** Which files there are outside of the folder: asked for declared artifacts alone. */
  readonly elsewhere: ReadonlySet<string>;
}

/** Larger files are not read. */
const READ = 4 * 1024 * 1024;

/** The folder of a ticket, from the top of the repository. */
export function ticketFolder({ config }: Pick<Project, "config">, name: string): string {
  return `${config.context.tickets}/${name}`;
}

/**
 * Reads a ticket's folder out of a commit or tree.
 * @returns null where there is no such folder
 */
export async function ticketFilesAt(project: Project, tree: string, name: string): Promise<TicketFiles | null> {
  const folder = ticketFolder(project, name);
  const files = new Map<string, TicketFile>();
  for (const line of await listed(project, tree, folder)) {
    const [meta, path] = cut(line, "\t");
    const [mode, kind = "", id = "", length = "0"] = meta.split(/ +/);
    if (kind !== "blob") continue;
    const size = Number(length);
    // Where a link leads is no document of the ticket's.
    const isLink = mode === "120000" && !path.startsWith(`${folder}/${ARTIFACTS}/`);
    const data = size > READ || isLink ? null : ((await project.objects.read(id))?.data ?? null);
    files.set(path.slice(folder.length + 1), { id, size, ...contentOf(data) });
  }
  if (files.size === 0) return null;
  return { name, folder, files, elsewhere: await declaredElsewhere(project, tree, folder, files) };
}

async function listed(project: Project, tree: string, folder: string): Promise<string[]> {
  return fields(project.git, ["ls-tree", "-r", "-l", "-z", "--full-tree", tree, "--", `${folder}/`]);
}

function cut(line: string, at: string): [string, string] {
  const i = line.indexOf(at);
  return [line.slice(0, i), line.slice(i + 1)];
}

function contentOf(data: Buffer | null): Pick<TicketFile, "text" | "image"> {
  if (data === null) return { text: null, image: false };
  if (isImage(data)) return { text: null, image: true };
  const text = utf8(data);
  return { text: text === null || text.includes("\0") ? null : text, image: false };
}

/** The first bytes of PNG, JPEG, GIF, WebP, BMP and AVIF; SVG is text. */
function isImage(data: Buffer): boolean {
  const head = data.toString("latin1", 0, 16);
  return /^(?:\x89PNG|\xFF\xD8\xFF|GIF8[79]a|RIFF....WEBP|BM|....ftypavi[fs])/s.test(head);
}

/** Declared artifacts outside of the folder, as paths from the top of the repository: those that are there, as files or folders. */
async function declaredElsewhere(
  project: Project,
  tree: string,
  folder: string,
  files: ReadonlyMap<string, TicketFile>,
): Promise<ReadonlySet<string>> {
  const there = new Set<string>();
  const text = files.get(TICKET_FILE)?.text ?? null;
  try {
    for (const { path } of text === null ? [] : ticketOf(readTicket(text, TICKET_FILE).data).artifacts) {
      const plain = fromTop(path);
      if (plain === null || plain.startsWith(`${folder}/`)) continue;
      if ((await project.objects.stat(`${tree}:${plain}`)) !== null) there.add(plain);
    }
  } catch (error) {
    // A damaged ticket.yml is a problem of its own, and declares nothing.
    if (!isBerthError(error)) throw error;
  }
  return there;
}

/** A declared path as one from the top of the repository; null where it leads out of it. */
export function fromTop(path: string): string | null {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.length === 0 || parts.includes("..") || /[\p{Cc}]/u.test(path) ? null : parts.join("/");
}
