import type { Project } from "../../project.ts";
import type { Signing, Writing } from "../../store/store.ts";
import { clockWasSet, heardNow, isOfThisBoot, lookAt, type Process, processAt } from "./process.ts";

/**
 * Every call of an agent is a sign of life, in the transaction of what it calls for. Nobody has to be registered. Where
 * the process that it named is gone by then, it was not the one that lives as long as the agent (a shell of one
 * command), and is forgotten, as is one of before the machine was started again: it would show a healthy agent to be
 * dead. [XCS-03]
 * @returns whether it is registered
 */
export async function heard(tx: Signing, id: string): Promise<boolean> {
  const row = await signed(tx, id);
  if (!row) return false;
  const known = JSON.parse(row.process) as Process;
  const now = await asHeard(known);
  if (now === known) return true;
  await tx.run(
    "update agent set process = $3 where project = $1 and id = $2 and process = $4",
    tx.project,
    id,
    JSON.stringify(now),
    row.process,
  );
  return true;
}

/** What is known of a process once its agent has called; the very same where nothing has changed. */
async function asHeard(known: Process): Promise<Process> {
  if (known.pid === null) return known;
  const here = await isOfThisBoot(known);
  if (!here || (await lookAt(known, null)) === "gone") return processAt(null);
  return clockWasSet(known) ? heardNow(known) : known;
}

/**
 * A sign of life that comes by itself: of a call that goes on, of a lock that is renewed. It says nothing of the process
 * that the agent named, which it may have outlived.
 */
export async function stillHeard(tx: Signing, id: string): Promise<boolean> {
  return (await signed(tx, id)) !== undefined;
}

/** A sign further in the future was given before the clock was set back. */
const AHEAD_MS = 60_000;

/**
 * One statement: whoever ends the agent at the same time compares the sign in the statement that ends it.
 * @returns nothing where the agent is not registered
 */
function signed(tx: Signing, id: string): Promise<{ readonly process: string } | undefined> {
  const { moment } = tx;
  return tx.one(
    `update agent set beat_at = case when beat_at > ${moment} and beat_at <= ${moment} + ${AHEAD_MS} then beat_at
     else ${moment} end where project = $1 and id = $2 returning process`,
    tx.project,
    id,
  );
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
