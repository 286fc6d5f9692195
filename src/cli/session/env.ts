import { type Command, defineCommand } from "../command.ts";
import { sessionHere } from "./arguments.ts";

export const command: Command = defineCommand({
  arguments: { id: sessionHere(["active"]) },
  options: {
    shell: {
      type: "text",
      choices: ["bash", "zsh", "fish"],
      summary: "Whose syntax; default: that of SHELL, else bash",
    },
  },
  examples: [
    { says: "bash and zsh", line: 'eval "$(berth env)"' },
    { says: "fish", line: "berth env --shell fish | source" },
  ],
  run: async ({ args, options, open, terminal }) => {
    const berth = await open();
    const shell = options.shell ?? (terminal.env["SHELL"]?.endsWith("fish") === true ? "fish" : "bash");
    const { text, ...rest } = await berth.env({ id: args.id, shell });
    return { data: { ...rest, text }, text: () => text };
  },
});
