import { type Command, defineCommand } from "../command.ts";
import { stateResult } from "./state-shown.ts";

export const command: Command = defineCommand({
  details: [
    "The state belongs to the workspace you stand in, unless `brain.project` names one for all. Historic sessions become one at the first access (see berth brain migrate).",
  ],
  examples: [
    { says: "mode, task and feature here", line: "berth state get" },
    { says: "for a program", line: "berth state get --json" },
  ],
  run: async ({ open }) => {
    const { state, modeDescription, warnings } = await (await open()).stateGet();
    return stateResult(state, { description: modeDescription, warnings });
  },
});
