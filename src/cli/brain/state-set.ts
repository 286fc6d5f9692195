import { type Command, defineCommand } from "../command.ts";
import { dryRunResult } from "../report.ts";
import { stateResult } from "./state-shown.ts";

export const command: Command = defineCommand({
  options: {
    mode: {
      type: "text",
      value: "MODE",
      choices: ["analysis", "planning", "coding", "disabled"],
      summary: "What may be done now",
    },
    task: { type: "text", value: "TEXT", summary: 'What is worked on; "" for nothing' },
    feature: { type: "text", value: "TEXT", summary: 'What it belongs to; "" for nothing' },
  },
  writes: true,
  details: [
    "What is left out stays. When two write at once the last one stands, and what it wrote over is in `state history`; with `brain.conflicts: merge` both changes do.",
  ],
  examples: [
    { says: "begin to build", line: 'berth state set --mode coding --task "Sign tokens"' },
    { says: "nothing in work", line: 'berth state set --task ""' },
  ],
  run: async ({ options, dryRun, open }) => {
    const berth = await open();
    const { mode, task, feature } = options;
    if (dryRun) return dryRunResult({ plan: await berth.sessionPlan({ mode, task, feature }) });
    const { state, conflict, warnings } = await berth.changeSession({ mode, task, feature });
    const over = conflict
      ? [
          conflict.resolution === "merge"
            ? "Somebody else wrote at the same time: both changes stand."
            : `Somebody else wrote at the same time: their version ${conflict.overwritten} was written over, and is kept (berth state history).`,
        ]
      : [];
    return stateResult(state, { warnings: [...warnings, ...over] });
  },
});
