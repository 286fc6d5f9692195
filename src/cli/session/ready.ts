import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, report, warningNotes } from "../report.ts";
import { plain } from "../text.ts";
import { sessionArgument } from "./arguments.ts";

export const command: Command = defineCommand({
  arguments: { id: sessionArgument(["drafting"]) },
  writes: true,
  details: [
    "Refused (exit 7) while its context or its acceptance criteria are not filled in; the refusal names what is missing.",
  ],
  examples: [{ says: "offer a draft to agents", line: "berth ready 2026-11-21-limit-logins" }],
  run: async ({ args, dryRun, open }) => {
    const berth = await open();
    const made = await berth.ready({ id: args.id, dryRun });
    if ("plan" in made) return dryRunResult(made);
    const { id, title } = made.session;
    return {
      data: made,
      text: (page) =>
        report(page, {
          headline: `${page.style("bold", id)} is planned: ${plain(title)}`,
          next: [[`berth claim ${id}`, "work on it, or leave it to the next agent"]],
        }),
      brief: id,
      notes: warningNotes(made.warnings),
    };
  },
});
