import { isBerthError } from "../../errors.ts";
import { CONTEXT_FILE } from "../locate.ts";
import { readContext } from "../read.ts";
import { contextSchema } from "../schema.ts";
import { partsOfTicket } from "../ticket-name.ts";
import { validateText } from "../validate.ts";
import type { Vocabulary } from "../vocabulary.ts";
import { checklistProblems } from "./checklist.ts";
import { exitProblems } from "./exit-gate.ts";
import { ARCHIVE_FILE, CHECKLIST_FILE, TICKET_FILE, type TicketFiles } from "./files.ts";
import { fileProblem, type TicketProblem } from "./problem.ts";
import { judgeTicket, mismatch } from "./judge-ticket.ts";
import { readTicket, type TicketText, ticketOf } from "./read.ts";

/**
 * What may not be so in a ticket's folder, given what stood there before: for commit hooks and gates. A done ticket is
 * frozen; ticks stay; ticket.yml and the context are as their schemas say, and about this ticket; a ticket becomes done
 * through its exit gate alone. [TKT-03] [TKT-04] [TKT-05]
 * @param before null: the folder is new
 * @param after null: the folder is gone
 * @param isContextJudged whether somebody else says what the schema of contexts finds in the ticket's
 */
export function ticketProblems(
  before: TicketFiles | null,
  after: TicketFiles | null,
  vocabulary: Vocabulary,
  isContextJudged = false,
): TicketProblem[] {
  if (after === null) return before === null ? [] : [gone(before)];
  const was = before === null ? null : readOrNull(before);
  const wasDone = was !== null && ticketOf(was.data).status === "done";
  if (before !== null && wasDone) return frozenProblems(before, after);
  const { read, problems } = ticketFileProblems(after, vocabulary);
  return [
    ...problems,
    ...(was !== null && read !== null ? movedProblems(was, read, after) : []),
    ...(read !== null && ticketOf(read.data).status === "done" ? exitProblems(after, read, vocabulary) : []),
    ...checklistsOf(before, after),
    ...contextProblems(after, vocabulary, isContextJudged),
  ];
}

function gone({ folder }: TicketFiles): TicketProblem {
  const message = "folders of tickets stay: end one with berth ticket close, or with status: abandoned";
  return fileProblem(folder, "nothing", "the ticket's folder", message);
}

/** Of a done ticket nothing changes any more; its archive may grow. */
function frozenProblems(before: TicketFiles, after: TicketFiles): TicketProblem[] {
  const paths = [...new Set([...before.files.keys(), ...after.files.keys()])].toSorted();
  return paths.flatMap((path) => {
    const [was, now] = [before.files.get(path), after.files.get(path)];
    if (was?.id === now?.id) return [];
    if (path === ARCHIVE_FILE && typeof now?.text === "string" && now.text.startsWith(was?.text ?? "")) return [];
    const message = "the ticket is done, and its folder is frozen: what comes up now is a ticket with a new issue";
    return [fileProblem(`${after.folder}/${path}`, now === undefined ? "nothing" : "a change", "no change", message)];
  });
}

/** What was damaged before says nothing of how it was. */
function readOrNull({ files, folder }: TicketFiles): TicketText | null {
  const text = files.get(TICKET_FILE)?.text;
  if (text === undefined || text === null) return null;
  try {
    return readTicket(text, `${folder}/${TICKET_FILE}`);
  } catch (error) {
    if (!isBerthError(error)) throw error;
    return null;
  }
}

function ticketFileProblems(
  { files, folder, name }: TicketFiles,
  vocabulary: Vocabulary,
): { read: TicketText | null; problems: TicketProblem[] } {
  const file = `${folder}/${TICKET_FILE}`;
  const text = files.get(TICKET_FILE)?.text;
  if (text !== undefined && text !== null) return judgeTicket(text, file, name, vocabulary);
  const message = "the ticket has no ticket.yml that can be read";
  return { read: null, problems: [fileProblem(file, "nothing", "a ticket.yml", message)] };
}

/** A ticket that had begun does not begin anew, and a folder's ticket is always the same one. */
function movedProblems(was: TicketText, now: TicketText, { folder }: TicketFiles): TicketProblem[] {
  const file = `${folder}/${TICKET_FILE}`;
  return (["opened_at", "started_at"] as const).flatMap((key) => {
    const [before, after] = [was.data[key], now.data[key]];
    if (before === undefined || before === null || before === after) return [];
    const found = after === undefined ? "nothing" : JSON.stringify(after);
    const message = `${key}: found ${found}, and it was ${JSON.stringify(before)} before`;
    return [{ file, ...now.place([key]), key, found, expected: JSON.stringify(before), message }];
  });
}

function checklistsOf(before: TicketFiles | null, after: TicketFiles): TicketProblem[] {
  const was = before?.files.get(CHECKLIST_FILE)?.text ?? null;
  const now = after.files.get(CHECKLIST_FILE)?.text ?? null;
  const file = `${after.folder}/${CHECKLIST_FILE}`;
  if (now === null && was === null)
    return [fileProblem(file, "nothing", "a checklist.md", "the ticket has no checklist")];
  return was === null ? [] : checklistProblems(was, now, file);
}

function contextProblems(
  { files, folder, name }: TicketFiles,
  vocabulary: Vocabulary,
  isContextJudged: boolean,
): TicketProblem[] {
  const file = `${folder}/${CONTEXT_FILE}`;
  const text = files.get(CONTEXT_FILE)?.text;
  if (text === null && isContextJudged) return [];
  if (text === undefined || text === null)
    return [fileProblem(file, "nothing", "an ACTIVE_SESSION.md", "the ticket has no context that can be read")];
  const found = validateText(text, file, contextSchema(vocabulary)).problems.map((problem) => ({ file, ...problem }));
  const said = isContextJudged ? [] : found;
  if (found.some(({ key }) => key === "" || key === "phase")) return said;
  const phase = partsOfTicket(name)?.phase ?? null;
  const { data, place } = readContext(text, file);
  const own = data["phase"];
  if (typeof own !== "string" || phase === null || own === phase) return said;
  return [...said, mismatch(file, place(["phase"]), "phase", own, phase)];
}
