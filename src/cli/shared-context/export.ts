import { type Command, defineCommand } from "../command.ts";

export const command: Command = defineCommand({
  details: ["Prints shared_context.json: the agents as sessions, what is shared, the last 50 versions."],
  examples: [{ says: "into a file", line: "berth shared export > shared_context.json" }],
  run: async ({ open }) => {
    const { context } = await (await open()).sharedExport({});
    const text = JSON.stringify(context, null, 2);
    return { data: { context }, text: () => text, brief: text };
  },
});
