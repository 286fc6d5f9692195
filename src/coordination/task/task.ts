import { isoSeconds } from "../../clock.ts";
import { BerthError } from "../../errors.ts";
import type { Reading } from "../../store/store.ts";

/** `blocked` after as many failures as it may have; a person's decision from there. */
export type TaskStatus = "queued" | "assigned" | "done" | "blocked";

/** A small piece of work for whoever of a role is there. */
export interface Task {
  readonly id: string;
  readonly title: string;
  /** The role it prefers; null for any. */
  readonly role: string | null;
  readonly priority: "now" | "next" | "future";
  /** Tasks that must be done first. */
  readonly depends: readonly string[];
  readonly status: TaskStatus;
  readonly agent: string | null;
  /** What the one before left for the next: why it failed, how far it got. */
  readonly note: string | null;
  /** What those left who handed it over, the first one first: a note of later takes nothing away from them. [XCS-17] */
  readonly handovers: readonly {
    readonly from: string;
    readonly to: string;
    readonly note: string;
    readonly at: string;
  }[];
  /** What it came with, as data. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly failures: readonly { readonly agent: string; readonly reason: string; readonly at: string }[];
  readonly maxFailures: number;
  readonly createdBy: string | null;
  readonly createdAt: string;
  readonly changedAt: string;
}

export const PRIORITIES = ["now", "next", "future"] as const;

interface TaskRow {
  readonly id: string;
  readonly title: string;
  readonly role: string | null;
  readonly priority: number;
  readonly depends: string;
  readonly status: string;
  readonly agent: string | null;
  readonly note: string | null;
  readonly context: string;
  readonly failures: string;
  readonly handed: string;
  readonly max_failures: number;
  readonly created_by: string | null;
  readonly created_at: number;
  readonly changed_at: number;
}

/** What a statement returns for {@link taskOf}. */
export const TASK_COLUMNS: string =
  "id, title, role, priority, depends, status, agent, note, context, failures, handed, max_failures, created_by, created_at, changed_at";

/** All tasks that are not done, and with `all` those too, in the order in which they would be taken. */
export async function readTasks(tx: Reading, all: boolean = true): Promise<Task[]> {
  const rows = await tx.all<TaskRow>(
    `select ${TASK_COLUMNS} from task where project = $1 and ($2 = 1 or status <> 'done') order by priority, created_at, id`,
    tx.project,
    all ? 1 : 0,
  );
  return rows.map(taskOf);
}

/** @throws BerthError NOT_FOUND */
export async function requireTask(tx: Reading, id: string): Promise<Task> {
  const row = await tx.one<TaskRow>(`select ${TASK_COLUMNS} from task where project = $1 and id = $2`, tx.project, id);
  if (row) return taskOf(row);
  throw new BerthError("NOT_FOUND", `There is no task ${JSON.stringify(id)}.`, {
    hint: "See them with: berth task list",
    facts: { task: id },
  });
}

export function taskOf(row: object): Task {
  const { depends, context, failures, handed, priority, max_failures, created_by, created_at, changed_at, ...rest } =
    row as TaskRow;
  return {
    ...rest,
    status: rest.status as TaskStatus,
    priority: PRIORITIES[priority] ?? "next",
    depends: JSON.parse(depends) as string[],
    context: JSON.parse(context) as Task["context"],
    failures: JSON.parse(failures) as Task["failures"],
    handovers: JSON.parse(handed) as Task["handovers"],
    maxFailures: max_failures,
    createdBy: created_by,
    createdAt: isoSeconds(created_at),
    changedAt: isoSeconds(changed_at),
  };
}
