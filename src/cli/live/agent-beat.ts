import { type Command, defineCommand } from "../command.ts";
import { dryRunResult } from "../report.ts";
import { beginSpan, ended, FOR } from "../stream.ts";
import { plain } from "../text.ts";
import { AGENT_ID, verbsOf } from "./arguments.ts";

export const command: Command = defineCommand({
  options: {
    ...AGENT_ID,
    every: { type: "seconds", value: "S", summary: "Go on, with a sign every so many seconds" },
    ...FOR,
  },
  writes: true,
  details: [
    "With --every it keeps a connection to the store as well, whose end shows on other machines that the agent has died.",
    "Every verb that a registered agent calls is a sign of life too, and a verb that runs long gives one every `live.beat` seconds. " +
      "Who thinks for minutes without calling any can let --every run beside.",
  ],
  examples: [
    { says: "still there", line: "berth agent beat --id reviewer" },
    { says: "beside your work, until it is interrupted", line: "berth agent beat --id reviewer --every 30" },
  ],
  run: async ({ options, dryRun, open, signal }) => {
    const berth = await open();
    const id = options.id ?? berth.project.caller.name;
    if (dryRun || options.every === undefined) {
      const { agent } = await verbsOf(berth, dryRun).beat({ id });
      if (dryRun) return dryRunResult({ plan: { agent } });
      return { data: { agent }, text: () => `${plain(agent.id)} was heard.`, brief: agent.id };
    }
    const stay = await berth.stay({ id, everyMs: options.every });
    const span = beginSpan(signal, options.for);
    const over = new Promise<void>((resolve) => span.signal.addEventListener("abort", () => resolve(), { once: true }));
    try {
      await Promise.race([over, stay.ended]);
    } finally {
      span.clear();
      await stay.release();
    }
    return ended(signal);
  },
});
