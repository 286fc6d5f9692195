import { type Command, defineCommand } from "../command.ts";
import { taskTable } from "./task-result.ts";

export const command: Command = defineCommand({
  options: { all: { type: "flag", summary: "Those that are done as well" } },
  examples: [{ says: "what there is to do", line: "berth task list" }],
  run: async ({ options, open }) => {
    const found = await (await open()).tasks({ all: options.all });
    return {
      data: found,
      text: (page) =>
        found.tasks.length === 0 ? 'No tasks. Add one with: berth task add "TITLE"' : taskTable(found.tasks, page),
      brief: found.tasks.map(({ id }) => id).join("\n"),
    };
  },
});
