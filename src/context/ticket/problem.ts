import type { Problem } from "../validate.ts";

/** Something in a ticket's folder that may not be so; `file` is from the top of the repository. */
export interface TicketProblem extends Problem {
  readonly file: string;
}

/** A problem of a file as a whole. */
export function fileProblem(file: string, found: string, expected: string, message: string): TicketProblem {
  return { file, line: 1, column: 1, key: "", found, expected, message };
}
