import { type Command, defineCommand } from "../command.ts";
import { plain, plainBlock } from "../text.ts";
import { TICKET } from "./shown.ts";

export const command: Command = defineCommand({
  options: TICKET,
  details: [
    "What the next agent needs, as one page of Markdown with at most 8,000 characters, the most important first: the plan and where it stands, blockers, decisions, next steps, todos, requirements, open files, the branch, the worklog. What did not fit is named; with --json there is everything.",
  ],
  examples: [
    { says: "the page", line: "berth context handoff" },
    { says: "everything, for a program", line: "berth context handoff --json" },
  ],
  run: async ({ options, open }) => {
    const handoff = await (await open()).contextHandoff({ ticket: options.ticket });
    return {
      data: handoff,
      text: () => plainBlock(handoff.markdown).trimEnd(),
      notes: handoff.problems.map((problem) => `warning: ${plain(problem)}`),
    };
  },
});
