import { type Command, defineCommand } from "../command.ts";
import { verbsOf } from "./arguments.ts";
import { taskResult } from "./task-result.ts";

export const command: Command = defineCommand({
  arguments: { id: { summary: "A task that you have", required: true } },
  options: { reason: { type: "text", summary: "Why, for the next one who tries", required: true } },
  writes: true,
  details: ["It goes back to the queue; after three failures it is blocked, and whoever made it is told."],
  examples: [{ says: "it could not be done", line: 'berth task fail t-1a2b3c4d --reason "no phone at hand"' }],
  run: async ({ args, options, dryRun, open }) =>
    taskResult(
      "Failed:",
      await verbsOf(await open(), dryRun).failTask({ id: args.id, reason: options.reason }),
      dryRun,
    ),
});
