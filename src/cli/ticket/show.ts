import { type Command, defineCommand } from "../command.ts";
import { problemLines } from "../context/shown.ts";
import { report, warningNotes } from "../report.ts";
import { plain } from "../text.ts";
import { itemLines } from "./shown.ts";

export const command: Command = defineCommand({
  arguments: {
    ticket: {
      summary: "The ticket; without it that of the place you stand in",
      completes: { kind: "tickets", statuses: [] },
    },
  },
  examples: [
    { says: "the ticket of this workspace", line: "berth ticket show" },
    { says: "another one of this checkout", line: "berth ticket show training_142" },
  ],
  run: async ({ args, open }) => {
    const shown = await (await open()).ticketShow(args);
    const { ticket, items, exitCriteria, left, problems } = shown;
    return {
      data: shown,
      text: (page) => {
        const head = report(page, {
          headline: `${page.style("bold", plain(ticket.name))}: ${plain(ticket.title)}`,
          facts: [
            ["status", ticket.status],
            ["session", shown.session === null ? null : `${shown.session.id}, ${shown.session.state}`],
            ["phase", `${ticket.phase}${ticket.nextPhase === null ? "" : `, then ${ticket.nextPhase}`}`],
            ["mode", ticket.mode],
            ["operator", ticket.operator],
            ["priority", ticket.priority],
            ["depends on", ticket.depends.join(", ")],
          ],
        });
        const criteria = exitCriteria.map(({ text, confirmed }, at) => {
          return `${at + 1} ${confirmed ? "confirmed" : "to be confirmed"}: ${plain(text)}`;
        });
        const open = left.map(({ message }) => `  ${plain(message)}`);
        return [
          head,
          ...section("checklist:", itemLines(items, page)),
          ...section("exit criteria:", criteria),
          ...section("before it can be closed:", open),
          ...problems.flatMap((problem) => problemLines(problem.file, [problem], page)),
        ].join("\n");
      },
      brief: ticket.name,
      notes: warningNotes(shown.warnings),
    };
  },
});

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", title, ...lines];
}
