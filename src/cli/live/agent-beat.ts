import { type Command, defineCommand } from "../command.ts";
import { dryRunResult } from "../report.ts";
import { plain } from "../text.ts";
import { AGENT_ID, verbsOf } from "./arguments.ts";

export const command: Command = defineCommand({
  options: AGENT_ID,
  writes: true,
  examples: [{ says: "still there", line: "berth agent beat --id reviewer" }],
  run: async ({ options, dryRun, open }) => {
    const berth = await open();
    const { agent } = await verbsOf(berth, dryRun).beat({ id: options.id ?? berth.project.caller.name });
    if (dryRun) return dryRunResult({ plan: { agent } });
    return { data: { agent }, text: () => `${plain(agent.id)} was heard.`, brief: agent.id };
  },
});
