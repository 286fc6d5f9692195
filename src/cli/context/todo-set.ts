import { type Command, defineCommand } from "../command.ts";
import { usageError } from "../usage-error.ts";
import { PRIORITY, STATUS, todoResult } from "./todo-result.ts";
import { TICKET } from "./shown.ts";

export const command: Command = defineCommand({
  arguments: { id: { summary: "The todo", required: true } },
  options: {
    content: { type: "text", value: "TEXT", summary: "What is to be done" },
    ...STATUS,
    ...PRIORITY,
    ...TICKET,
  },
  writes: true,
  examples: [{ says: "it is done", line: "berth context todo set 2 --status completed" }],
  run: async ({ args, options, dryRun, open }) => {
    if (options.content === undefined && options.status === undefined && options.priority === undefined)
      throw usageError("Say what is to change.", "For example: berth context todo set 2 --status completed");
    return todoResult(await (await open()).todoSet({ id: args.id, ...options, dryRun }), dryRun);
  },
});
