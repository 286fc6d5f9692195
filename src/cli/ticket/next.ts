import { type Command, defineCommand } from "../command.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  options: {
    mode: { type: "text", value: "MODE", summary: "Only what is worked in this mode", repeatable: true },
    role: { type: "text", value: "ROLE", summary: "Only what this role owns", repeatable: true },
    phase: { type: "text", value: "PHASE", summary: "Only tickets of this phase", repeatable: true },
  },
  details: [
    "An open ticket, with everything it depends on done, in nobody's hands: by priority (now, next, future), then the " +
      "oldest. Among the tickets of this checkout and those on branches of their own, as last fetched. Where none fits, " +
      "nothing is printed and the exit code is 3.",
  ],
  examples: [
    { says: "its name alone", line: "berth ticket next --quiet" },
    { says: "as the evaluator", line: "berth ticket next --role evaluator" },
  ],
  run: async ({ options, open }) => {
    const wanted = { modes: options.mode, roles: options.role, phases: options.phase };
    const { ticket } = await (await open()).ticketNext(wanted);
    return {
      data: { ticket },
      text: (page) => `${page.style("bold", plain(ticket.name))} ${plain(ticket.title)}`,
      brief: ticket.name,
    };
  },
});
