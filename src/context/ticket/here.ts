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
  return Promise.all(
    names.toSorted().map(async (name) => {
      const text = (file: string): Promise<string | null> =>
        readFile(join(folder, name, file), "utf8").catch(() => null);
      return rowOf(name, { ticket: await text(TICKET_FILE), checklist: await text(CHECKLIST_FILE) }, null);
    }),
  );
}
