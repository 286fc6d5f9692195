import { join } from "node:path";
import { tick } from "../../document/checklist.ts";
import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { type ChecklistItem, checklistItems, plain } from "./checklist.ts";
import { CHECKLIST_FILE } from "./files.ts";
import { requireNotDone } from "./frozen.ts";
import { changeTicketFile, ticketHere } from "./place.ts";

/**
 * Ticks items of a ticket's checklist, by number or by their words; one that is ticked already stays so. [TKT-04]
 * @throws BerthError NOT_FOUND for words of no item, USAGE for words of several, WRONG_STATE where the ticket is done
 */
export async function ticketTick(
  project: Project,
  input: {
    readonly items: readonly string[];
    readonly ticket?: string | undefined;
    readonly dryRun?: boolean;
  },
): Promise<{ readonly ticket: string; readonly ticked: readonly string[]; readonly items: readonly ChecklistItem[] }> {
  const place = await ticketHere(project, input.ticket);
  await requireNotDone({ name: place.name, folder: join(place.top, place.folder) }, "checklist");
  const { before, after } = await changeTicketFile(
    project,
    place,
    CHECKLIST_FILE,
    (text) => tick(text, numbersOf(checklistItems(text), input.items), null),
    input.dryRun,
  );
  const was = checklistItems(before);
  const items = checklistItems(after);
  const ticked = items.filter(({ done }, at) => done && was[at]?.done === false).map(({ text }) => text);
  return { ticket: place.name, ticked, items };
}

function numbersOf(items: readonly ChecklistItem[], wanted: readonly string[]): number[] {
  return wanted.map((words) => (/^\d+$/.test(words) ? Number(words) : itemWith(items, words).number));
}

/** The item with exactly these words, else the only one that holds them. */
function itemWith(items: readonly ChecklistItem[], words: string): ChecklistItem {
  const wanted = plain(words).toLowerCase();
  const same = items.filter(({ text }) => text.toLowerCase() === wanted);
  const found = same.length > 0 ? same : items.filter(({ text }) => text.toLowerCase().includes(wanted));
  const [only, second] = found;
  if (only !== undefined && second === undefined) return only;
  if (only === undefined)
    throw new BerthError("NOT_FOUND", `No item of the checklist says ${JSON.stringify(words)}.`, {
      hint: "See the items with: berth ticket show",
    });
  throw new BerthError("USAGE", `${found.length} items of the checklist say ${JSON.stringify(words)}.`, {
    hint: `Use their numbers: ${found.map(({ number }) => number).join(", ")}.`,
    facts: { items: found.map(({ number, text }) => ({ number, text })) },
  });
}
