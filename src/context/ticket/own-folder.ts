import { isTicketName } from "../ticket-name.ts";
import { fileProblem, type TicketProblem } from "./problem.ts";

/**
 * Which of the changed paths lie in the folder of another ticket than the one that is worked on. [TKT-09]
 * @param ticket the ticket of the workspace; null for one of none, where nothing is another's
 * @param paths from the top of the repository, with forward slashes
 * @param tickets the folder of the tickets (setting `context.tickets`)
 */
export function ownFolderProblems(ticket: string | null, paths: readonly string[], tickets: string): TicketProblem[] {
  if (ticket === null) return [];
  return paths.flatMap((path) => {
    const name = path.startsWith(`${tickets}/`) ? (path.slice(tickets.length + 1).split("/")[0] ?? "") : "";
    if (name === ticket || !isTicketName(name)) return [];
    const message = `this belongs to the ticket ${name}, and this is the workspace of ${ticket}`;
    return [fileProblem(path, "a change", "none", message)];
  });
}
