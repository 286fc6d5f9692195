import { type Command, defineCommand } from "../command.ts";
import { escapeInvisible } from "../text.ts";

export const command: Command = defineCommand({
  details: ["Prints shared_context.json: the agents as sessions, what is shared, the last 50 versions."],
  examples: [{ says: "into a file", line: "berth shared export > shared_context.json" }],
  run: async ({ open, terminal }) => {
    const { context } = await (await open()).sharedExport({});
    const json = JSON.stringify(context, null, 2);
    const text = terminal.stdout.isTTY === true ? escapeInvisible(json) : json;
    return { data: { context }, text: () => text, brief: text };
  },
});
