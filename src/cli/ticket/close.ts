import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, report, warningNotes } from "../report.ts";
import { plain } from "../text.ts";
import { TICKET } from "../context/shown.ts";

export const command: Command = defineCommand({
  options: {
    ...TICKET,
    confirm: { type: "text", value: "N", summary: "An exit criterion that holds, or all", repeatable: true },
    nextIssue: { type: "text", value: "N", summary: "The issue of the next phase; without it the same one" },
    nextTitle: { type: "text", value: "T", summary: "The title of the next phase's ticket; without it the same one" },
  },
  writes: true,
  details: [
    "The gate: every item with a star is ticked, every exit criterion is confirmed, every required artifact is there, no " +
      "file is too large, and ticket.yml and the context are as their schemas say. Nothing is made up to get past it.",
    "The ticket's folder is committed as it is, with the ticket done; other changes of the checkout are left alone. The " +
      "next phase's ticket is opened on a branch of its own, with decisions, blockers, next steps and what is to be " +
      "handed on. Running it again finishes what a killed run began.",
  ],
  examples: [
    { says: "the ticket of this workspace", line: "berth ticket close --confirm all" },
    { says: "what it would do", line: "berth ticket close --dry-run" },
    { says: "the next phase has an issue of its own", line: "berth ticket close --confirm 1 --next-issue 143" },
  ],
  run: async ({ options, dryRun, open }) => {
    const made = await (await open()).ticketClose({ ...options, dryRun });
    if ("plan" in made) return dryRunResult(made);
    const { ticket, next } = made;
    return {
      data: made,
      text: (page) =>
        report(page, {
          headline: `Closed ${page.style("bold", plain(ticket.name))}: ${plain(ticket.title)}`,
          facts: [
            ["commit", made.commit],
            ["follows", next?.ticket.name],
          ],
          next: next?.ticket.status === "open" ? [[`berth ticket take ${next.ticket.name}`, "go on with it"]] : [],
        }),
      brief: next?.ticket.name ?? ticket.name,
      notes: warningNotes(made.warnings),
    };
  },
});
