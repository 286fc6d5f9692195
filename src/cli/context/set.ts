import { type Command, defineCommand } from "../command.ts";
import { dryRunResult } from "../report.ts";
import { plain } from "../text.ts";
import { TICKET } from "./shown.ts";
import { CHANGE_ARGUMENTS, CHANGE_OPTIONS, changeTyped } from "./typed-change.ts";

export const command: Command = defineCommand({
  arguments: { key: { summary: "A key path such as mode, or task.status", required: true }, ...CHANGE_ARGUMENTS },
  options: { ...CHANGE_OPTIONS, ...TICKET },
  writes: true,
  details: ["Everything else of the document keeps its bytes; last_updated is set. Two changes at once both count."],
  examples: [
    { says: "go on to the next way of working", line: "berth context set mode evaluate" },
    { says: "a decision", line: 'berth context set decisions --add "Tokens, not cookies"' },
    { says: "the status of the issue", line: "berth context set task.status in_review" },
  ],
  run: async ({ args: { key, value: typed }, options: { ticket, ...given }, dryRun, open }) => {
    const { path, changed, value } = await changeTyped(
      { value: typed, ...given },
      "berth context set mode build",
      async (to) => (await open()).contextSet({ key, ticket, dryRun, ...to }),
    );
    if (dryRun) return dryRunResult({ plan: { path, changed, value } });
    return {
      data: { path, changed, value: value ?? null },
      text: () => plain(changed.length === 0 ? `${path} has that already.` : `${path}: ${changed.join(", ")}`),
      brief: path,
    };
  },
});
