import { type Command, defineCommand } from "../command.ts";
import { PRIORITY, STATUS, todoResult } from "./todo-result.ts";
import { TICKET } from "./shown.ts";

export const command: Command = defineCommand({
  arguments: { content: { summary: "What is to be done", required: true, prose: true } },
  options: { ...STATUS, ...PRIORITY, ...TICKET },
  writes: true,
  examples: [{ says: "a todo", line: 'berth context todo add "Test the refusal" --priority high' }],
  run: async ({ args, options, dryRun, open }) =>
    todoResult(await (await open()).todoAdd({ content: args.content, ...options, dryRun }), dryRun),
});
