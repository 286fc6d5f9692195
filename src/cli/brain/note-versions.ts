import { type Command, defineCommand } from "../command.ts";
import { plainBlock } from "../text.ts";
import { NOTE } from "./note-argument.ts";

export const command: Command = defineCommand({
  arguments: { note: NOTE },
  details: [
    "Oldest first; what was written over or deleted too. A server keeps what a conflict or `state restore` wrote over, and what was deleted.",
  ],
  examples: [{ says: "what a note said before", line: "berth brain versions plans/login" }],
  run: async ({ args, open }) => {
    const { versions } = await (await open()).noteVersions({ path: args.note });
    return {
      data: { versions },
      text: (page) =>
        versions.length === 0
          ? "Nothing is kept of that note."
          : versions
              .map(({ at, text, checksum }) =>
                [page.style("bold", `${at}  ${checksum.slice(0, 12)}`), plainBlock(text).trimEnd()].join("\n"),
              )
              .join("\n\n"),
      brief: versions.map(({ checksum }) => checksum).join("\n"),
    };
  },
});
