import { type Command, defineCommand } from "../command.ts";
import { dryRunResult } from "../report.ts";
import { plain } from "../text.ts";
import { NOTE } from "./note-argument.ts";

export const command: Command = defineCommand({
  arguments: { note: NOTE, text: { summary: "The whole text", required: true, prose: true } },
  options: {
    expected: {
      type: "text",
      value: "CHECKSUM",
      summary: 'Only where the note has this checksum now; "" where there is none yet',
    },
  },
  writes: true,
  details: ["What the note said before is in `brain versions`."],
  examples: [
    { says: "a note", line: 'berth brain write plans/login "Tokens first"' },
    { says: "from a file", line: "berth brain write plans/login - < plan.md" },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const { note: path, text } = args;
    const expected = options.expected === "" ? null : options.expected;
    const berth = await open();
    if (dryRun)
      return dryRunResult({ plan: { path, characters: text.length, was: (await berth.noteRead({ path })).note } });
    const { note } = await berth.noteWrite({ path, text, expected });
    return { data: { note }, text: () => plain(`${note.path} is written.`), brief: note.checksum };
  },
});
