import type { Project } from "../../project.ts";
import { requireInput, text } from "../input.ts";
import { type Agent, requireAgent } from "./agent.ts";
import { forget } from "./reclaim.ts";

/**
 * The end of an agent, said by itself, or by another one, of which its inbox tells: its locks are free, its tasks go back to the queue.
 * @throws BerthError NOT_FOUND
 */
export async function leave(project: Project, input: { readonly id: string }): Promise<{ agent: Agent }> {
  requireInput(input, { id: text }, ["id"]);
  const store = await project.store.open();
  return store.write(async (tx) => {
    const agent = await requireAgent(tx, input.id);
    await forget(tx, agent, "agent.left", [], project.caller.name);
    return { agent };
  });
}
