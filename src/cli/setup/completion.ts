import { type Command, defineCommand } from "../command.ts";
import { COMPLETION_SCRIPTS, SHELLS } from "../completion/scripts.ts";

export const command: Command = defineCommand({
  arguments: { shell: { summary: "The shell", required: true, choices: SHELLS } },
  details: ["Completes verbs, options, their values, and the ids of sessions that fit the verb."],
  examples: [
    { says: "bash, in ~/.bashrc", line: "source <(berth completion bash)" },
    { says: "zsh, in ~/.zshrc after compinit", line: "source <(berth completion zsh)" },
    { says: "fish, in ~/.config/fish/config.fish", line: "berth completion fish | source" },
  ],
  run: ({ args }) => {
    const script = COMPLETION_SCRIPTS[args.shell];
    return Promise.resolve({ data: { shell: args.shell, script }, text: () => script });
  },
});
