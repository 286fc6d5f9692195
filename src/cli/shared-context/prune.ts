import { type Command, defineCommand } from "../command.ts";
import { verbsOf, wholeNumber } from "../live/arguments.ts";
import { dryRunResult } from "../report.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  options: {
    before: { type: "text", value: "VERSION", summary: "The version that is to be the oldest" },
    keep: { type: "text", value: "N", summary: "How many versions are to be left" },
  },
  writes: true,
  details: [
    "The newest value stays what it is; older versions can no longer be read, compared, or gone back to. What an open conflict refers to stays, and so do snapshots that were asked for. See what would go with --dry-run.",
  ],
  examples: [
    { says: "what would go", line: "berth shared prune --keep 1000 --dry-run" },
    { says: "all before a version", line: "berth shared prune --before 4200" },
  ],
  run: async ({ options, dryRun, open }) => {
    const made = await verbsOf(await open(), dryRun).sharedPrune({
      before: wholeNumber(options.before, "--before"),
      keep: wholeNumber(options.keep, "--keep"),
    });
    if (dryRun) return dryRunResult({ plan: made });
    const { first, removed, snapshots, heldBy } = made;
    const lines = [
      removed === 0
        ? `Nothing is older than version ${first}.`
        : `${removed} versions are gone; the oldest that is left is ${first}.`,
      ...(snapshots.length === 0 ? [] : [`Snapshots of older ones are left: ${snapshots.join(", ")}.`]),
      ...(heldBy.length === 0
        ? []
        : [`More stay for conflicts that are not resolved: ${heldBy.map((path) => plain(path || '""')).join(" ")}.`]),
    ];
    return { data: made, text: () => lines.join("\n"), brief: String(first) };
  },
});
