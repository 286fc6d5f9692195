import type { Project } from "../../project.ts";
import { type Agent, requireAgent } from "./agent.ts";
import { heard } from "./heard.ts";

/**
 * A sign of life. It is not in the change feed: fifty agents would fill it. [XCS-02]
 * @throws BerthError NOT_FOUND
 */
export async function beat(
  project: Project,
  input: {
    readonly id: string;
    readonly session?: string | null | undefined;
    readonly task?: string | null | undefined;
  },
): Promise<{ agent: Agent }> {
  const store = await project.store.open();
  return store.write(async (tx) => {
    await heard(tx, input.id);
    if (input.session !== undefined)
      await tx.run("update agent set session = $3 where project = $1 and id = $2", tx.project, input.id, input.session);
    if (input.task !== undefined)
      await tx.run("update agent set task = $3 where project = $1 and id = $2", tx.project, input.id, input.task);
    return { agent: await requireAgent(tx, input.id) };
  });
}
