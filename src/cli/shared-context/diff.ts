import { type Command, defineCommand } from "../command.ts";
import { wholeNumber } from "../live/arguments.ts";
import { plain } from "../text.ts";
import { valueText } from "./value.ts";

export const command: Command = defineCommand({
  arguments: {
    from: { summary: "A version", required: true },
    to: { summary: "Another one; without it the newest" },
  },
  examples: [{ says: "what came since", line: "berth shared diff 12" }],
  run: async ({ args, open }) => {
    const from = wholeNumber(args.from, "FROM") ?? 0;
    const found = await (await open()).sharedDiff({ from, to: wholeNumber(args.to, "TO") });
    return {
      data: found,
      text: (page) =>
        found.changes.length === 0
          ? "No difference."
          : found.changes
              .map(({ path, before, after }) =>
                [
                  page.style("bold", plain(path || '""')),
                  ...(before === undefined ? [] : lines("-", before).map((line) => page.style("red", line))),
                  ...(after === undefined ? [] : lines("+", after).map((line) => page.style("green", line))),
                ].join("\n"),
              )
              .join("\n"),
      brief: found.changes.map(({ path }) => path).join("\n"),
    };
  },
});

function lines(sign: string, value: unknown): string[] {
  return valueText(value)
    .split("\n")
    .map((line) => `${sign} ${plain(line)}`);
}
