import { type Command, defineCommand } from "../command.ts";
import { sessionHere } from "../session/arguments.ts";
import { table } from "../table.ts";
import { plain } from "../text.ts";
import { ago } from "../time.ts";

export const command: Command = defineCommand({
  arguments: { id: sessionHere(["active", "planned", "completed", "abandoned"]) },
  details: [
    "Those of the session one stands in, or of all of them; the newest first. What another machine has pushed comes with: git fetch REMOTE 'refs/berth/checkpoints/*:refs/berth/checkpoints/*'",
  ],
  examples: [
    { says: "in a workspace", line: "berth checkpoint list" },
    { says: "for a program", line: "berth checkpoint list 2026-11-21-limit-logins --json" },
  ],
  run: async ({ args, open }) => {
    const berth = await open();
    const listed = await berth.checkpointList({ id: args.id });
    const rows = listed.checkpoints;
    return {
      data: listed,
      text: (page) =>
        rows.length === 0
          ? "There are no checkpoints. Take one with: berth checkpoint"
          : table(
              rows,
              [
                { title: "AGE", cell: (row) => (row.at === null ? "" : ago(row.at, page.now)) },
                { title: "FILES", cell: (row) => (row.files === null ? "" : String(row.files)) },
                { title: "AGENT", cell: (row) => row.agent ?? "", shrinks: true },
                {
                  title: "CHECKPOINT",
                  cell: (row) => row.ref.replace("refs/berth/checkpoints/", ""),
                  paint: (text) => page.style("bold", text),
                },
                {
                  title: "FOR",
                  cell: (row) => plain(row.problem ?? row.message ?? ""),
                  shrinks: true,
                  paint: (text, row) => (row.problem === null ? text : page.style("red", text)),
                },
              ],
              page,
            ),
      brief: rows.map(({ ref }) => ref).join("\n"),
    };
  },
});
