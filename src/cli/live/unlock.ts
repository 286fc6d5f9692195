import { type Command, defineCommand } from "../command.ts";
import { dryRunResult } from "../report.ts";
import { plain } from "../text.ts";
import { usageError } from "../usage-error.ts";
import { verbsOf } from "./arguments.ts";

export const command: Command = defineCommand({
  arguments: { path: { summary: "What you hold", repeatable: true, completes: { kind: "files" } } },
  options: { all: { type: "flag", summary: "All that you hold" } },
  writes: true,
  details: ["What you do not hold is passed over, so that repeating it is harmless. Who waits is woken."],
  examples: [
    { says: "one file", line: "berth unlock src/api.ts" },
    { says: "everything", line: "berth unlock --all" },
  ],
  run: async ({ args, options, dryRun, open }) => {
    if (args.path.length === 0 && !options.all)
      throw usageError("berth unlock needs PATH, or --all.", "See what is held with: berth status");
    const found = await verbsOf(await open(), dryRun).unlock({ paths: args.path, all: options.all });
    if (dryRun) return dryRunResult({ plan: found });
    return {
      data: found,
      text: () =>
        found.released.length === 0
          ? "You held none of that."
          : `Unlocked ${found.released.map(({ path }) => plain(path)).join(", ")}.`,
      brief: found.released.map(({ path }) => path).join("\n"),
    };
  },
});
