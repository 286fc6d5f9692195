import { type Command, defineCommand } from "../command.ts";
import { wholeNumber } from "../live/arguments.ts";
import { warningNotes } from "../report.ts";
import { table } from "../table.ts";
import { plain } from "../text.ts";
import { ago } from "../time.ts";

export const command: Command = defineCommand({
  options: { limit: { type: "text", value: "N", summary: "How many at most; 20 without it" } },
  details: ["Newest first, with those that were written over or removed."],
  examples: [{ says: "what the state was lately", line: "berth state history --limit 5" }],
  run: async ({ options, open }) => {
    const { versions, warnings } = await (await open()).stateHistory({ limit: wholeNumber(options.limit, "--limit") });
    return {
      data: { versions, warnings },
      text: (page) =>
        versions.length === 0
          ? "There was no state yet."
          : table(
              versions,
              [
                {
                  title: "VERSION",
                  cell: ({ state }) => String(state.version),
                  paint: (text) => page.style("bold", text),
                },
                { title: "AGE", cell: ({ at }) => ago(at, page.now), paint: (text) => page.style("dim", text) },
                { title: "MODE", cell: ({ state }) => state.currentMode },
                { title: "TASK", cell: ({ state }) => plain(state.activeTask ?? ""), shrinks: true },
                { title: "FEATURE", cell: ({ state }) => plain(state.activeFeature ?? ""), shrinks: true },
              ],
              page,
            ),
      brief: versions.map(({ state }) => String(state.version)).join("\n"),
      notes: warningNotes(warnings),
    };
  },
});
