import { type Command, defineCommand } from "../command.ts";
import { SESSION_OPTION } from "./arguments.ts";
import { entryPlan, entryResult, entryText } from "./journal-entry.ts";

export const command: Command = defineCommand({
  arguments: { text: { summary: "The entry; its first line becomes its title", prose: true } },
  options: { session: SESSION_OPTION },
  writes: true,
  details: ["SESSION.md is frozen from the claim on; how the work really goes on is planned here."],
  examples: [{ says: "the next steps", line: 'berth plan "Next: count attempts per address, then per account"' }],
  run: async (invocation) => {
    const { session } = invocation.options;
    const text = await entryText(invocation, invocation.args.text, 'berth plan "Next: count attempts per address"');
    const berth = await invocation.open();
    if (invocation.dryRun) return entryPlan(berth, session, ".session/active-plan.md", text);
    return entryResult("Planned in", await berth.plan({ text, session }));
  },
});
