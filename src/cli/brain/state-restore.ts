import { type Command, defineCommand } from "../command.ts";
import { wholeNumber } from "../live/arguments.ts";
import { dryRunResult } from "../report.ts";
import { stateResult } from "./state-shown.ts";

export const command: Command = defineCommand({
  arguments: { version: { summary: "The version, as `state history` shows it", required: true } },
  writes: true,
  details: ["The state becomes what it was then, as a new version: nothing of the history goes."],
  examples: [{ says: "bring back what was written over", line: "berth state restore 12" }],
  run: async ({ args, dryRun, open }) => {
    const version = wholeNumber(args.version, "VERSION") ?? 0;
    const berth = await open();
    if (dryRun) {
      const { versions } = await berth.stateHistory({ limit: Number.MAX_SAFE_INTEGER });
      return dryRunResult({
        plan: { becomes: versions.find(({ state }) => state.version === version)?.state ?? null },
      });
    }
    const { state, warnings } = await berth.stateRestore({ version });
    return stateResult(state, { headline: `The state is what it was in version ${version}`, warnings });
  },
});
