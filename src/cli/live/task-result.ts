import type { Berth } from "../../open.ts";
import type { Result } from "../command.ts";
import { dryRunResult, report } from "../report.ts";
import type { Page } from "../style.ts";
import { table } from "../table.ts";
import { plain } from "../text.ts";

export type TaskRow = Awaited<ReturnType<Berth["tasks"]>>["tasks"][number];

/** One task, as the verbs that change it answer. */
export function taskResult(word: string, { task }: { readonly task: TaskRow }, dryRun: boolean): Result {
  if (dryRun) return dryRunResult({ plan: { task } });
  return {
    data: { task },
    text: (page) =>
      report(page, {
        headline: `${word} ${page.style("bold", task.id)}: ${plain(task.title)}`,
        facts: [
          ["status", task.status],
          ["agent", task.agent],
          ["note", task.note],
          ["waits for", task.depends.join(", ")],
        ],
      }),
    brief: task.id,
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
      { title: "NOTE", cell: (row) => plain(row.note?.split("\n")[0] ?? ""), shrinks: true },
    ],
    page,
  );
}
