import { type Command, defineCommand } from "../command.ts";
import { plain } from "../text.ts";
import { openedResult } from "./opened.ts";

export const command: Command = defineCommand({
  options: {
    mode: { type: "text", value: "MODE", summary: "Only what is worked in this mode", repeatable: true },
    role: { type: "text", value: "ROLE", summary: "Only what this role owns", repeatable: true },
    phase: { type: "text", value: "PHASE", summary: "Only tickets of this phase", repeatable: true },
    take: { type: "flag", summary: "Take it too; of several who do so at once each takes another one" },
  },
  details: [
    "An open ticket, with everything it depends on done, in nobody's hands: by priority (now, next, future), then the " +
      "oldest. Among the tickets of all branches, as last fetched; with --take, as they are now. Of those that are " +
      "sessions the ledger says who has them. Where none fits, nothing is printed and the exit code is 3.",
  ],
  examples: [
    { says: "its name alone", line: "berth ticket next --quiet" },
    { says: "as the evaluator", line: "berth ticket next --role evaluator" },
    { says: "and begin with it", line: "berth ticket next --take" },
  ],
  run: async ({ options, open }) => {
    const wanted = { modes: options.mode, roles: options.role, phases: options.phase };
    const made = await (await open()).ticketNext({ ...wanted, take: options.take });
    if ("workspace" in made) return openedResult("Took", made);
    const { ticket } = made;
    return {
      data: { ticket },
      text: (page) => `${page.style("bold", plain(ticket.name))} ${plain(ticket.title)}`,
      brief: ticket.name,
    };
  },
});
