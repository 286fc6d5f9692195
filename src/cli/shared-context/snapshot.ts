import { type Command, defineCommand } from "../command.ts";
import { verbsOf } from "../live/arguments.ts";
import { dryRunResult } from "../report.ts";

export const command: Command = defineCommand({
  options: { message: { type: "text", short: "m", summary: "What for" } },
  writes: true,
  examples: [{ says: "before something bold", line: 'berth shared snapshot --message "before the split"' }],
  run: async ({ options, dryRun, open }) => {
    const made = await verbsOf(await open(), dryRun).sharedSnapshot({ message: options.message });
    if (dryRun) return dryRunResult({ plan: made });
    return { data: made, text: () => `Version ${made.version} is kept as a whole.`, brief: String(made.version) };
  },
});
