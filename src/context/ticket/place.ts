import { join } from "node:path";
import { isoSeconds } from "../../clock.ts";
import { replaceText } from "../../disk/text-file.ts";
import { requireInside } from "../../disk/inside.ts";
import { BerthError } from "../../errors.ts";
import { shortHash } from "../../hash.ts";
import { type Project, scratchDir, stateDir } from "../../project.ts";
import { withMutex } from "../../store/mutex.ts";
import { locateContext } from "../locate.ts";
import { ticketFolder } from "./files.ts";
import { noTicket } from "./row.ts";
import { readDocument } from "../document-file.ts";

/** A ticket in a checkout. */
export interface TicketPlace {
  readonly name: string;
  /** Top of the checkout. */
  readonly top: string;
  /** The ticket's folder below it. */
  readonly folder: string;
}

/**
 * The ticket of the place one stands in, or another one of this checkout.
 * @throws BerthError USAGE where it follows from nothing
 */
export async function ticketHere(project: Project, ticket: string | undefined): Promise<TicketPlace> {
  const { top, ticket: name } = await locateContext(project, { ticket });
  if (name !== null) return { name, top, folder: ticketFolder(project, name) };
  throw new BerthError("USAGE", "Which ticket? It does not follow from where you stand.", {
    hint: "Go to its workspace, or name one of: berth ticket list",
  });
}

/**
 * Changes a file of a ticket: reads it, asks what it shall be, writes it at once and durably. Changes of several
 * processes queue, and one that is made past Berth in between is read again, so that each counts.
 * @param change given the text and the time of now
 * @throws BerthError NOT_FOUND where there is no such file
 */
export async function changeTicketFile(
  project: Project,
  { name, top, folder }: TicketPlace,
  path: string,
  change: (text: string, at: string) => string,
  dryRun = false,
): Promise<{ readonly before: string; readonly after: string }> {
  const [shown, file] = [`${folder}/${path}`, join(top, folder, path)];
  await requireInside(top, join(top, folder));
  const turn = { clock: project.clock, waitMs: 60_000, what: shown, signal: project.signal };
  return withMutex(join(stateDir(project), "locks", `context-${shortHash(file)}.lock`), turn, async () => {
    for (;;) {
      const was = await readDocument(file, shown);
      if (was.text === null) throw noTicket(name);
      const after = change(was.text, isoSeconds(project.clock.now()));
      if (after === was.text || dryRun || (await replaceText(file, after, was, scratchDir(project))))
        return { before: was.text, after };
    }
  });
}
