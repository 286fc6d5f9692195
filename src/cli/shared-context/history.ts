import { type Command, defineCommand } from "../command.ts";
import { wholeNumber } from "../live/arguments.ts";
import { table } from "../table.ts";
import { plain } from "../text.ts";
import { ago } from "../time.ts";

export const command: Command = defineCommand({
  options: { limit: { type: "text", value: "N", summary: "How many at most; 50 without it" } },
  examples: [{ says: "what was written lately", line: "berth shared history --limit 10" }],
  run: async ({ options, open }) => {
    const found = await (await open()).sharedHistory({ limit: wholeNumber(options.limit, "--limit") });
    return {
      data: found,
      text: (page) =>
        found.versions.length === 0
          ? "Nothing was written yet."
          : table(
              found.versions,
              [
                { title: "VERSION", cell: (row) => String(row.version), paint: (text) => page.style("bold", text) },
                { title: "AGENT", cell: (row) => plain(row.agent) },
                { title: "AGE", cell: (row) => ago(row.at, page.now), paint: (text) => page.style("dim", text) },
                {
                  title: "KEYS",
                  cell: (row) => plain(row.paths.map((path) => path || "(the whole)").join(" ")),
                  shrinks: true,
                },
                { title: "MESSAGE", cell: (row) => plain(row.message ?? ""), shrinks: true },
              ],
              page,
            ),
      brief: found.versions.map(({ version }) => String(version)).join("\n"),
    };
  },
});
