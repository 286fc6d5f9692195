import { type Command, defineCommand } from "../command.ts";
import { wholeNumber } from "../live/arguments.ts";
import { beginSpan, ended, FOR, printEach } from "../stream.ts";

export const command: Command = defineCommand({
  arguments: { path: { summary: "Only what is at, above or below this key path" } },
  options: {
    after: { type: "text", value: "N", summary: "Begin after this version, to miss none between two calls" },
    ...FOR,
  },
  details: [
    "One JSON line per change, on a terminal as well: new versions with what they wrote, conflicts with both values, and decisions.",
  ],
  examples: [
    { says: "everything that others write", line: "berth shared watch" },
    { says: "go on where you have read", line: "berth shared watch tasks --after 12 --for 60" },
  ],
  run: async ({ args, options, open, signal, printLine, clearProgress }) => {
    const berth = await open();
    const span = beginSpan(signal, options.for);
    try {
      const after = wholeNumber(options.after, "--after");
      const changes = await berth.sharedWatch({ path: args.path, after, signal: span.signal });
      clearProgress();
      await printEach(changes, printLine);
    } finally {
      span.clear();
    }
    return ended(signal);
  },
});
