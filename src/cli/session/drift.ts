import { type Command, defineCommand } from "../command.ts";
import { plainBlock } from "../text.ts";
import { sessionHere } from "./arguments.ts";
import { refresh } from "./ledger-age.ts";

export const command: Command = defineCommand({
  arguments: { id: sessionHere(["active", "completed", "abandoned"]) },
  fetches: true,
  details: ["Criteria met, files planned and touched, subsessions added, time: as Markdown, and as data with --json."],
  examples: [{ says: "what became of the plan", line: "berth drift 2026-11-21-limit-logins" }],
  run: async ({ args, fetch, open }) => {
    const berth = await open();
    if (fetch) await refresh(berth);
    const drift = await berth.drift({ id: args.id });
    return { data: drift, text: () => plainBlock(drift.markdown) };
  },
});
