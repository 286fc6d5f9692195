import type { Berth } from "../../open.ts";
import { type Command, defineCommand } from "../command.ts";
import type { Page } from "../style.ts";
import { table } from "../table.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  options: {
    status: { type: "text", value: "WORD", summary: "open, active, blocked, done or abandoned", repeatable: true },
    phase: { type: "text", value: "PHASE", summary: "Only tickets of this phase", repeatable: true },
  },
  examples: [
    { says: "all of this checkout", line: "berth ticket list" },
    { says: "what waits for somebody", line: "berth ticket list --status open" },
  ],
  run: async ({ options, open }) => {
    const found = await (await open()).ticketList({ statuses: options.status, phases: options.phase });
    return {
      data: found,
      text: (page) => (found.tickets.length === 0 ? "No tickets here." : ticketTable(found.tickets, page)),
      brief: found.tickets.map(({ name }) => name).join("\n"),
    };
  },
});

type Row = Awaited<ReturnType<Berth["ticketList"]>>["tickets"][number];

const TONES: Readonly<Record<string, "dim" | "green" | "cyan" | "red">> = {
  open: "cyan",
  active: "green",
  blocked: "red",
  done: "dim",
  abandoned: "dim",
};

function ticketTable(rows: readonly Row[], page: Page): string {
  return table(
    rows,
    [
      {
        title: "STATUS",
        cell: ({ status }) => status ?? "?",
        paint: (text, { status }) => page.style(TONES[status ?? ""] ?? "red", text),
      },
      { title: "TICKET", cell: ({ name }) => plain(name), paint: (text) => page.style("bold", text) },
      { title: "PRIORITY", cell: ({ priority }) => priority },
      { title: "DONE", cell: ({ checklist }) => `${checklist.done}/${checklist.all}` },
      { title: "OPERATOR", cell: ({ operator }) => operator ?? "", shrinks: true },
      { title: "TITLE", cell: ({ problem, title }) => problem ?? title, shrinks: true },
    ],
    page,
  );
}
