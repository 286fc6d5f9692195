import type { Reading, Store, Writing } from "../store/store.ts";

/** What agents have read in this process and the store is yet to be told, by place, project and agent. */
const underWay = new Map<string, number>();

/** What an agent last read or wrote; one that never did either has seen nothing. */
export async function lastRead(tx: Reading, place: string, agent: string): Promise<number> {
  const row = await tx.one<{ version: number }>(
    "select version from context_read where project = $1 and agent = $2",
    tx.project,
    agent,
  );
  return Math.max(row?.version ?? 0, underWay.get(keyOf(place, tx.project, agent)) ?? 0);
}

/** Notes what an agent has seen. Never less than what is there: notes of two processes may come in any order. */
export async function noteRead(tx: Writing, agent: string, version: number): Promise<void> {
  await tx.run(
    `insert into context_read (project, agent, version) values ($1, $2, $3)
     on conflict (project, agent) do update set version = $3 where context_read.version < $3`,
    tx.project,
    agent,
    version,
  );
}

/**
 * Notes it for one who reads, and must not wait for those who write. Where the note is not taken, the agent's next write
 * starts from what it had read before: more is merged then, and nothing is lost.
 */
export function noteReadSoon(store: Store, project: string, agent: string, version: number): void {
  const key = keyOf(store.place, project, agent);
  const goesAlready = underWay.has(key);
  underWay.set(key, version);
  if (!goesAlready) void takeAlong(store, key, agent);
}

async function takeAlong(store: Store, key: string, agent: string): Promise<void> {
  try {
    for (let noted = -1; ;) {
      // What was read meanwhile goes along.
      const version = underWay.get(key) ?? noted;
      if (version === noted) return;
      await store.write((tx) => noteRead(tx, agent, version));
      noted = version;
    }
  } catch {
    // Read-only, full or not to be reached: to be read it was enough.
  } finally {
    underWay.delete(key);
  }
}

function keyOf(place: string, project: string, agent: string): string {
  return `${place}\0${project}\0${agent}`;
}
