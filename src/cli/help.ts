import { type Command, defineCommand } from "./command.ts";
import { overview, unknownVerb, verbHelp } from "./help-text.ts";
import { findVerb } from "./registry.ts";

export const command: Command = defineCommand({
  arguments: {
    verb: { summary: "The verb to explain", repeatable: true, completes: { kind: "verbs" } },
  },
  details: ["Without a verb, lists all of them. With --json the same is printed as data."],
  examples: [
    { says: "everything there is", line: "berth help" },
    { says: "one verb, with its options and examples", line: "berth help claim" },
  ],
  run: async ({ args }) => {
    if (args.verb.length === 0) return overview();
    const verb = findVerb(args.verb);
    if (verb === undefined) throw unknownVerb(args.verb);
    return verbHelp(verb, (await verb.load()).command);
  },
});
