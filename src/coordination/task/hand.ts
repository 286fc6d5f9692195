import type { Project } from "../../project.ts";
import { calledBy } from "../agent/heard.ts";
import { readAgents, requireAgent } from "../agent/agent.ts";
import { notify } from "../message/notify.ts";
import { notYours, type TaskCall } from "./finish.ts";
import { requireTask, type Task } from "./task.ts";

/**
 * Hands a task to another agent, or to somebody of a role, with a note and whatever context goes with it. A blocked or
 * queued one may be handed by anybody. [XCS-17]
 * @throws BerthError NOT_HOLDER, NOT_FOUND for an agent or role that is not there
 */
export async function handTask(
  project: Project,
  input: TaskCall & {
    readonly to: string;
    readonly note?: string | undefined;
    readonly context?: Readonly<Record<string, unknown>> | undefined;
  },
): Promise<{ task: Task }> {
  return calledBy(project, input.agent, async (tx, name) => {
    const before = await requireTask(tx, input.id);
    if (before.status === "done" || (before.status === "assigned" && before.agent !== name))
      throw notYours(before, name);
    const inRole = (await readAgents(tx)).find(({ role, id }) => role === input.to && id !== name);
    const to = inRole ?? (await requireAgent(tx, input.to));
    await tx.run(
      `update task set status = 'assigned', agent = $3, note = $4, context = $5, changed_at = $6
       where project = $1 and id = $2 and status = $7`,
      tx.project,
      input.id,
      to.id,
      input.note ?? before.note,
      JSON.stringify({ ...before.context, ...input.context }),
      tx.now,
      before.status,
    );
    await tx.append({ kind: "task.handed", subject: input.id, agent: name, data: { to: to.id } });
    const text = `${name} handed you the task ${input.id}: ${before.title}${input.note ? `\n${input.note}` : ""}`;
    await notify(tx, to.id, { kind: "task.handed", from: name, text, data: { task: input.id } });
    return { task: await requireTask(tx, input.id) };
  });
}
