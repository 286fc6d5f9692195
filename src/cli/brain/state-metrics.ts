import { type Command, defineCommand } from "../command.ts";

export const command: Command = defineCommand({
  details: ["In the text format that Prometheus reads."],
  examples: [{ says: "the counters", line: "berth state metrics" }],
  run: async ({ open }) => {
    const { text } = await (await open()).stateMetrics();
    return { data: { text }, text: () => text.trimEnd() };
  },
});
