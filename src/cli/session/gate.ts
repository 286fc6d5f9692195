import { type Command, defineCommand } from "../command.ts";
import { readStandardInput } from "../input.ts";

export const command: Command = defineCommand({
  arguments: {
    hook: { summary: "The hook of git that asks", required: true, choices: ["commit-msg", "pre-commit", "pre-push"] },
    args: { summary: "What git gives the hook", repeatable: true },
  },
  details: ["Called by the git hooks of Berth's workspaces. A pre-push hook gets the references on standard input."],
  examples: [{ says: "what the commit-msg hook runs", line: "berth gate commit-msg .git/COMMIT_EDITMSG" }],
  run: async ({ args, open, terminal, signal }) => {
    const input = args.hook === "pre-push" ? await readStandardInput(terminal, signal) : undefined;
    const berth = await open();
    const judged = await berth.gate({ hook: args.hook, args: args.args, input });
    return { data: judged ?? {}, text: () => "" };
  },
});
