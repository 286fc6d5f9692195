import { type Command, defineCommand } from "../command.ts";
import { wholeNumber } from "../live/arguments.ts";
import { conflictText, valueText } from "./value.ts";

export const command: Command = defineCommand({
  arguments: { path: { summary: "A key path such as tasks.login.status; without it the whole" } },
  options: { version: { type: "text", value: "N", summary: "As it was then" } },
  details: [
    "What you read is what your next write starts from. Conflicts that are not resolved are shown with their values.",
  ],
  examples: [
    { says: "everything", line: "berth shared get" },
    { says: "one key, three versions ago", line: "berth shared get api.version --version 12" },
  ],
  run: async ({ args, options, open }) => {
    const berth = await open();
    const found = await berth.sharedGet({ path: args.path, version: wholeNumber(options.version, "--version") });
    return {
      data: found,
      text: (page) =>
        [found.found ? valueText(found.value) : "Nothing is there.", conflictText(found.conflicts, page)]
          .filter(Boolean)
          .join("\n\n"),
      brief: found.found ? valueText(found.value) : "",
    };
  },
});
