import type { Writing } from "../../store/store.ts";
import { notify } from "../message/notify.ts";
import { decide, type Wish } from "./decide.ts";
import { type LockMode, readHolds, readWaiters } from "./hold.ts";
import type { LockPath } from "./lock-path.ts";
import { overlaps } from "./path-overlap.ts";

/** So long somebody who was refused is told when the paths are free. */
const INTEREST_MS = 3_600_000;

/** Remembers that somebody was refused who does not wait. */
export async function noteInterest(tx: Writing, { agent, paths, mode }: Wish): Promise<void> {
  await tx.run(
    `insert into interest (project, agent, wanted, mode, until) values ($1, $2, $3, $4, $5)
     on conflict (project, agent, wanted) do update set mode = $4, until = $5`,
    tx.project,
    agent,
    JSON.stringify(paths),
    mode,
    tx.now + INTEREST_MS,
  );
}

/** Forgets what somebody wanted who has it now. */
export async function dropInterest(tx: Writing, { agent, paths }: Wish): Promise<void> {
  await tx.run(
    "delete from interest where project = $1 and agent = $2 and wanted = $3",
    tx.project,
    agent,
    JSON.stringify(paths),
  );
}

/** Tells those who were refused that all they wanted is free now, once. [XCS-06] @param freed what became free */
export async function tellFree(tx: Writing, freed: readonly LockPath[]): Promise<void> {
  if (freed.length === 0) return;
  await tx.run("delete from interest where project = $1 and until <= $2", tx.project, tx.now);
  const rows = await tx.all<{ agent: string; wanted: string; mode: string }>(
    "select agent, wanted, mode from interest where project = $1 order by until",
    tx.project,
  );
  if (rows.length === 0) return;
  const [holds, waiters] = [await readHolds(tx), await readWaiters(tx)];
  for (const { agent, wanted, mode } of rows) {
    const paths = JSON.parse(wanted) as LockPath[];
    if (!paths.some((path) => freed.some((other) => overlaps(path, other)))) continue;
    const wish: Wish = { agent, paths, mode: mode as LockMode, ticket: null };
    const { holders, before } = decide(wish, holds, waiters);
    if (holders.length > 0 || before.length > 0) continue;
    await dropInterest(tx, wish);
    const names = paths.map(({ path }) => path);
    const text = `${names.join(", ")}, which you were refused, can be locked now.`;
    await notify(tx, agent, { kind: "lock.free", from: null, text, data: { paths: names } });
  }
}
