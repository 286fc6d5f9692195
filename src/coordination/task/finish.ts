import { isoSeconds } from "../../clock.ts";
import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { calledBy } from "../agent/heard.ts";
import type { Writing } from "../../store/store.ts";
import { notify } from "../message/notify.ts";
import { type Check, line, requireInput, text } from "../input.ts";
import { readTasks, requireTask, type Task } from "./task.ts";

export interface TaskCall {
  readonly id: string;
  readonly agent?: string | undefined;
}

/** What each of these calls takes. */
export const CALL: Readonly<Record<"id" | "agent", Check>> = { id: text, agent: line };

/**
 * Ends a task as done. Repeating it is harmless.
 * @throws BerthError NOT_HOLDER when it is another's by now
 */
export async function doneTask(
  project: Project,
  input: TaskCall & { readonly note?: string | undefined },
): Promise<{ task: Task }> {
  requireInput(input, { ...CALL, note: text }, ["id"]);
  return calledBy(project, input.agent, async (tx, name) => {
    const before = await requireTask(tx, input.id);
    if (before.status === "done" && before.agent === name) return { task: before };
    const changed = await tx.run(
      `update task set status = 'done', note = coalesce($5, note), changed_at = $4
       where project = $1 and id = $2 and agent = $3 and status = 'assigned'`,
      tx.project,
      input.id,
      name,
      tx.now,
      input.note ?? null,
    );
    if (changed === 0) throw notYours(before, name);
    await tx.append({ kind: "task.done", subject: input.id, agent: name, data: {} });
    return { task: await requireTask(tx, input.id) };
  });
}

/**
 * Says that a task failed: it goes back to the queue, or is blocked after as many failures as it may have. [XCS-04]
 * @throws BerthError NOT_HOLDER when it is another's by now
 */
export async function failTask(
  project: Project,
  input: TaskCall & { readonly reason: string },
): Promise<{ task: Task }> {
  requireInput(input, { ...CALL, reason: text }, ["id", "reason"]);
  return calledBy(project, input.agent, async (tx, name) => {
    const before = await requireTask(tx, input.id);
    if (before.status !== "assigned" || before.agent !== name) throw notYours(before, name);
    return { task: await countFailure(tx, before, name, input.reason) };
  });
}

/** Puts the tasks of an agent that has gone back into the queue; each counts as a failure. */
export async function requeueTasks(tx: Writing, agent: string, reason: string): Promise<void> {
  for (const task of await readTasks(tx, false))
    if (task.status === "assigned" && task.agent === agent) await countFailure(tx, task, agent, reason);
}

/** Puts the tasks of an agent back whose work has ended in peace: that is no failure. */
export async function giveTasksBack(tx: Writing, agent: string, reason: string): Promise<void> {
  const rows = await tx.all<{ id: string }>(
    `update task set status = 'queued', agent = null, changed_at = $3
     where project = $1 and agent = $2 and status = 'assigned' returning id`,
    tx.project,
    agent,
    tx.now,
  );
  for (const { id } of rows) await tx.append({ kind: "task.requeued", subject: id, agent, data: { reason } });
}

async function countFailure(tx: Writing, task: Task, agent: string, reason: string): Promise<Task> {
  const failures = [...task.failures, { agent, reason, at: isoSeconds(tx.now) }];
  const status = failures.length >= task.maxFailures ? "blocked" : "queued";
  await tx.run(
    `update task set status = $4, agent = null, note = $5, failures = $6, changed_at = $7
     where project = $1 and id = $2 and agent = $3 and status = 'assigned'`,
    tx.project,
    task.id,
    agent,
    status,
    reason,
    JSON.stringify(failures),
    tx.now,
  );
  await tx.append({
    kind: `task.${status === "blocked" ? "blocked" : "requeued"}`,
    subject: task.id,
    agent,
    data: { reason },
  });
  if (status === "blocked" && task.createdBy !== null && task.createdBy !== agent) {
    const text = `The task ${task.id} is blocked after ${failures.length} failures: ${reason}`;
    await notify(tx, task.createdBy, { kind: "task.blocked", from: agent, text, data: { task: task.id } });
  }
  return requireTask(tx, task.id);
}

export function notYours(task: Task, name: string): BerthError {
  const now = task.agent === null ? `it is ${task.status}` : `${task.agent} has it, ${task.status}`;
  return new BerthError("NOT_HOLDER", `The task ${task.id} is not ${name}'s: ${now}.`, {
    hint: "See who has what with: berth task list",
    facts: { task: task.id, agent: task.agent, status: task.status },
  });
}
