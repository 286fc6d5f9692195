import { type Command, defineCommand } from "../command.ts";
import { verbsOf } from "../live/arguments.ts";
import { dryRunResult } from "../report.ts";
import { usageError } from "../usage-error.ts";
import { parsed } from "./set.ts";

export const command: Command = defineCommand({
  arguments: {
    path: { summary: "Where the conflict is", required: true },
    value: { summary: "A value of your own, as JSON", prose: true },
  },
  options: {
    take: { type: "text", choices: ["ours", "theirs", "base"], summary: "One of the values that are kept" },
    text: { type: "flag", summary: "VALUE is text, not JSON" },
    message: { type: "text", short: "m", summary: "Why, for the history and those who wrote there" },
  },
  writes: true,
  details: [
    "Ours is the value that stands when you decide, theirs the one that came later. All of them stay in the history; their writers are told.",
    "What was written there since is merged with your decision; where that would overwrite what you have not read, nothing is changed, and the exit code is 4.",
  ],
  examples: [
    { says: "the later one", line: "berth shared resolve api.version --take theirs" },
    { says: "neither", line: "berth shared resolve api.version 4" },
  ],
  run: async ({ args, options, dryRun, open }) => {
    if ((args.value === undefined) === (options.take === undefined))
      throw usageError("Give a VALUE, or --take.", "See both values with: berth shared get");
    const decision =
      options.take === undefined
        ? { value: (options.text ? args.value : await parsed(args.value ?? "")) as never }
        : { take: options.take };
    const made = await verbsOf(await open(), dryRun).sharedResolve({
      path: args.path,
      decision,
      message: options.message,
    });
    if (dryRun) return dryRunResult({ plan: made });
    return {
      data: made,
      text: () => `Decided, in version ${made.version}${made.merged ? ", merged with what was written since" : ""}.`,
      brief: String(made.version),
    };
  },
});
