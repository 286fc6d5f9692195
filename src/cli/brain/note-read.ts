import { BerthError } from "../../errors.ts";
import { type Command, defineCommand } from "../command.ts";
import { plainBlock } from "../text.ts";
import { NOTE } from "./note-argument.ts";

export const command: Command = defineCommand({
  arguments: { note: NOTE },
  examples: [{ says: "the state as it is kept", line: "berth brain read sessions/session" }],
  run: async ({ args, open }) => {
    const { note } = await (await open()).noteRead({ path: args.note });
    if (note === null)
      throw new BerthError("NOT_FOUND", `There is no note ${JSON.stringify(args.note)}.`, {
        hint: "See which there are: berth brain list",
        facts: { path: args.note },
      });
    return { data: { note }, text: () => plainBlock(note.text).trimEnd() };
  },
});
