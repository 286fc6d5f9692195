import { sha256 } from "../hash.ts";
import type { Asking, Signing, Store } from "../store/store.ts";

/** What agents have read in this process and the store is yet to be told, by place, project, agent and path. */
const underWay = new Map<string, number>();

/** What an agent has seen, and where in the document: who has read one key has not seen the others. */
export interface Seen {
  readonly agent: string;
  readonly path: readonly string[];
  readonly version: number;
}

/** The version of which an agent last read or wrote all that is at a path; 0 where it never did. */
export async function lastRead(
  tx: Asking,
  place: string,
  { agent, path }: Pick<Seen, "agent" | "path">,
): Promise<number> {
  const around = [...path.map((_, depth) => path.slice(0, depth)), path];
  const row = await tx.one<{ version: number | null }>(
    `select max(version) as version from context_read where project = $1 and agent = $2
     and path in (${around.map((_, i) => `$${i + 3}`).join(", ")})`,
    tx.project,
    agent,
    ...around.map(placeName),
  );
  return Math.max(row?.version ?? 0, ...around.map((way) => underWay.get(keyOf(place, tx.project, agent, way)) ?? 0));
}

/** Notes what an agent has seen. Never less than what is there: notes of two processes may come in any order. */
export async function noteRead(tx: Signing, { agent, path, version }: Seen): Promise<void> {
  await tx.run(
    `insert into context_read (project, agent, path, version) values ($1, $2, $3, $4)
     on conflict (project, agent, path) do update set version = $4 where context_read.version < $4`,
    tx.project,
    agent,
    placeName(path),
    version,
  );
}

/**
 * Notes it for one who reads, and must not wait for those who write. Where the note is not taken, the agent's next write
 * starts from what it had read before: more is merged then, and nothing is lost.
 */
export function noteReadSoon(store: Store, project: string, { agent, path, version }: Seen): void {
  const key = keyOf(store.place, project, agent, path);
  const goesAlready = underWay.has(key);
  underWay.set(key, version);
  if (!goesAlready) void takeAlong(store, key, { agent, path });
}

async function takeAlong(store: Store, key: string, where: Pick<Seen, "agent" | "path">): Promise<void> {
  try {
    for (let noted = -1; ;) {
      // What was read meanwhile goes along.
      const version = underWay.get(key) ?? noted;
      if (version === noted) return;
      await store.sign((tx) => noteRead(tx, { ...where, version }));
      noted = version;
    }
  } catch {
    // Read-only, full or not to be reached: to be read it was enough.
  } finally {
    underWay.delete(key);
  }
}

function keyOf(place: string, project: string, agent: string, path: readonly string[]): string {
  return `${place}\0${project}\0${agent}\0${placeName(path)}`;
}

/** A path as the store knows it; long ones by their hash, because what an engine keeps in an index is limited. */
function placeName(path: readonly string[]): string {
  const text = JSON.stringify(path);
  return text.length > 300 ? sha256(text) : text;
}
