import { type Command, defineCommand } from "../command.ts";
import { verbsOf } from "./arguments.ts";
import { taskResult } from "./task-result.ts";

export const command: Command = defineCommand({
  arguments: { id: { summary: "A task that you have, or nobody", required: true } },
  options: {
    to: { type: "text", value: "AGENT|ROLE", summary: "Who is to go on with it", required: true },
    note: { type: "text", summary: "How far it is" },
  },
  writes: true,
  examples: [
    { says: "to somebody who can", line: 'berth task hand t-1a2b3c4d --to backend --note "the API lacks a field"' },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const { to, note } = options;
    return taskResult("Handed over", await verbsOf(await open(), dryRun).handTask({ id: args.id, to, note }), dryRun);
  },
});
