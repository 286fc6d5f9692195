import type { Berth } from "../../open.ts";
import { type Command, defineCommand } from "../command.ts";
import { warningNotes } from "../report.ts";
import { table } from "../table.ts";
import { plain } from "../text.ts";

type Ticket = Awaited<ReturnType<Berth["ticketList"]>>["tickets"][number];

const text = (value: string, summary: string): { type: "text"; value: string; summary: string } => ({
  type: "text",
  value,
  summary,
});

export const command: Command = defineCommand({
  options: {
    status: { ...text("WORD", "open, active, blocked, done or abandoned, however it is written"), repeatable: true },
    phase: text("PHASE", "Only of this phase"),
    mode: text("MODE", "Only in this mode"),
    agent: text("AGENT", "Only of this role"),
    priority: text("WORD", "now, next or future"),
    issue: text("N", "Only of this issue"),
    blocker: text("TEXT", "Only with this in a blocker; with an empty text, with any"),
    todo: text("TEXT", "Only with this in a todo"),
    todoStatus: text("WORD", "Only with a todo that is pending, in_progress, completed or cancelled"),
  },
  fetches: true,
  details: [
    "Reads the tickets of all branches, here and on the hub as last fetched, without checking anything out. Of a ticket's versions the newest is shown; where two branches changed it apart, both are, with the branches that have them.",
  ],
  examples: [
    { says: "what waits for something", line: "berth ticket list --blocker server" },
    { says: "what is open in a phase, as of now", line: "berth ticket list --phase training --status active --fetch" },
    { says: "for a program", line: "berth ticket list --todo-status in_progress --json" },
  ],
  run: async ({ options: { status, ...options }, fetch, open }) => {
    const { tickets, warnings } = await (await open()).ticketList({ ...options, statuses: status, fetch });
    return {
      data: { tickets, warnings },
      text: (page) =>
        tickets.length === 0
          ? "No such tickets."
          : table(
              tickets,
              [
                { title: "TICKET", cell: ({ ticket }) => ticket, paint: (cell) => page.style("bold", cell) },
                {
                  title: "STATUS",
                  cell: ({ status: now }) => now,
                  paint: (cell, row) => page.style(row.blockers.length > 0 ? "yellow" : "cyan", cell),
                },
                { title: "MODE", cell: ({ mode }) => mode },
                { title: "AGENT", cell: ({ agent }) => agent },
                { title: "PRIORITY", cell: ({ priority }) => priority },
                { title: "TODOS", cell: openTodos, alignRight: true },
                { title: "SESSION", cell: sessionOf, shrinks: true },
                { title: "BRANCH", cell: branches, shrinks: true },
                { title: "TITLE", cell: ({ problem, title }) => problem ?? title, shrinks: true },
                { title: "BLOCKED BY", cell: ({ blockers }) => blockers.join("; "), shrinks: true },
              ],
              page,
            ),
      notes: warningNotes(warnings),
      brief: [...new Set(tickets.map(({ ticket }) => plain(ticket)))].join("\n"),
    };
  },
});

/** Such as `2 of 5`: what is left of the list. */
function openTodos({ todos }: Ticket): string {
  const left = todos.filter(({ status }) => !/^(?:completed?|done|cancell?ed)$/i.test(status)).length;
  return todos.length === 0 ? "" : `${left} of ${todos.length}`;
}

function branches({ branches: all, diverged }: Ticket): string {
  const [first = "", ...more] = all;
  return `${diverged ? "apart on " : ""}${first}${more.length > 0 ? ` and ${more.length} more` : ""}`;
}

/** Such as `2026-11-21-train (active)`. */
function sessionOf({ session }: Ticket): string {
  return session === null ? "" : `${session.id} (${session.state})`;
}
