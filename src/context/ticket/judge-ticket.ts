import { isBerthError } from "../../errors.ts";
import { partsOfTicket } from "../ticket-name.ts";
import { problemsOf } from "../validate.ts";
import type { Vocabulary } from "../vocabulary.ts";
import type { TicketProblem } from "./problem.ts";
import { readTicket, type TicketText, ticketOf } from "./read.ts";
import { ticketSchema } from "./schema.ts";

/**
 * Judges the text of a ticket.yml; all problems of it at once. [TKT-03]
 * @param name of the ticket whose folder it is in; null where that is not known
 * @returns `read` is null for what cannot be read
 */
export function judgeTicket(
  text: string,
  file: string,
  name: string | null,
  vocabulary: Vocabulary,
): { readonly read: TicketText | null; readonly problems: TicketProblem[] } {
  try {
    const read = readTicket(text, file);
    const problems = problemsOf(read, ticketSchema(vocabulary)).map((problem) => ({ file, ...problem }));
    return { read, problems: [...problems, ...identityProblems(read, name, file)] };
  } catch (error) {
    if (!isBerthError(error)) throw error;
    const at = (fact: unknown): number => (typeof fact === "number" ? fact : 1);
    const place = { line: at(error.facts["line"]), column: at(error.facts["column"]), key: "" };
    const what = { found: "what cannot be read", expected: "a whole document", message: error.message };
    return { read: null, problems: [{ file, ...place, ...what }] };
  }
}

/** A ticket is what its folder is called. */
function identityProblems({ data, place }: TicketText, name: string | null, file: string): TicketProblem[] {
  const parts = partsOfTicket(name ?? "");
  const ticket = ticketOf(data);
  const wanted = [
    ["ticket", typeof data["ticket"] === "string" ? data["ticket"] : null, name],
    ["issue_id", ticket.issue, parts?.issue ?? null],
    ["phase", ticket.phase, parts?.phase ?? null],
  ] as const;
  return wanted.flatMap(([key, found, expected]) =>
    found === null || expected === null || found === expected
      ? []
      : [mismatch(file, place([key]), key, found, expected)],
  );
}

/** What stands in a document, and is not what the folder is called. */
export function mismatch(
  file: string,
  at: { readonly line: number; readonly column: number },
  key: string,
  found: string,
  expected: string,
): TicketProblem {
  const message = `${key}: found ${found}, expected ${expected}, as the folder is called`;
  return { file, ...at, key, found, expected, message };
}
