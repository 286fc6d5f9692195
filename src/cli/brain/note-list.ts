import { type Command, defineCommand } from "../command.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  arguments: { pattern: { summary: "`*` for any part of a name, `**` for any folders; all without it" } },
  examples: [
    { says: "all notes of the project", line: "berth brain list" },
    { says: "the agents' records", line: "berth brain list 'sessions/agent-*'" },
  ],
  run: async ({ args, open }) => {
    const { notes, place } = await (await open()).noteList({ pattern: args.pattern });
    return {
      data: { notes, place },
      text: () => (notes.length === 0 ? plain(`No notes in ${place}.`) : notes.map((path) => plain(path)).join("\n")),
      brief: notes.map((path) => plain(path)).join("\n"),
    };
  },
});
