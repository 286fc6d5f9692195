import type { Writing } from "../../store/store.ts";

/** Every call of an agent is a sign of life, in the transaction of what it calls for. Nobody has to be registered. */
export async function heard(tx: Writing, id: string): Promise<void> {
  await tx.run("update agent set beat_at = $3 where project = $1 and id = $2 and beat_at < $3", tx.project, id, tx.now);
}
