import { type Command, defineCommand } from "../command.ts";
import { plain } from "../text.ts";
import { TICKET } from "./shown.ts";

export const command: Command = defineCommand({
  arguments: { title: { summary: "What is worked on", required: true, prose: true } },
  options: TICKET,
  details: ["A claim makes one by itself. What is there is never replaced."],
  examples: [{ says: "in a repository with one context", line: 'berth context init "Log in with tokens"' }],
  run: async ({ args, options, open }) => {
    const made = await (await open()).contextInit({ title: args.title, ticket: options.ticket });
    return { data: made, text: () => `Made ${plain(made.path)}.`, brief: made.path };
  },
});
