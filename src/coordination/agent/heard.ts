import type { Project } from "../../project.ts";
import type { Writing } from "../../store/store.ts";
import { lookAt, type Process, processAt } from "./process.ts";

/**
 * Every call of an agent is a sign of life, in the transaction of what it calls for. Nobody has to be registered. Where
 * the process that it named is gone by then, it was not the one that lives as long as the agent (a shell of one
 * command), and is forgotten: it would show a healthy agent to be dead. [XCS-03]
 * @returns whether it is registered
 */
export async function heard(tx: Writing, id: string): Promise<boolean> {
  if (!(await stillHeard(tx, id))) return false;
  const row = await tx.one<{ process: string }>(
    "select process from agent where project = $1 and id = $2",
    tx.project,
    id,
  );
  if (!row || (await lookAt(JSON.parse(row.process) as Process)) !== "gone") return true;
  await tx.run(
    "update agent set process = $3 where project = $1 and id = $2 and process = $4",
    tx.project,
    id,
    JSON.stringify(await processAt(null)),
    row.process,
  );
  return true;
}

/** A sign further in the future was given before the clock was set back. */
const AHEAD_MS = 60_000;

/**
 * A sign of life that comes by itself: of a call that goes on, of a lock that is renewed. It says nothing of the process
 * that the agent named, which it may have outlived.
 */
export async function stillHeard(tx: Writing, id: string): Promise<boolean> {
  const changed = await tx.run(
    `update agent set beat_at = case when beat_at > $3 and beat_at <= $4 then beat_at else $3 end
     where project = $1 and id = $2`,
    tx.project,
    id,
    tx.now,
    tx.now + AHEAD_MS,
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
