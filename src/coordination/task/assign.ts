import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { lookRound } from "../agent/agents.ts";
import { reclaim } from "../agent/reclaim.ts";
import type { Reading } from "../../store/store.ts";
import { notify } from "../message/notify.ts";
import { line, requireInput, text } from "../input.ts";
import { giveTask, notFree } from "./take.ts";
import { requireTask, type Task } from "./task.ts";

/**
 * Gives a queued task to the live agent of the preferred role that has the fewest, or of any role where that role has
 * nobody. The one it goes to is told.
 * @throws BerthError NOTHING_FITS when nobody is there or the task is not free
 */
export async function assignTask(
  project: Project,
  input: { readonly id: string; readonly role?: string | undefined },
): Promise<{ task: Task }> {
  requireInput(input, { id: text, role: line }, ["id"]);
  const live = await liveAgents(project);
  const store = await project.store.open();
  return store.write(async (tx) => {
    const task = await requireTask(tx, input.id);
    const role = input.role ?? task.role;
    const there = await byLoad(tx, live);
    const best = there.find((agent) => agent.role === role) ?? there[0];
    if (!best)
      throw new BerthError("NOTHING_FITS", `No agent is alive to take the task ${task.id}.`, {
        hint: "See who is there with: berth agents",
        facts: { task: task.id },
      });
    if (!(await giveTask(tx, task.id, best.id))) throw await notFree(tx, task.id);
    await tx.append({ kind: "task.assigned", subject: task.id, agent: project.caller.name, data: { to: best.id } });
    const text = `You have the task ${task.id}: ${task.title}`;
    await notify(tx, best.id, { kind: "task.assigned", from: project.caller.name, text, data: { task: task.id } });
    return { task: await requireTask(tx, task.id) };
  });
}

/** Who is live, after whoever is dead has been reclaimed. */
export async function liveAgents(project: Project): Promise<ReadonlySet<string>> {
  await reclaim(project);
  return new Set((await lookRound(project)).filter(({ state }) => state === "live").map(({ id }) => id));
}

/** Those of the agents who are still registered, the one with the fewest tasks first. */
export async function byLoad(
  tx: Reading,
  live: ReadonlySet<string>,
): Promise<readonly { readonly id: string; readonly role: string }[]> {
  const loads = await tx.all<{ id: string; role: string; load: number }>(
    `select agent.id, agent.role, (select count(*) from task where task.project = agent.project
       and task.agent = agent.id and task.status = 'assigned') as load
     from agent where agent.project = $1 order by load, agent.registered_at, agent.id`,
    tx.project,
  );
  return loads.filter(({ id }) => live.has(id));
}
