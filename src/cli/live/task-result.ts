import type { Berth } from "../../open.ts";
import type { Result } from "../command.ts";
import { dryRunResult, report, warningNotes } from "../report.ts";
import type { Page } from "../style.ts";
import { table } from "../table.ts";
import { plain } from "../text.ts";

export type TaskRow = Awaited<ReturnType<Berth["tasks"]>>["tasks"][number];

interface TaskAnswer {
  readonly task: TaskRow;
  /** What must be done first, and is not. */
  readonly waitsFor?: readonly string[];
  readonly warnings?: readonly string[];
}

/** One task, as the verbs that change it answer. */
export function taskResult(word: string, { task, waitsFor, warnings }: TaskAnswer, dryRun: boolean): Result {
  if (dryRun) return dryRunResult({ plan: { task } });
  return {
    data: { task, ...(waitsFor ? { waitsFor } : {}), ...(warnings ? { warnings } : {}) },
    text: (page) =>
      report(page, {
        headline: `${word} ${page.style("bold", task.id)}: ${plain(task.title)}`,
        facts: [
          ["status", task.status],
          ["agent", task.agent],
          ["note", task.note],
          ...task.handovers
            .filter(({ note }) => note !== task.note)
            .map(({ from, note }): [string, string] => [`left by ${plain(from)}`, note]),
          ["waits for", waitsFor?.join(", ")],
        ],
      }),
    brief: task.id,
    notes: warningNotes(warnings),
  };
}

const TONES = { queued: "cyan", assigned: "green", done: "dim", blocked: "red" } as const;

export function taskTable(rows: readonly TaskRow[], page: Page): string {
  return table(
    rows,
    [
      { title: "STATUS", cell: (row) => row.status, paint: (text, row) => page.style(TONES[row.status], text) },
      { title: "ID", cell: (row) => row.id, paint: (text) => page.style("bold", text) },
      { title: "PRIORITY", cell: (row) => row.priority },
      { title: "ROLE", cell: (row) => plain(row.role ?? "any") },
      { title: "AGENT", cell: (row) => plain(row.agent ?? "") },
      { title: "TITLE", cell: (row) => plain(row.title), shrinks: true },
      { title: "NOTE", cell: noteOf, shrinks: true },
    ],
    page,
  );
}

/** Why it came back, and what was left before: the first line of each. */
function noteOf({ note, handovers }: TaskRow): string {
  const left = handovers.at(-1);
  const lines = [note, ...(left && left.note !== note ? [`${left.from}: ${left.note}`] : [])];
  return plain(lines.flatMap((text) => (text === null ? [] : [text.split("\n")[0] ?? ""])).join("; "));
}
