import { type Command, defineCommand } from "../command.ts";
import { TICKET } from "../context/shown.ts";
import { CHANGE_ARGUMENTS, CHANGE_OPTIONS, changeTyped } from "../context/typed-change.ts";
import { dryRunResult } from "../report.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  arguments: {
    key: { summary: "A key path such as team, or gates.exit_criteria", required: true },
    ...CHANGE_ARGUMENTS,
  },
  options: { ...CHANGE_OPTIONS, ...TICKET },
  writes: true,
  details: [
    "Changes ticket.yml; everything else of it keeps its bytes. A ticket becomes done by ticket close alone, and is frozen from then on. Nothing is committed.",
  ],
  examples: [
    { says: "who works on it", line: "berth ticket set team lab" },
    { says: "what must hold at the end", line: 'berth ticket set exit_criteria --add "Better than last month"' },
    { says: "it waits for something", line: "berth ticket set status blocked" },
  ],
  run: async ({ args: { key, value: typed }, options: { ticket, ...given }, dryRun, open }) => {
    const made = await changeTyped({ value: typed, ...given }, "berth ticket set team lab", async (to) =>
      (await open()).ticketSet({ key, ticket, dryRun, ...to }),
    );
    if (dryRun) return dryRunResult({ plan: made });
    return {
      data: { ...made, value: made.value ?? null },
      text: () => plain(made.changed ? `${made.path}: ${key}` : `${made.path} has that already.`),
      brief: made.path,
    };
  },
});
