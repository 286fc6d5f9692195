import { type Command, defineCommand } from "../command.ts";
import { sessionHere } from "./arguments.ts";

export const command: Command = defineCommand({
  arguments: { id: sessionHere(["active"]) },
  examples: [{ says: "go to a session's workspace", line: 'cd "$(berth path 2026-11-21-limit-logins)"' }],
  run: async ({ args, open }) => {
    const berth = await open();
    const found = await berth.path({ id: args.id });
    return { data: found, text: () => found.path };
  },
});
