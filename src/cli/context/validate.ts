import { type Command, defineCommand } from "../command.ts";
import { problemLines } from "./shown.ts";

export const command: Command = defineCommand({
  arguments: { files: { summary: "Contexts and ticket.yml; without any, all of this checkout", repeatable: true } },
  details: ["All problems of all files in one run, each with its place. Exits with 1 when any file is invalid."],
  examples: [
    { says: "every context here", line: "berth context validate" },
    { says: "one file", line: "berth context validate docs/session-context/ACTIVE_SESSION.md" },
  ],
  run: async ({ args, open }) => {
    const { files } = await (await open()).contextValidate({ files: args.files });
    const wrong = files.filter(({ valid }) => !valid);
    return {
      data: { files },
      text: (page) =>
        [
          ...wrong.flatMap(({ file, problems }) => problemLines(file, problems, page)),
          wrong.length === 0
            ? page.style("green", `${count(files.length)}, nothing is wrong.`)
            : page.style(
                "red",
                `${wrong.length} of ${count(files.length)} ${wrong.length === 1 ? "is" : "are"} invalid.`,
              ),
        ].join("\n"),
      brief: wrong.map(({ file }) => file).join("\n"),
      exitCode: wrong.length === 0 ? 0 : 1,
    };
  },
});

function count(files: number): string {
  return files === 1 ? "1 document" : `${files} documents`;
}
