import { isBerthError } from "../../errors.ts";
import { type Command, defineCommand } from "../command.ts";
import { verbsOf } from "./arguments.ts";
import { taskResult } from "./task-result.ts";

export const command: Command = defineCommand({
  arguments: { title: { summary: "What is to be done, in one line", required: true } },
  options: {
    id: { type: "text", summary: "A name of your own" },
    role: { type: "text", summary: "Who is to do it; without it anybody" },
    priority: { type: "text", choices: ["now", "next", "future"], summary: "How soon" },
    depends: { type: "text", value: "ID", summary: "A task that must be done first", repeatable: true },
    assign: { type: "flag", summary: "Give it at once to the live agent of the role with the fewest" },
  },
  writes: true,
  examples: [
    { says: "for whoever tests", line: 'berth task add "Try the login on a phone" --role testing' },
    { says: "after another one", line: 'berth task add "Write it down" --depends t-1a2b3c4d' },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const verbs = verbsOf(await open(), dryRun);
    const { id, role, priority, depends } = options;
    const added = await verbs.addTask({ title: args.title, id, role, priority, depends });
    if (!options.assign || dryRun) return taskResult("Queued", added, dryRun);
    try {
      return taskResult("Assigned", await verbs.assignTask({ id: added.task.id, role }), false);
    } catch (error) {
      // It is in the queue: who repeats the call would have it there twice.
      if (!isBerthError(error) || error.code !== "NOTHING_FITS") throw error;
      return taskResult("Queued", { ...added, warnings: [`Nobody has it yet: ${error.message}`] }, false);
    }
  },
});
