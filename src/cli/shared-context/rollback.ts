import { type Command, defineCommand } from "../command.ts";
import { verbsOf, wholeNumber } from "../live/arguments.ts";
import { dryRunResult } from "../report.ts";

export const command: Command = defineCommand({
  arguments: { version: { summary: "What it is to be again", required: true } },
  options: { message: { type: "text", short: "m", summary: "Why" } },
  writes: true,
  details: ["It becomes a new version: nothing is taken out of the history."],
  examples: [{ says: "as it was", line: "berth shared rollback 12" }],
  run: async ({ args, options, dryRun, open }) => {
    const version = wholeNumber(args.version, "VERSION") ?? 0;
    const made = await verbsOf(await open(), dryRun).sharedRollback({ version, message: options.message });
    if (dryRun) return dryRunResult({ plan: made });
    return {
      data: made,
      text: () => `Version ${made.version} is what version ${made.restored} was.`,
      brief: String(made.version),
    };
  },
});
