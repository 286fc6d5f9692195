import type { Project } from "../project.ts";
import { type AgentRow, lookRound } from "./agent/agents.ts";
import { reclaim } from "./agent/reclaim.ts";
import { type Hold, readHolds, readWaiters, shown } from "./lock/hold.ts";
import { unreadCounts } from "./message/inbox.ts";
import { readTasks, type Task } from "./task/task.ts";

/** What goes on at this moment, from one state of the store. */
export interface Overview {
  readonly agents: readonly (AgentRow & { readonly unread: number })[];
  readonly locks: readonly Hold[];
  /** Who waits for locks, in order. */
  readonly waiting: readonly { readonly agent: string; readonly paths: readonly string[] }[];
  readonly tasks: readonly Task[];
  /** Messages that the caller has not read. */
  readonly unread: number;
}

/** Reads the live layer for one screen; whoever is shown to be dead is reclaimed first. */
export async function overview(project: Project): Promise<Overview> {
  await reclaim(project);
  const agents = await lookRound(project);
  const store = await project.store.open();
  return store.read(async (tx) => {
    const unread = await unreadCounts(tx);
    return {
      agents: agents.map((agent) => ({ ...agent, unread: unread.get(agent.id) ?? 0 })),
      locks: (await readHolds(tx)).map(shown),
      waiting: (await readWaiters(tx)).map(({ agent, wanted }) => ({ agent, paths: wanted.map(({ path }) => path) })),
      tasks: await readTasks(tx, false),
      unread: unread.get(project.caller.name) ?? 0,
    };
  });
}
