import { type Command, defineCommand } from "../command.ts";
import { openedResult } from "./opened.ts";

export const command: Command = defineCommand({
  arguments: {
    ticket: {
      summary: "The ticket, <phase>_<issue>",
      required: true,
      completes: { kind: "tickets", statuses: ["open"] },
    },
  },
  writes: true,
  details: ["Of several who take one ticket at once one wins, and the others are told who (exit 4)."],
  examples: [{ says: "the one that is next", line: 'berth ticket take "$(berth ticket next --quiet)"' }],
  run: async ({ args, dryRun, open }) => openedResult("Took", await (await open()).ticketTake({ ...args, dryRun })),
});
