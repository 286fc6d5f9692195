import { readJson } from "../../open.ts";
import { isBerthError } from "../../errors.ts";
import { type Command, defineCommand } from "../command.ts";
import { verbsOf, wholeNumber } from "../live/arguments.ts";
import { dryRunResult } from "../report.ts";
import { usageError } from "../usage-error.ts";
import { conflictText } from "./value.ts";

export const command: Command = defineCommand({
  arguments: {
    path: { summary: "A key path such as tasks.login.status", required: true },
    value: { summary: "JSON, or with --text words as they are; left out with --remove", prose: true },
  },
  options: {
    base: { type: "text", value: "N", summary: "The version it was made from; without it what you last read" },
    text: { type: "flag", summary: "VALUE is text, not JSON" },
    remove: { type: "flag", summary: "Take away what is there" },
    message: { type: "text", short: "m", summary: "What for, in the history" },
  },
  writes: true,
  details: [
    "Changes of others to other places are merged with it. Where both changed the same, the first value stands, both are kept, and the exit code is 4.",
  ],
  examples: [
    { says: "a value", line: 'berth shared set api.version 2 --message "new login"' },
    { says: "words", line: 'berth shared set notes.login "ask Ada" --text' },
  ],
  run: async ({ args, options, dryRun, open }) => {
    if ((args.value === undefined) !== options.remove)
      throw usageError("Give a VALUE, or --remove.", "For example: berth shared set api.version 2");
    const value = args.value === undefined ? undefined : options.text ? args.value : await parsed(args.value);
    const berth = await open();
    const made = await verbsOf(berth, dryRun).sharedSet({
      path: args.path,
      value: value as never,
      base: wholeNumber(options.base, "--base"),
      message: options.message,
    });
    if (dryRun) return dryRunResult({ plan: made });
    return {
      data: made,
      text: (page) =>
        made.conflict === null
          ? `Version ${made.version}${made.merged ? ", merged with what others wrote" : ""}.`
          : conflictText(made.conflicts, page),
      brief: String(made.version),
      ...(made.conflict === null ? {} : { exitCode: 4 as const }),
    };
  },
});

/** @throws BerthError USAGE, INVALID where something of it would be lost */
export async function parsed(text: string): Promise<unknown> {
  try {
    return await readJson(text);
  } catch (error) {
    if (isBerthError(error)) throw error;
    throw usageError(`The value is not JSON: ${text.slice(0, 60)}`, "For words as they are: --text");
  }
}
