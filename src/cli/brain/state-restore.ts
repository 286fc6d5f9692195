import { type Command, defineCommand } from "../command.ts";
import { wholeNumber } from "../live/arguments.ts";
import { dryRunResult } from "../report.ts";
import { stateResult } from "./state-shown.ts";

export const command: Command = defineCommand({
  arguments: { version: { summary: "The version, as `state history` shows it", required: true } },
  options: {
    at: { type: "text", value: "TIME", summary: "When it was written, where several have that number" },
  },
  writes: true,
  details: [
    "Mode, task, feature and the history of modes become what they were then, as a new version; the record of agents stays. Nothing of the history goes.",
  ],
  examples: [{ says: "bring back what was written over", line: "berth state restore 12" }],
  run: async ({ args, options, dryRun, open }) => {
    const version = wholeNumber(args.version, "VERSION") ?? 0;
    const berth = await open();
    const { at } = options;
    if (dryRun) return dryRunResult({ plan: await berth.stateRestorePlan({ version, at }) });
    const { state, warnings } = await berth.stateRestore({ version, at });
    return stateResult(state, { headline: `The state is what it was in version ${version}`, warnings });
  },
});
