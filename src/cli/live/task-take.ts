import { type Command, defineCommand } from "../command.ts";
import { verbsOf } from "./arguments.ts";
import { taskResult } from "./task-result.ts";

export const command: Command = defineCommand({
  arguments: { id: { summary: "One task; without it the best one for your role" } },
  writes: true,
  details: ["You must be registered (berth agent register): a task of somebody who dies goes back to the queue."],
  examples: [{ says: "the next one", line: "berth task take" }],
  run: async ({ args, dryRun, open }) =>
    taskResult("Took", await verbsOf(await open(), dryRun).takeTask({ id: args.id }), dryRun),
});
