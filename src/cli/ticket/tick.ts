import { type Command, defineCommand } from "../command.ts";
import { dryRunResult } from "../report.ts";
import { TICKET } from "../context/shown.ts";
import { plain } from "../text.ts";
import { itemLines } from "./shown.ts";

export const command: Command = defineCommand({
  arguments: { items: { summary: "Numbers of items, or words of theirs", required: true, repeatable: true } },
  options: TICKET,
  writes: true,
  details: ["A ticked item stays ticked. Nothing is committed."],
  examples: [
    { says: "by number", line: "berth ticket tick 1 3" },
    { says: "by words that only one item has", line: 'berth ticket tick "tests pass"' },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const made = await (await open()).ticketTick({ items: args.items, ticket: options.ticket, dryRun });
    if (dryRun) return dryRunResult({ plan: { ticket: made.ticket, ticked: made.ticked } });
    return {
      data: made,
      text: (page) => itemLines(made.items, page).join("\n"),
      brief: made.ticked.map(plain).join("\n"),
    };
  },
});
