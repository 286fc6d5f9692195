import type { Berth } from "../../open.ts";
import { shellWord } from "../../shell-word.ts";
import type { Result } from "../command.ts";
import { dryRunResult, report, warningNotes } from "../report.ts";
import { plain } from "../text.ts";

type Made = Awaited<ReturnType<Berth["ticketOpen"]>> | Awaited<ReturnType<Berth["ticketTake"]>>;

/** A ticket that was opened or taken. */
export function openedResult(what: string, made: Made): Result {
  if ("plan" in made) return dryRunResult(made);
  const { ticket, workspace, session } = made;
  return {
    data: made,
    text: (page) =>
      report(page, {
        headline: `${what} ${page.style("bold", plain(ticket.name))}: ${plain(ticket.title)}`,
        facts: [
          ["branch", ticket.branch],
          ["session", session === null ? null : `${session.id}, ${session.state}`],
          ["workspace", workspace?.path],
        ],
        next:
          workspace === null
            ? [[`berth ticket take ${ticket.name}`, "begin with it"]]
            : [
                [`cd ${shellWord(workspace.path)}`, "work there"],
                ["berth ticket show", "what is left"],
              ],
      }),
    brief: workspace?.path ?? ticket.name,
    notes: warningNotes(made.warnings),
  };
}
