import { ticketFilesAt, TICKET_FILE } from "../../context/ticket/files.ts";
import { readTicket, ticketOf } from "../../context/ticket/read.ts";
import { taken } from "../../context/ticket/take.ts";
import { isBerthError } from "../../errors.ts";
import type { Oid } from "../../git/names.ts";
import type { TreeEntry } from "../../git/tree.ts";
import { writeBlobs } from "../../git/write.ts";
import type { ClaimRecord } from "../../ledger/claim-record.ts";
import { type Project, scratchDir } from "../../project.ts";
import { contextOf } from "./context-edit.ts";

/**
 * The documents of a session's ticket once somebody has claimed it, as an edit of the tree that the session begins with:
 * an open one becomes active. Two runs of one claim say the same. What is damaged stays as it is: gates tell. [TKT-03]
 * @returns no edit where the session works no ticket, or it had begun before
 */
export async function takenEdit(
  project: Project,
  record: Pick<ClaimRecord, "agent" | "claimedAt">,
  tree: Oid,
): Promise<Map<string, TreeEntry>> {
  const edits = new Map<string, TreeEntry>();
  const { ticket } = await contextOf(project, tree);
  const found = ticket === null ? null : await ticketFilesAt(project, tree, ticket);
  const text = found?.files.get(TICKET_FILE)?.text ?? null;
  if (found === null || text === null) return edits;
  try {
    if (ticketOf(readTicket(text, TICKET_FILE).data).status !== "open") return edits;
    const texts = Object.entries(taken(found, { at: record.claimedAt, assistant: record.agent }));
    const blobs = await writeBlobs(
      project.git,
      scratchDir(project),
      texts.map(([, written]) => written),
    );
    for (const [i, [path]] of texts.entries())
      if (blobs[i]) edits.set(`${found.folder}/${path}`, { mode: "100644", oid: blobs[i] });
  } catch (error) {
    if (!isBerthError(error)) throw error;
  }
  return edits;
}
