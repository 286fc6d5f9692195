import type { Project } from "../../project.ts";
import { type Agent, readAgents } from "./agent.ts";
import { judge, type Life } from "./life.ts";
import { reclaim } from "./reclaim.ts";

export interface AgentRow extends Agent, Pick<Life, "state" | "evidence"> {
  /** Milliseconds since it was last heard of. */
  readonly silentMs: number;
}

/** Every registered agent with its state and what that rests on; whoever is shown to be dead is reclaimed first. */
export async function agents(
  project: Project,
  _input: Readonly<Record<string, never>> = {},
): Promise<{ agents: readonly AgentRow[] }> {
  await reclaim(project);
  return { agents: await lookRound(project) };
}

/** As {@link agents}, without changing anything. */
export async function lookRound(project: Project): Promise<AgentRow[]> {
  const store = await project.store.open();
  const { now, known } = await store.read(async (tx) => ({ now: tx.now, known: await readAgents(tx) }));
  return Promise.all(
    known.map(async (agent) => {
      const { state, evidence } = await judge(project, store, agent, now);
      return { ...agent, state, evidence, silentMs: Math.max(0, now - Date.parse(agent.beatAt)) };
    }),
  );
}
