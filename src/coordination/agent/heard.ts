import type { Project } from "../../project.ts";
import type { Writing } from "../../store/store.ts";

/**
 * Every call of an agent is a sign of life, in the transaction of what it calls for. Nobody has to be registered.
 * @returns whether it is
 */
export async function heard(tx: Writing, id: string): Promise<boolean> {
  const changed = await tx.run(
    "update agent set beat_at = case when beat_at > $3 then beat_at else $3 end where project = $1 and id = $2",
    tx.project,
    id,
    tx.now,
  );
  return changed === 1;
}

/** Writes for an agent, without a name the caller, who is heard with that. */
export async function calledBy<T>(
  project: Project,
  agent: string | undefined,
  work: (tx: Writing, name: string) => Promise<T>,
): Promise<T> {
  const name = agent ?? project.caller.name;
  const store = await project.store.open();
  return store.write(async (tx) => {
    await heard(tx, name);
    return work(tx, name);
  });
}
