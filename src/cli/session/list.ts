import type { Berth } from "../../open.ts";
import { type Command, defineCommand, SESSION_STATES, type SessionState } from "../command.ts";
import type { Page } from "../style.ts";
import { plain } from "../text.ts";
import { table } from "../table.ts";
import { ago } from "../time.ts";
import { ledgerNote } from "./ledger-age.ts";

export const command: Command = defineCommand({
  options: {
    state: { type: "text", choices: SESSION_STATES, summary: "Only sessions in this state", repeatable: true },
    all: { type: "flag", summary: "Completed and abandoned sessions as well" },
  },
  fetches: true,
  details: [
    "Shows what this machine last fetched, and says how old that is. Damaged sessions come first, then active ones, then planned ones by priority.",
  ],
  examples: [
    { says: "what is open", line: "berth list" },
    { says: "what could be claimed, as of now", line: "berth list --state planned --fetch" },
    { says: "for a program", line: "berth list --all --json" },
  ],
  run: async ({ options, fetch, open, terminal }) => {
    const berth = await open();
    const listed = await berth.list({ states: options.state, all: options.all, fetch });
    const rows = [...listed.sessions].sort(byAttention);
    return {
      data: { ...listed, sessions: rows },
      text: (page) => (rows.length === 0 ? emptyText(options.state, options.all) : sessionTable(rows, page)),
      brief: rows.map(({ id }) => id).join("\n"),
      notes: ledgerNote(listed.ledger, terminal),
    };
  },
});

type Row = Awaited<ReturnType<Berth["list"]>>["sessions"][number];

const TONES = { drafting: "dim", planned: "cyan", active: "green", completed: "dim", abandoned: "dim" } as const;
const ORDER: readonly SessionState[] = ["active", "planned", "drafting", "completed", "abandoned"];
const PRIORITIES = ["now", "next", "future"];

/** Damage first, then by state; planned work by priority; what ended by when, the latest first. */
function byAttention(a: Row, b: Row): number {
  const damage = Number(b.problem !== null) - Number(a.problem !== null);
  const state = ORDER.indexOf(a.state) - ORDER.indexOf(b.state);
  const priority = PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority);
  return damage || state || order(b.endedAt ?? "", a.endedAt ?? "") || priority || order(a.id, b.id);
}

/** By code units: the rules of a language would have to be loaded first, and dates and ids need none. */
function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function sessionTable(rows: readonly Row[], page: Page): string {
  return table(
    rows,
    [
      {
        title: "STATE",
        cell: (row) => row.state,
        paint: (text, row) => page.style(row.problem === null ? TONES[row.state] : "red", text),
      },
      { title: "ID", cell: (row) => row.id, paint: (text) => page.style("bold", text) },
      {
        title: "PRIORITY",
        cell: (row) => (isOpen(row) ? row.priority : ""),
        paint: (text, row) => (row.priority === "now" ? page.style("yellow", text) : text),
      },
      { title: "AGENT", cell: (row) => row.agent ?? "", shrinks: true },
      {
        title: "AGE",
        cell: (row) => ago(row.endedAt ?? row.claimedAt ?? row.created, page.now),
        paint: (text) => page.style("dim", text),
      },
      {
        title: "TITLE",
        cell: (row) => row.problem ?? row.title,
        shrinks: true,
        paint: (text, row) => (row.problem === null ? text : page.style("red", text)),
      },
    ],
    page,
  );
}

function isOpen(row: Row): boolean {
  return row.state === "drafting" || row.state === "planned";
}

function emptyText(states: readonly string[], all: boolean): string {
  if (states.length > 0) return `No session is ${plain(states.join(" or "))}.`;
  return all
    ? 'No sessions yet. Write one down with: berth draft "TITLE"'
    : "No open sessions. See all with: berth list --all";
}
