import type { Berth } from "../../open.ts";
import { type Command, defineCommand } from "../command.ts";
import { ledgerNote } from "../session/ledger-age.ts";
import type { Page } from "../style.ts";
import { table } from "../table.ts";
import { plain } from "../text.ts";
import { agentTable } from "./agents.ts";
import { lockTable } from "./lock.ts";
import { taskTable } from "./task-result.ts";

export const command: Command = defineCommand({
  fetches: true,
  details: [
    "What needs somebody comes first, each with the next command. Then sessions and who works them, agents with their last sign of life, locks and who waits for them, tasks.",
  ],
  examples: [
    { says: "what goes on", line: "berth status" },
    { says: "for a program", line: "berth status --json" },
  ],
  run: async ({ fetch, open, terminal }) => {
    const found = await (await open()).status({ fetch });
    return {
      data: found,
      text: (page) => statusText(found, page),
      brief: found.needsYou.map(({ kind, subject }) => `${kind} ${subject}`).join("\n"),
      notes: found.ledger
        ? ledgerNote(found.ledger, terminal)
        : ["note: no ledger yet; set the repository up with: berth init"],
    };
  },
});

/** So many of each kind are one screen. */
const MOST = 12;

/** The first rows of a long list, and where the others are. */
function shortened<T>(rows: readonly T[], text: (rows: readonly T[]) => string, all: string): string {
  if (rows.length <= MOST) return text(rows);
  return `${text(rows.slice(0, MOST))}\n  … and ${rows.length - MOST} more: ${all}`;
}

type Status = Awaited<ReturnType<Berth["status"]>>;

/** The screen: parts that have nothing to show are left out. */
export function statusText(found: Status, page: Page): string {
  const parts: [string, string][] = [];
  if (found.needsYou.length > 0)
    parts.push([
      page.style("red", "Needs you"),
      shortened(
        found.needsYou,
        (rows) => rows.map(({ text, next }) => `  ${plain(text)}\n    ${page.style("cyan", plain(next))}`).join("\n"),
        "berth status --json",
      ),
    ]);
  if (found.sessions.length > 0)
    parts.push(["Sessions", shortened(found.sessions, (rows) => sessionTable(rows, page), "berth list")]);
  if (found.predicted.length > 0)
    parts.push([
      page.style("yellow", "Would conflict"),
      shortened(found.predicted, (rows) => rows.map(predictedLine).join("\n"), "berth conflicts"),
    ]);
  if (found.agents.length > 0)
    parts.push(["Agents", shortened(found.agents, (rows) => agentTable(rows, page), "berth agents")]);
  if (found.locks.length > 0)
    parts.push(["Locks", shortened(found.locks, (rows) => lockTable(rows, page), "berth status --json")]);
  if (found.waiting.length > 0)
    parts.push([
      "Waiting",
      shortened(
        found.waiting,
        (rows) => rows.map(({ agent, paths }) => `  ${plain(agent)} for ${paths.map(plain).join(", ")}`).join("\n"),
        "berth status --json",
      ),
    ]);
  if (found.tasks.length > 0)
    parts.push(["Tasks", shortened(found.tasks, (rows) => taskTable(rows, page), "berth task list")]);
  if (parts.length === 0) return 'Nothing goes on here. Write work down with: berth draft "TITLE"';
  return parts.map(([title, text]) => `${page.style("bold", title)}\n${text}`).join("\n\n");
}

function predictedLine({ a, b, path, kind }: Status["predicted"][number]): string {
  return `  ${plain(path)} (${plain(kind)}): ${plain(a)} and ${b === null ? "the base branch" : plain(b)}`;
}

function sessionTable(rows: Status["sessions"], page: Page): string {
  return table(
    rows,
    [
      {
        title: "STATE",
        cell: (row) => row.state,
        paint: (text, row) => page.style(row.state === "active" ? "green" : "dim", text),
      },
      { title: "ID", cell: (row) => row.id, paint: (text) => page.style("bold", text) },
      { title: "AGENT", cell: (row) => plain(row.agent ?? ""), shrinks: true },
      { title: "TITLE", cell: (row) => plain(row.problem ?? row.title), shrinks: true },
    ],
    page,
  );
}
