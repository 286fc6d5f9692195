import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { shortHash } from "../../hash.ts";
import { count, line, oneOf, requireInput, text, texts } from "../input.ts";
import { json } from "./context.ts";
import { unmetNeeds } from "./take.ts";
import { PRIORITIES, requireTask, type Task } from "./task.ts";

export interface NewTask {
  readonly title: string;
  /** Without one it is made from the title and the time. */
  readonly id?: string | undefined;
  readonly role?: string | undefined;
  readonly priority?: Task["priority"] | undefined;
  readonly depends?: readonly string[] | undefined;
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** How often it may fail before it is blocked. */
  readonly maxFailures?: number | undefined;
}

const INPUT = {
  title: text,
  id: text,
  role: line,
  priority: oneOf(...PRIORITIES),
  depends: texts,
  context: json,
  maxFailures: count,
};

/**
 * Puts a task into the queue. [XCS-04]
 * @returns it, and what of its dependencies is not done yet
 * @throws BerthError INVALID, NOT_FOUND for a dependency that does not exist, WRONG_STATE for an id that is taken
 */
export async function addTask(
  project: Project,
  input: NewTask,
): Promise<{ readonly task: Task; readonly waitsFor: readonly string[] }> {
  requireInput(input, INPUT, ["title"]);
  const title = input.title.trim();
  if (title === "" || title.length > 500 || /[\p{Cc}\p{Cf}]/u.test(title))
    throw new BerthError("INVALID", "A task's title is one line of at most 500 visible characters.", {
      hint: "Put the rest into its context.",
    });
  if (input.id !== undefined && !isTaskId(input.id))
    throw new BerthError("INVALID", `${JSON.stringify(input.id)} cannot be a task's id.`, {
      hint: "Take letters, digits, dots, dashes and underscores.",
    });
  const store = await project.store.open();
  return store.write(async (tx) => {
    const id = input.id ?? `t-${shortHash(`${title}\0${tx.now}\0${project.clock.random()}`).slice(0, 8)}`;
    for (const needed of input.depends ?? []) await requireTask(tx, needed);
    const made = await tx.run(
      `insert into task (project, id, title, role, priority, depends, status, agent, note, context, failures,
         max_failures, created_by, created_at, changed_at)
       values ($1, $2, $3, $4, $5, $6, 'queued', null, null, $7, '[]', $8, $9, $10, $10) on conflict do nothing`,
      tx.project,
      id,
      title,
      input.role ?? null,
      PRIORITIES.indexOf(input.priority ?? "next"),
      JSON.stringify(input.depends ?? []),
      JSON.stringify(input.context ?? {}),
      input.maxFailures ?? 3,
      project.caller.name,
      tx.now,
    );
    if (made === 0)
      throw new BerthError("WRONG_STATE", `There is a task ${id} already.`, { hint: "See it with: berth task list" });
    for (const needed of input.depends ?? [])
      await tx.run(
        "insert into need (project, task, needs) values ($1, $2, $3) on conflict do nothing",
        tx.project,
        id,
        needed,
      );
    await tx.append({
      kind: "task.queued",
      subject: id,
      agent: project.caller.name,
      data: { title, role: input.role ?? null },
    });
    return { task: await requireTask(tx, id), waitsFor: await unmetNeeds(tx, id) };
  });
}

export function isTaskId(text: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,79}$/.test(text);
}
