import type { Vocabulary } from "../vocabulary.ts";
import { type ChecklistItem, checklistItems } from "./checklist.ts";
import { ARTIFACTS, CHECKLIST_FILE, fromTop, TICKET_FILE, type TicketFiles } from "./files.ts";
import { fileProblem, type TicketProblem } from "./problem.ts";
import { type Ticket, type TicketText, ticketOf } from "./read.ts";

/**
 * What stands between a ticket and its end: required items that are not ticked, exit criteria that nobody confirmed,
 * required artifacts that are not there. Nothing is made here to get past it. [TKT-04] [TKT-05]
 * @param read ticket.yml of these files
 */
export function exitProblems(files: TicketFiles, read: TicketText, vocabulary: Vocabulary): TicketProblem[] {
  const ticket = ticketOf(read.data);
  return [
    ...checklistLeft(files, read, ticket),
    ...criteriaLeft(files, read, ticket),
    ...artifactsLeft(files, read, ticket, vocabulary),
  ];
}

function checklistLeft({ files, folder }: TicketFiles, { place }: TicketText, ticket: Ticket): TicketProblem[] {
  const file = `${folder}/${CHECKLIST_FILE}`;
  const text = files.get(CHECKLIST_FILE)?.text;
  if (text === undefined || text === null)
    return [fileProblem(file, "no checklist", "a checklist", "the ticket has no checklist that can be read")];
  const items = checklistItems(text);
  const open = items.filter(({ required, done }) => required && !done).map((item) => unticked(file, item));
  const declared = ticket.checklist.filter(({ required }) => required);
  const missing = declared.flatMap(({ name, path }): TicketProblem[] => {
    const item = items.find((one) => one.text === name);
    if (item?.done === true || (item?.required === true && !item.done)) return [];
    if (item !== undefined) return [unticked(file, item)];
    const message = `${JSON.stringify(name)} is required, and the checklist has no such item`;
    const at = { key: path.join("."), found: "no such item", expected: "the item, ticked", message };
    return [{ file: `${folder}/${TICKET_FILE}`, ...place(path), ...at }];
  });
  return [...open, ...missing];
}

function unticked(file: string, { line, number, text }: ChecklistItem): TicketProblem {
  const message = `item ${number} is required and not ticked: ${text}`;
  return { file, line, column: 1, key: "", found: "[ ]", expected: "[x]", message };
}

function criteriaLeft({ folder }: TicketFiles, { place }: TicketText, ticket: Ticket): TicketProblem[] {
  return ticket.exitCriteria.flatMap(({ text, path }, at) => {
    if (ticket.confirmed.includes(text)) return [];
    const message = `exit criterion ${at + 1} is not confirmed: ${text}`;
    const what = { key: path.join("."), found: "no confirmation", expected: "a confirmation", message };
    return [{ file: `${folder}/${TICKET_FILE}`, ...place(path), ...what }];
  });
}

function artifactsLeft(
  { files, folder, elsewhere }: TicketFiles,
  { place }: TicketText,
  ticket: Ticket,
  { phases }: Vocabulary,
): TicketProblem[] {
  const file = `${folder}/${TICKET_FILE}`;
  const ofPhase = phases.get(ticket.phase ?? "")?.artifacts ?? [];
  const known = new Set(ticket.artifacts.map(({ path }) => path));
  const wanted = [
    ...ticket.artifacts.filter(({ required }) => required),
    ...ofPhase.filter((path) => !known.has(path)).map((path) => ({ path, at: ["phase"] })),
  ];
  return wanted.flatMap(({ path, at }) => {
    const found = stateOf(path, folder, files, elsewhere);
    if (found === null) return [];
    const message = `the required artifact ${path} is ${found === "no such file" ? "not there" : "empty"}`;
    return [{ file, ...place(at), key: at.join("."), found, expected: path, message }];
  });
}

/**
 * What is wrong with a declared file or folder: in the ticket's folder, in its artifacts/, or, as they are written in
 * the wild, from the top of the repository. An empty file is a placeholder, and none of the work.
 */
function stateOf(
  path: string,
  folder: string,
  files: TicketFiles["files"],
  elsewhere: TicketFiles["elsewhere"],
): "no such file" | "an empty file" | null {
  const plain = fromTop(path);
  if (plain === null) return "no such file";
  const own = plain.startsWith(`${folder}/`) ? plain.slice(folder.length + 1) : plain;
  const found = [...files].filter(([at]) => [own, `${ARTIFACTS}/${own}`].some((wanted) => within(at, wanted)));
  if (elsewhere.has(plain) || found.some(([, { size }]) => size > 0)) return null;
  return found.some(([at]) => !at.endsWith("/.gitkeep")) ? "an empty file" : "no such file";
}

function within(path: string, folder: string): boolean {
  return `${path}/`.startsWith(`${folder}/`);
}
