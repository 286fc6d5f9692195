import { type Command, defineCommand } from "../command.ts";
import { REASON_OPTION, sessionHere } from "./arguments.ts";
import { endedResult } from "./ended.ts";

export const command: Command = defineCommand({
  arguments: { id: sessionHere(["active"]) },
  options: { reason: REASON_OPTION },
  writes: true,
  details: [
    "The session is planned again and anybody may claim it; what was done so far stays on its branch for them.",
  ],
  examples: [
    { says: "in its workspace", line: 'berth release --reason "Needs somebody who knows the payment code"' },
    { says: "from anywhere", line: 'berth release 2026-11-21-limit-logins --reason "Out of time"' },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const berth = await open();
    const released = await berth.release({ id: args.id, reason: options.reason, dryRun });
    return endedResult("Released", released, (id) => [[`berth claim ${id}`, "take it up again"]]);
  },
});
