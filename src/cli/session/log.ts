import { type Command, defineCommand } from "../command.ts";
import { SESSION_OPTION } from "./arguments.ts";
import { entryPlan, entryResult, entryText } from "./journal-entry.ts";

export const command: Command = defineCommand({
  arguments: { text: { summary: "The entry; its first line becomes its title", prose: true } },
  options: { session: SESSION_OPTION },
  writes: true,
  details: [
    "The entry is dated, committed on the session's branch and pushed. Without TEXT it is read from standard input, or written in your editor.",
  ],
  examples: [
    { says: "what happened and why", line: 'berth log "Chose tokens over cookies: the app has no server side"' },
    { says: "a longer one", line: "berth log - < notes.md" },
  ],
  run: async (invocation) => {
    const { session } = invocation.options;
    const text = await entryText(invocation, invocation.args.text, 'berth log "Chose tokens over cookies"');
    const berth = await invocation.open();
    if (invocation.dryRun) return entryPlan(berth, session, ".session/worklog.md", text);
    return entryResult("Logged in", await berth.log({ text, session }));
  },
});
