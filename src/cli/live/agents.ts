import type { Berth } from "../../open.ts";
import { type Command, defineCommand } from "../command.ts";
import type { Page } from "../style.ts";
import { table } from "../table.ts";
import { plain } from "../text.ts";
import { ago } from "../time.ts";

export const command: Command = defineCommand({
  details: [
    "Live agents were heard of lately. Suspect ones are silent, or their process is gone while something still moves; " +
      "unknown ones are silent, and nothing here can tell. An agent that is shown to be dead is taken off the list: its locks are free, its tasks go back.",
  ],
  examples: [{ says: "who is there", line: "berth agents" }],
  run: async ({ open }) => {
    const found = await (await open()).agents({});
    return {
      data: found,
      text: (page) => (found.agents.length === 0 ? "No agent is registered." : agentTable(found.agents, page)),
      brief: found.agents.map(({ id }) => id).join("\n"),
    };
  },
});

export type AgentRow = Awaited<ReturnType<Berth["agents"]>>["agents"][number];

const TONES = { live: "green", suspect: "yellow", unknown: "yellow", dead: "red" } as const;

export function agentTable(rows: readonly AgentRow[], page: Page): string {
  return table(
    rows,
    [
      { title: "STATE", cell: (row) => row.state, paint: (text, row) => page.style(TONES[row.state], text) },
      { title: "AGENT", cell: (row) => plain(row.id), paint: (text) => page.style("bold", text) },
      { title: "ROLE", cell: (row) => plain(row.role) },
      { title: "SESSION", cell: (row) => plain(row.session ?? ""), shrinks: true },
      { title: "HEARD", cell: (row) => ago(row.beatAt, page.now), paint: (text) => page.style("dim", text) },
      { title: "SEEN", cell: (row) => plain(row.evidence.slice(1).join("; ")), shrinks: true },
    ],
    page,
  );
}
