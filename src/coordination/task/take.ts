import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { calledBy } from "../agent/heard.ts";
import type { Reading, Writing } from "../../store/store.ts";
import { requireAgent } from "../agent/agent.ts";
import { reclaim } from "../agent/reclaim.ts";
import { line, requireInput, text } from "../input.ts";
import { requireTask, TASK_COLUMNS, type Task, taskOf } from "./task.ts";

/** What nobody has and nothing stands before. */
const FREE = `status = 'queued' and not exists (
  select 1 from need join task other on other.project = need.project and other.id = need.needs
  where need.project = task.project and need.task = task.id and other.status <> 'done')`;

/**
 * Takes the best task of the queue, or the named one, for an agent: those of its role first, then those of any. One
 * statement chooses and takes, so that no two agents get one task. [XCS-04]
 * @throws BerthError NOTHING_FITS, NOT_FOUND for an agent that is not registered, or a task that is not there
 */
export async function takeTask(
  project: Project,
  input: { readonly agent?: string | undefined; readonly id?: string | undefined } = {},
): Promise<{ task: Task }> {
  requireInput(input, { agent: line, id: text });
  await reclaim(project, input.agent);
  return calledBy(project, input.agent, async (tx, name) => {
    const agent = await requireAgent(tx, name);
    const [row] = await tx.all<object>(
      `update task set status = 'assigned', agent = $2, changed_at = $3 where project = $1 and id = (
         select id from task where project = $1 and ${FREE} and ($4 = '' or id = $4)
           and ($4 <> '' or role is null or role = $5)
         order by priority, case when role = $5 then 0 else 1 end, created_at, id limit 1)
       returning ${TASK_COLUMNS}`,
      tx.project,
      name,
      tx.now,
      input.id ?? "",
      agent.role,
    );
    if (!row) throw input.id === undefined ? nothingFits(agent.role) : await notFree(tx, input.id);
    const task = taskOf(row);
    await tx.append({ kind: "task.taken", subject: task.id, agent: name, data: { title: task.title } });
    return { task };
  });
}

/** What a task waits for. */
export async function unmetNeeds(tx: Reading, id: string): Promise<string[]> {
  const rows = await tx.all<{ id: string }>(
    `select other.id from need join task other on other.project = need.project and other.id = need.needs
     where need.project = $1 and need.task = $2 and other.status <> 'done' order by other.id`,
    tx.project,
    id,
  );
  return rows.map((row) => row.id);
}

/** Gives a queued task to the agent named, if it is still free. @returns whether it was */
export async function giveTask(tx: Writing, id: string, agent: string): Promise<boolean> {
  const changed = await tx.run(
    `update task set status = 'assigned', agent = $3, changed_at = $4 where project = $1 and id = $2 and ${FREE}`,
    tx.project,
    id,
    agent,
    tx.now,
  );
  return changed === 1;
}

function nothingFits(role: string): BerthError {
  return new BerthError("NOTHING_FITS", `No task is free for the role ${role}.`, {
    hint: "See what there is with: berth task list",
    facts: { role },
  });
}

/** Why a task can be taken by nobody, or by nobody else. @throws BerthError NOT_FOUND */
export async function notFree(tx: Reading, id: string): Promise<BerthError> {
  const { status, agent } = await requireTask(tx, id);
  const needs = status === "queued" ? await unmetNeeds(tx, id) : [];
  if (needs.length > 0) return waiting(id, needs);
  const why = agent === null ? `it is ${status}` : `${agent} has it, ${status}`;
  return new BerthError("NOTHING_FITS", `The task ${id} is not free: ${why}.`, {
    hint: "See what there is with: berth task list",
    facts: { task: id, agent, status },
  });
}

export function waiting(id: string, needs: readonly string[]): BerthError {
  return new BerthError("NOTHING_FITS", `The task ${id} waits for ${needs.join(", ")}.`, {
    hint: "See how far they are with: berth task list",
    facts: { task: id, needs },
  });
}
