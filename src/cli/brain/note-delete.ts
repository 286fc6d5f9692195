import { type Command, defineCommand } from "../command.ts";
import { dryRunResult } from "../report.ts";
import { plain } from "../text.ts";
import { NOTE } from "./note-argument.ts";

export const command: Command = defineCommand({
  arguments: { note: NOTE },
  options: { expected: { type: "text", value: "CHECKSUM", summary: "Only where the note has this checksum now" } },
  writes: true,
  details: ["What it said stays in `brain versions`."],
  examples: [{ says: "a note that is not needed any more", line: "berth brain delete plans/login" }],
  run: async ({ args, options, dryRun, open }) => {
    const path = args.note;
    const berth = await open();
    if (dryRun) return dryRunResult({ plan: { deletes: (await berth.noteRead({ path })).note } });
    const { deleted } = await berth.noteDelete({ path, expected: options.expected });
    return { data: { path, deleted }, text: () => plain(deleted ? `${path} is gone.` : `There was no note ${path}.`) };
  },
});
