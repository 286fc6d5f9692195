import { type Command, defineCommand } from "../command.ts";
import { REASON_OPTION, sessionHere } from "./arguments.ts";
import { endedResult } from "./ended.ts";

export const command: Command = defineCommand({
  arguments: { id: sessionHere(["drafting", "planned", "active"]) },
  options: { reason: REASON_OPTION },
  writes: true,
  details: ["Nothing is lost: every commit and every uncommitted file stays reachable, and the answer says where."],
  examples: [
    { says: "give up for good", line: 'berth abandon 2026-11-21-limit-logins --reason "The proxy does it now"' },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const berth = await open();
    const abandoned = await berth.abandon({ id: args.id, reason: options.reason, dryRun });
    return endedResult("Abandoned", abandoned, () => []);
  },
});
