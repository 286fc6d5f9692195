import { type Command, defineCommand } from "../command.ts";
import { wholeNumber } from "../live/arguments.ts";
import { dryRunResult } from "../report.ts";
import { plain } from "../text.ts";
import { TICKET } from "./shown.ts";

export const command: Command = defineCommand({
  options: {
    keep: { type: "text", value: "N", summary: "How many entries each list keeps; as the settings say without it" },
    ...TICKET,
  },
  writes: true,
  details: [
    "Older decisions, files and finished todos go to ACTIVE_SESSION.archive.md beside the context, where context search finds them. Open todos, blockers and next steps stay. Every change of a context does the same by itself once a list has more than context.keep entries.",
  ],
  examples: [
    { says: "make a long context short", line: "berth context archive --keep 10" },
    { says: "see what would go", line: "berth context archive --keep 10 --dry-run" },
  ],
  run: async ({ options, dryRun, open }) => {
    const keep = wholeNumber(options.keep, "--keep");
    const done = await (await open()).contextArchive({ keep, ticket: options.ticket, dryRun });
    if (dryRun) return dryRunResult({ plan: done });
    const moved = Object.entries(done.moved).map(([key, count]) => `${count} of ${key}`);
    return {
      data: done,
      text: () =>
        plain(moved.length === 0 ? `${done.path} is short enough.` : `Moved to ${done.archive}: ${moved.join(", ")}.`),
      brief: done.archive,
    };
  },
});
