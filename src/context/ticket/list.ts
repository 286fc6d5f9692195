import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { statusOf, WORK_STATUS } from "../status-word.ts";
import { isTicketName } from "../ticket-name.ts";
import { CHECKLIST_FILE, TICKET_FILE } from "./files.ts";
import { rowOf, type TicketRow } from "./row.ts";

/** The tickets in the folder of this checkout, by name. */
export async function ticketList(
  project: Project,
  input: {
    /** In any spelling; without any, all. */
    readonly statuses?: readonly string[];
    readonly phases?: readonly string[];
  },
): Promise<{ readonly tickets: readonly TicketRow[] }> {
  const statuses = (input.statuses ?? []).map(requireStatus);
  const phases = input.phases ?? [];
  const rows = await ticketsHere(project);
  const tickets = rows.filter(
    ({ status, phase }) =>
      (statuses.length === 0 || (status !== null && statuses.includes(status))) &&
      (phases.length === 0 || phases.includes(phase)),
  );
  return { tickets };
}

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

function requireStatus(given: string): string {
  const status = statusOf(WORK_STATUS, given);
  if (status !== null) return status;
  throw new BerthError("USAGE", `${given} is no status of a ticket.`, {
    hint: `One of ${WORK_STATUS.known.join(", ")}.`,
  });
}
