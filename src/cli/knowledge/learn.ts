import { type Command, defineCommand } from "../command.ts";
import { SESSION_OPTION } from "../session/arguments.ts";
import { entryPlan, entryResult, entryText } from "../session/journal-entry.ts";

export const command: Command = defineCommand({
  arguments: { text: { summary: "What was learnt; its first line becomes its title", prose: true } },
  options: { session: SESSION_OPTION },
  writes: true,
  details: [
    "Learnings land with the session. When it is completed they become a knowledge session, in which somebody merges them " +
      "into what the team has agreed on.",
  ],
  examples: [{ says: "in a workspace", line: 'berth learn "The login tests need TZ=UTC"' }],
  run: async (invocation) => {
    const { session } = invocation.options;
    const text = await entryText(invocation, invocation.args.text, 'berth learn "The login tests need TZ=UTC"');
    const berth = await invocation.open();
    if (invocation.dryRun) return entryPlan(berth, session, "learnings.md", text);
    return entryResult("Noted for", await berth.learn({ text, session }));
  },
});
