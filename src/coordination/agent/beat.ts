import type { Project } from "../../project.ts";
import { line, orNull, requireInput, text } from "../input.ts";
import { type Agent, requireAgent } from "./agent.ts";
import { heard } from "./heard.ts";

/**
 * A sign of life, and what the agent works on. The sign is not in the change feed: fifty agents would fill it. [XCS-02]
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
  requireInput(input, { id: text, session: orNull(line), task: orNull(text) }, ["id"]);
  const store = await project.store.open();
  const { id, session, task } = input;
  if (session === undefined && task === undefined)
    return store.sign(async (tx) => {
      const [, agent] = await Promise.all([heard(tx, id), requireAgent(tx, id)]);
      return { agent };
    });
  return store.write(async (tx) => {
    const set = (column: "session" | "task", value: string | null | undefined): Promise<number> | undefined =>
      value === undefined
        ? undefined
        : tx.run(
            `update agent set ${column} = $3 where project = $1 and id = $2 and coalesce(${column}, '') <> coalesce($3, '')`,
            tx.project,
            id,
            value,
          );
    // In this order and without waiting in between: others wait for their turn meanwhile.
    const done = await Promise.all([heard(tx, id), set("session", session), set("task", task), requireAgent(tx, id)]);
    const [, changed, other, agent] = done;
    if (changed || other)
      await tx.append({
        kind: "agent.changed",
        subject: id,
        agent: id,
        data: { session: agent.session, task: agent.task },
      });
    return { agent };
  });
}
