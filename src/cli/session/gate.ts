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
    // What git is about to record, it tells its hooks through the environment, which the library does not read.
    const { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_INDEX_FILE: index } = terminal.env;
    const author = name !== undefined && email !== undefined ? { name, email } : undefined;
    const passed = await berth.gate({ ...args, input, author, index });
    return { data: passed, text: () => "" };
  },
});
