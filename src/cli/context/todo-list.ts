import { type Command, defineCommand } from "../command.ts";
import { STATUS, todoTable } from "./todo-result.ts";
import { TICKET } from "./shown.ts";

export const command: Command = defineCommand({
  options: { ...STATUS, ...TICKET },
  examples: [{ says: "what is left", line: "berth context todo list --status pending" }],
  run: async ({ options, open }) => {
    const found = await (await open()).todoList(options);
    return {
      data: found,
      text: (page) =>
        found.todos.length === 0
          ? 'No todos. Add one with: berth context todo add "TEXT"'
          : todoTable(found.todos, page),
      brief: found.todos.map(({ id }) => id).join("\n"),
    };
  },
});
