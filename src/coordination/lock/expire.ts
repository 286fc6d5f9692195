import type { Store, Writing } from "../../store/store.ts";
import { notify } from "../message/notify.ts";
import type { LockPath } from "./lock-path.ts";
import { aheadOf, WAITER_MS } from "./hold.ts";
import { tellFree } from "./interest.ts";

interface GoneRow {
  readonly fence: number;
  readonly agent: string;
  readonly kind: string;
  readonly path: string;
  readonly key: string;
  readonly ignore_case: number;
}

/** A lock that would last longer than it was ever granted for; $3 is {@link aheadOf} of now. */
const BEFORE_THE_CLOCK_WAS_SET = "expires_at > $3 + ttl";

/** Takes away what has expired, where there is any: looking costs less than writing. */
export async function sweepExpired(store: Store): Promise<void> {
  const sql = `select 1 from hold where project = $1 and (expires_at <= $2 or ${BEFORE_THE_CLOCK_WAS_SET}) limit 1`;
  const due = await store.read((tx) => tx.one(sql, tx.project, tx.now, aheadOf(tx.now, 0)));
  if (due) await store.write(dropExpired);
}

/**
 * Expiry is the store's to judge: whoever comes next takes what has expired away, and tells who had it. After the clock
 * was set back a lock lasts for its whole term once more: its holder may well be at work.
 */
export async function dropExpired(tx: Writing): Promise<void> {
  const silent = await tx.all<{ wanted: string }>(
    "delete from waiter where project = $1 and (until <= $2 or until > $3) returning wanted",
    tx.project,
    tx.now,
    aheadOf(tx.now, WAITER_MS),
  );
  await tx.run(
    `update hold set expires_at = $2 + ttl where project = $1 and ${BEFORE_THE_CLOCK_WAS_SET}`,
    tx.project,
    tx.now,
    aheadOf(tx.now, 0),
  );
  const gone = await tx.all<GoneRow>(
    "delete from hold where project = $1 and expires_at <= $2 returning fence, agent, kind, path, key, ignore_case",
    tx.project,
    tx.now,
  );
  for (const { fence, agent, path } of gone.toSorted((a, b) => a.fence - b.fence)) {
    await tx.append({ kind: "lock.expired", subject: path, agent: null, data: { agent, fence } });
    const text = `Your lock on ${path} has expired.`;
    await notify(tx, agent, { kind: "lock.lost", from: null, text, data: { path, fence } });
  }
  const freed = gone.map(({ kind, path, key, ignore_case }) => ({
    kind: kind as LockPath["kind"],
    path,
    key,
    ignoreCase: ignore_case === 1,
  }));
  await tellFree(tx, [...freed, ...silent.flatMap(({ wanted }) => JSON.parse(wanted) as LockPath[])]);
}
