import { type Command, defineCommand } from "../command.ts";
import { wholeNumber } from "../live/arguments.ts";
import { conflictText, shownValue } from "./value.ts";

export const command: Command = defineCommand({
  arguments: { path: { summary: "A key path such as tasks.login.status; without it the whole" } },
  options: { version: { type: "text", value: "N", summary: "As it was then" } },
  details: [
    "What you read is what your next write starts from. Conflicts that are not resolved are shown with their values.",
    "On a terminal a text has no control characters, and its lines are indented where there are several; a pipe is given it as it is. With open conflicts a text is indented in a pipe too, except with --quiet.",
  ],
  examples: [
    { says: "everything", line: "berth shared get" },
    { says: "one key, three versions ago", line: "berth shared get api.version --version 12" },
  ],
  run: async ({ args, options, open, terminal }) => {
    const berth = await open();
    const found = await berth.sharedGet({ path: args.path, version: wholeNumber(options.version, "--version") });
    const value = (isFollowed: boolean): string => shownValue(found.value, terminal.stdout.isTTY === true, isFollowed);
    return {
      data: found,
      text: (page) =>
        [found.found ? value(found.conflicts.length > 0) : "Nothing is there.", conflictText(found.conflicts, page)]
          .filter(Boolean)
          .join("\n\n"),
      brief: found.found ? value(false) : "",
    };
  },
});
