import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Project } from "../../project.ts";
import { isTicketName } from "../ticket-name.ts";
import { CHECKLIST_FILE, TICKET_FILE } from "./files.ts";
import { rowOf, type TicketRow } from "./row.ts";

/** Every ticket of the checkout one stands in. */
export async function ticketsHere(project: Project): Promise<TicketRow[]> {
  const { top } = project.here;
  if (top === null) return [];
  const folder = join(top, project.config.context.tickets);
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw error;
  });
  const names = entries.filter((entry) => entry.isDirectory() && isTicketName(entry.name)).map(({ name }) => name);
  const rows: TicketRow[] = [];
  const sorted = names.toSorted();
  // A few at a time: a process may have so many files open and no more.
  for (let at = 0; at < sorted.length; at += 64)
    rows.push(...(await Promise.all(sorted.slice(at, at + 64).map((name) => rowIn(join(folder, name), name)))));
  return rows;
}

async function rowIn(folder: string, name: string): Promise<TicketRow> {
  const [ticket, checklist] = await Promise.all(
    [TICKET_FILE, CHECKLIST_FILE].map((file) => textAt(join(folder, file))),
  );
  return rowOf(name, { ticket: ticket ?? null, checklist: checklist ?? null }, null);
}

/** The text of a file; null where there is none. What cannot be read is not taken for absent. */
export async function textAt(file: string): Promise<string | null> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
}
