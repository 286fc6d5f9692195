import { type Command, defineCommand } from "../command.ts";
import { warningNotes } from "../report.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  arguments: { tool: { summary: "A tool's name, such as Edit or Bash", required: true } },
  details: [
    "What a mode refuses is in the settings (`brain.blocks`). Where there is no state, or it cannot be read, only tools that read are allowed. Exit code 7 means refused.",
  ],
  examples: [{ says: "whether files may be edited now", line: "berth state gate Edit" }],
  run: async ({ args, open }) => {
    const { allowed, mode, reason, warnings } = await (await open()).stateGate({ tool: args.tool });
    return {
      data: { allowed, mode, reason, warnings },
      text: () => plain(reason ?? `${args.tool} may be used${mode === null ? "" : ` in the mode ${mode}`}.`),
      brief: allowed ? "allowed" : "refused",
      notes: warningNotes(warnings),
      exitCode: allowed ? 0 : 7,
    };
  },
});
