import type { Project } from "../../project.ts";
import type { Writing } from "../../store/store.ts";
import { type Agent, readAgent, readAgents, signOf } from "./agent.ts";
import { sweepExpired } from "../lock/expire.ts";
import { freeAllOf } from "../lock/unlock.ts";
import { notify } from "../message/notify.ts";
import { giveTasksBack, requeueTasks } from "../task/finish.ts";
import { heard } from "./heard.ts";
import { judge } from "./life.ts";

/**
 * Takes back what dead agents held, and locks that have expired. Judged outside of the transaction, because looking at processes and files takes
 * time; an agent that was heard of meanwhile is left alone by the statement that would end it. So is the one that calls.
 * @param only whom to look at; without it everybody
 * @returns the names of those who were found dead
 */
export async function reclaim(
  project: Project,
  caller: string = project.caller.name,
  only?: ReadonlySet<string>,
): Promise<string[]> {
  const store = await project.store.open();
  await sweepExpired(store);
  const { now, known } = await store.read(async (tx) => ({ now: tx.now, known: await readAgents(tx) }));
  const dead: string[] = [];
  for (const agent of only ? known.filter(({ id }) => only.has(id)) : known) {
    const { state, evidence } = await judge(project, store, agent, now);
    if (state !== "dead") continue;
    const ended = await store.write(async (tx) => {
      const current = await readAgent(tx, agent.id);
      if (current === null || signOf(current) !== signOf(agent)) return false;
      if (agent.id === caller) {
        await heard(tx, caller);
        return false;
      }
      await forget(tx, agent, "agent.died", evidence, null);
      return true;
    });
    if (ended) dead.push(agent.id);
  }
  return dead;
}

/**
 * Ends an agent: no lock, no place in a queue and no task stays with it; what it was is in the feed. Where others end it,
 * its inbox tells, for it may be there after all, or comes back. [XCS-05]
 * @param by who ends it; null where evidence does
 */
export async function forget(
  tx: Writing,
  agent: Agent,
  kind: "agent.left" | "agent.died",
  evidence: readonly string[],
  by: string | null,
): Promise<void> {
  const { id, role, session, place, process, beatAt } = agent;
  await tx.run("delete from agent where project = $1 and id = $2", tx.project, id);
  await tx.append({
    kind,
    subject: id,
    agent: by,
    // Who reads of it on another machine judges for itself.
    data: { role, session, place, beatAt, process, evidence },
  });
  const why = kind === "agent.died" ? `${id} was taken for dead (${evidence.join("; ")})` : `${by} had ${id} leave`;
  const told = by === id ? null : { kind: "lock.lost" as const, from: by, text: `${why}.` };
  await freeAllOf(tx, id, told);
  if (kind === "agent.left") await giveTasksBack(tx, id, `${id} left`);
  else await requeueTasks(tx, id, `${id} died`);
  if (!told) return;
  const text = `${why}: what it had locked is free, and its tasks are in the queue. Whoever works on as ${id} registers again.`;
  await notify(tx, id, { kind, from: by, text, data: { role, session, place, evidence } });
}
