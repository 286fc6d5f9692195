import { type Command, defineCommand } from "../command.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  arguments: { text: { summary: "What to look for, in any case of letters", required: true, prose: true } },
  examples: [{ says: "where tokens are spoken of", line: "berth brain search tokens" }],
  run: async ({ args, open }) => {
    const { hits } = await (await open()).noteSearch({ text: args.text });
    return {
      data: { hits },
      text: (page) =>
        hits.length === 0
          ? "Nothing was found."
          : hits
              .map(({ path, line, text }) => `${page.style("cyan", plain(`${path}:${line}`))}: ${plain(text)}`)
              .join("\n"),
      brief: [...new Set(hits.map(({ path }) => plain(path)))].join("\n"),
    };
  },
});
