import { readTip, requireFolder } from "../../ledger/tip.ts";
import { FILE, folder } from "../../ledger/layout.ts";
import { showLedger } from "../../ledger/linked-worktree.ts";
import { publish } from "../../ledger/publish.ts";
import { readRow } from "../../ledger/rows.ts";
import { readFileAt } from "../../ledger/tip.ts";
import { isoSeconds } from "../../clock.ts";
import { oneLine } from "../../ledger/message.ts";
import type { Project } from "../../project.ts";
import { draftChange, type DraftInput, freeId, type SessionResult } from "./draft.ts";
import { findHolding, requireHeld } from "../holding.ts";
import { appendEntry } from "../journal.ts";
import { entry } from "../starting-files.ts";

/**
 * Turns an addition of scope into a session of its own: drafted with this one as its parent, and listed in the parent's
 * subsessions.md, in the ledger and in the workspace. [ASP-11]
 */
export async function subsession(
  project: Project,
  input: DraftInput & { readonly session?: string | undefined },
): Promise<SessionResult> {
  const holding = await findHolding(project, input.session, "subsession");
  let id = "";
  await publish(project, async (tip) => {
    const held = await requireHeld(project, tip, holding);
    const child = { ...input, parent: holding.id };
    id = await freeId(project, tip, child);
    const change = await draftChange(project, tip, id, child);
    const list = folder("active", holding.id, FILE.subsessions);
    const before = (await readFileAt(project, held.at.tree, FILE.subsessions)) ?? `# Subsessions: ${holding.id}\n`;
    const line = entry(isoSeconds(project.clock.now()), `${id}\n\n${oneLine(input.title)}`);
    return { change: { ...change, files: { ...change.files, [list]: before + line } } };
  });
  const warnings: string[] = [];
  if (holding.workspace.dir !== null && !holding.id.startsWith("kb-")) {
    const noted = await appendEntry(project, holding.workspace, FILE.subsessions, `${id}\n\n${oneLine(input.title)}`);
    if (noted.warning !== null) warnings.push(noted.warning);
  }
  warnings.push(...(await showLedger(project)));
  return { session: await readRow(project, await requireFolder(project, await readTip(project), id)), warnings };
}
