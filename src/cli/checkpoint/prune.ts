import { type Command, defineCommand } from "../command.ts";
import { wholeNumber } from "../live/arguments.ts";
import { dryRunResult } from "../report.ts";
import { sessionHere } from "../session/arguments.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  arguments: { id: sessionHere(["active", "planned", "completed", "abandoned"]) },
  options: {
    keep: { type: "text", value: "N", summary: "How many of a session stay; default: checkpoint.keep" },
    days: { type: "text", value: "N", summary: "How many days they stay; default: checkpoint.days" },
  },
  writes: true,
  details: [
    "One that is beyond the number or the age goes only where a later checkpoint, or what was committed since, holds the same contents; the others are named with what they alone have. The same is done whenever a checkpoint is taken.",
  ],
  examples: [
    { says: "what would go", line: "berth checkpoint prune --keep 10 --dry-run" },
    { says: "of one session", line: "berth checkpoint prune 2026-11-21-limit-logins --days 7" },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const berth = await open();
    const keep = wholeNumber(options.keep, "--keep");
    const done = await berth.checkpointPrune({
      id: args.id,
      keep,
      days: wholeNumber(options.days, "--days"),
      dryRun,
    });
    if ("plan" in done) return dryRunResult(done);
    const { drops, stays } = done.pruned;
    const lines = [
      drops.length === 0 ? "Nothing was removed." : `Removed ${drops.length} of which something newer holds the same.`,
      ...stays.map(({ ref, why }) => `  ${ref} stays: ${plain(why)}`),
    ];
    return { data: done, text: () => lines.join("\n"), brief: drops.map(({ ref }) => ref).join("\n") };
  },
});
