import { type Command, defineCommand } from "../command.ts";
import { plainBlock } from "../text.ts";
import { sessionHere } from "./arguments.ts";

export const command: Command = defineCommand({
  arguments: { id: sessionHere(["active", "completed", "abandoned"]) },
  details: ["Criteria met, files planned and touched, subsessions added, time: as Markdown, and as data with --json."],
  examples: [{ says: "what became of the plan", line: "berth drift 2026-11-21-limit-logins" }],
  run: async ({ args, open }) => {
    const berth = await open();
    const drift = await berth.drift({ id: args.id });
    return { data: drift, text: () => plainBlock(drift.markdown) };
  },
});
