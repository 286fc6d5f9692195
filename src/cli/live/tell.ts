import { type Command, defineCommand } from "../command.ts";
import { dryRunResult } from "../report.ts";
import { plain } from "../text.ts";
import { verbsOf } from "./arguments.ts";

export const command: Command = defineCommand({
  arguments: {
    to: { summary: "An agent, a role, or all", required: true },
    text: { summary: "What to say", required: true, prose: true },
  },
  writes: true,
  examples: [
    { says: "to one", line: 'berth tell reviewer "The API is on main"' },
    { says: "to all who are there", line: 'berth tell all "main is red; do not land"' },
  ],
  run: async ({ args, dryRun, open }) => {
    const { message } = await verbsOf(await open(), dryRun).tell({ to: args.to, text: args.text });
    if (dryRun) return dryRunResult({ plan: { message } });
    return { data: { message }, text: () => `Told ${message.to.map(plain).join(", ")}.`, brief: message.to.join("\n") };
  },
});
