import { type Command, defineCommand } from "../command.ts";
import { dryRunResult } from "../report.ts";
import { plain } from "../text.ts";
import { usageError } from "../usage-error.ts";
import { TICKET, typedValue } from "./shown.ts";

export const command: Command = defineCommand({
  arguments: {
    key: { summary: "A key path such as mode, or task.status", required: true },
    value: { summary: "JSON, or words as they are", prose: true },
  },
  options: {
    add: { type: "text", value: "VALUE", repeatable: true, summary: "Append to the list there" },
    drop: { type: "text", value: "VALUE", repeatable: true, summary: "Take out of the list there" },
    remove: { type: "flag", summary: "Take the key away" },
    text: { type: "flag", summary: "VALUE is text, even where it looks like JSON" },
    ...TICKET,
  },
  writes: true,
  details: ["Everything else of the document keeps its bytes; last_updated is set. Two changes at once both count."],
  examples: [
    { says: "go on to the next way of working", line: "berth context set mode evaluate" },
    { says: "a decision", line: 'berth context set decisions --add "Tokens, not cookies"' },
    { says: "the status of the issue", line: "berth context set task.status in_review" },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const lists = options.add.length + options.drop.length > 0;
    if ([args.value !== undefined, lists, options.remove].filter(Boolean).length !== 1)
      throw usageError("Give a VALUE, or --add and --drop, or --remove.", "For example: berth context set mode build");
    const typed = (all: readonly string[]): Promise<unknown[]> =>
      Promise.all(all.map((one) => typedValue(one, options.text)));
    const berth = await open();
    const made = await berth.contextSet({
      key: args.key,
      ticket: options.ticket,
      dryRun,
      ...(args.value === undefined ? {} : { value: await typedValue(args.value, options.text) }),
      ...(lists ? { add: await typed(options.add), drop: await typed(options.drop) } : {}),
    });
    const { path, changed, value } = made;
    if (dryRun) return dryRunResult({ plan: { path, changed, value } });
    return {
      data: { path, changed, value: value ?? null },
      text: () => plain(changed.length === 0 ? `${path} has that already.` : `${path}: ${changed.join(", ")}`),
      brief: path,
    };
  },
});
