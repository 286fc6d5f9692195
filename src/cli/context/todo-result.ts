import type { Berth } from "../../open.ts";
import type { Result } from "../command.ts";
import { dryRunResult } from "../report.ts";
import type { Page } from "../style.ts";
import { table } from "../table.ts";

export const STATUS = {
  status: { type: "text", value: "WORD", summary: "pending, in_progress, completed or cancelled" },
} as const;
export const PRIORITY = { priority: { type: "text", value: "WORD", summary: "high, medium or low" } } as const;

type Changed = Awaited<ReturnType<Berth["todoAdd"]>>;

export function todoResult(made: Changed, dryRun: boolean): Result {
  if (dryRun) return dryRunResult({ plan: made });
  return { data: made, text: (page) => todoTable([made.todo], page), brief: made.todo.id };
}

export function todoTable(todos: Changed["todos"], page: Page): string {
  return table(
    todos,
    [
      { title: "ID", cell: ({ id }) => id },
      { title: "STATUS", cell: ({ status }) => status },
      { title: "PRIORITY", cell: ({ priority }) => priority ?? "" },
      { title: "WHAT", cell: ({ content }) => content, shrinks: true },
    ],
    page,
  );
}
