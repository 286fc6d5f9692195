import { join } from "node:path";
import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { TICKET_FILE, ticketFolder } from "./files.ts";
import { textAt } from "./here.ts";
import { rowOf } from "./row.ts";

/** Whether a ticket is done in a commit or tree: from then on its folder is frozen. */
export async function isDoneAt(project: Project, tree: string, name: string): Promise<boolean> {
  const ticket = await project.objects.read(`${tree}:${ticketFolder(project, name)}/${TICKET_FILE}`);
  return ticket?.type === "blob" && isDone(name, ticket.data.toString("utf8"));
}

/**
 * Asked before a file of a ticket is written. [TKT-04]
 * @param ticket.folder the ticket's folder, with its top
 * @param what the file, as people call it
 * @throws BerthError WRONG_STATE where the ticket is done
 */
export async function requireNotDone(
  { name, folder }: { readonly name: string; readonly folder: string },
  what: string,
): Promise<void> {
  if (!isDone(name, await textAt(join(folder, TICKET_FILE)))) return;
  throw new BerthError("WRONG_STATE", `${name} is done, and its ${what} is frozen.`, {
    hint: "What comes up now is a ticket with a new issue: berth ticket open --phase PHASE --issue N",
    facts: { ticket: name },
  });
}

function isDone(name: string, ticket: string | null): boolean {
  return rowOf(name, { ticket, checklist: null }, null).status === "done";
}
