import { type Command, defineCommand } from "../command.ts";
import { verbsOf } from "./arguments.ts";
import { taskResult } from "./task-result.ts";

export const command: Command = defineCommand({
  arguments: { id: { summary: "A task that you have", required: true } },
  options: { note: { type: "text", summary: "What came of it" } },
  writes: true,
  examples: [{ says: "it is done", line: 'berth task done t-1a2b3c4d --note "works on iOS as well"' }],
  run: async ({ args, options, dryRun, open }) =>
    taskResult("Done:", await verbsOf(await open(), dryRun).doneTask({ id: args.id, note: options.note }), dryRun),
});
