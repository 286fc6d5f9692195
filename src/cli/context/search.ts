import { type Command, defineCommand } from "../command.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  arguments: { text: { summary: "Text to look for, in any case of letters", prose: true } },
  options: {
    where: {
      type: "text",
      value: "FIELD=VALUE",
      repeatable: true,
      summary: "Only contexts, or tickets, with this value there; of a list, in any item",
    },
    all: { type: "flag", summary: "The contexts of all branches, and not of this checkout alone" },
  },
  details: [
    "Looks through contexts, their archives and the ticket.yml beside them; for TEXT alone also through what migrations archived. A status is the same however it is written. With TEXT and --where, finds the text in the contexts whose fields are so; without TEXT, the fields themselves.",
  ],
  examples: [
    { says: "where somebody wrote of it", line: "berth context search tokens" },
    { says: "what is in work in the lab", line: "berth context search --where status=active --where agent=lab" },
    { says: "on any branch", line: "berth context search --all --where todos.status=pending" },
  ],
  run: async ({ args, options, open }) => {
    const { matches, problems } = await (await open()).contextSearch({ text: args.text, ...options });
    return {
      data: { matches, problems },
      text: (page) =>
        matches.length === 0
          ? "Nothing was found."
          : matches
              .map(({ file, line, text }) => `${page.style("cyan", plain(`${file}:${line}`))}: ${plain(text)}`)
              .join("\n"),
      brief: [...new Set(matches.map(({ file }) => plain(file)))].join("\n"),
      notes: problems.map(
        ({ file, message }) => `warning: ${plain(message.startsWith(file) ? message : `${file}: ${message}`)}`,
      ),
    };
  },
});
