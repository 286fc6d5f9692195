import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import type { Reading, Store, Writing } from "../../store/store.ts";
import { stillHeard } from "../agent/heard.ts";
import { type Hold, readHolds } from "./hold.ts";
import { lock, type LockInput } from "./lock.ts";
import { freeHolds } from "./unlock.ts";

/** Locks that are renewed for as long as they are wanted. Who has one acts only while `signal` has not fired. */
export interface LockHandle {
  readonly locks: readonly Hold[];
  /**
   * Fires, with LOCK_LOST as its reason, when one of the locks is no longer held: taken away, expired, or not renewed in
   * time because the store could not be reached. In the last case it fires before anybody else can be granted them.
   */
  readonly signal: AbortSignal;
  /** Gives the locks back; repeating it is harmless. */
  release(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A lock is looked at this often, also when nothing wakes its holder: a machine may have slept. */
const LOOK_MS = 1000;

/**
 * Takes locks as `lock` does, and renews them until they are released: call that, or the process is kept from ending. A
 * lock is the agent's: what two handles of one agent hold on the same path is one lock, and ends with the first release.
 * @throws BerthError of `lock`
 */
export async function hold(project: Project, input: LockInput): Promise<LockHandle> {
  const { locks } = await lock(project, input);
  const kept = keep(project, await project.store.open(), {
    agent: input.agent ?? project.caller.name,
    locks,
    ttlMs: input.ttlMs ?? project.config.live.lock * 1000,
  });
  // Its terms begin with a renewal whose beginning is known here, by a clock that cannot be set.
  await kept.renew();
  void kept.run();
  const close = (): void => kept.lose("the repository's handle was closed, and nobody renews it");
  project.signal?.addEventListener("abort", close, { once: true });
  kept.over.addEventListener("abort", () => project.signal?.removeEventListener("abort", close), { once: true });
  return { locks, signal: kept.lost, release: kept.release, [Symbol.asyncDispose]: kept.release };
}

interface Kept {
  readonly lost: AbortSignal;
  /** Fires when nothing more is renewed, for whatever reason. */
  readonly over: AbortSignal;
  readonly lose: (why: string) => void;
  readonly renew: () => Promise<void>;
  /** Renews until the locks are released or lost. */
  readonly run: () => Promise<void>;
  readonly release: () => Promise<void>;
}

function keep(
  project: Project,
  store: Store,
  { agent, locks, ttlMs }: { readonly agent: string; readonly locks: readonly Hold[]; readonly ttlMs: number },
): Kept {
  const fences = new Set(locks.map(({ fence }) => fence));
  const [lost, over] = [new AbortController(), new AbortController()];
  let renewed = { at: performance.now(), wall: project.clock.now() };
  let timer: NodeJS.Timeout | undefined;
  const lose = (why: string): void => {
    clearTimeout(timer);
    if (!over.signal.aborted) lost.abort(lostError(locks, why));
    over.abort();
  };
  const renew = async (): Promise<void> => {
    const asked = { at: performance.now(), wall: project.clock.now() };
    const held = await store.write(async (tx) => {
      await stillHeard(tx, agent);
      const own = await stillHeld(tx, fences);
      if (own.length === fences.size) await renewAll(tx, fences, ttlMs);
      return own.length;
    });
    if (held !== fences.size) return lose("it expired or was taken away");
    renewed = asked;
    clearTimeout(timer);
    timer = setTimeout(() => lose("it could not be renewed in time"), ttlMs - (performance.now() - asked.at));
    timer.unref();
  };
  const look = async (): Promise<void> => {
    const slept = project.clock.now() - renewed.wall;
    if (slept >= ttlMs / 3 || performance.now() - renewed.at >= ttlMs / 3) return renew();
    if ((await store.read((tx) => stillHeld(tx, fences))).length !== fences.size) lose("it was taken away");
  };
  const run = async (): Promise<void> => {
    // Nothing but the time wakes one that cannot listen.
    const listening = await store.listen().catch(() => null);
    while (!over.signal.aborted) {
      const ms = Math.min(LOOK_MS, ttlMs / 6);
      await (listening?.wake(ms, over.signal) ?? project.clock.sleep(ms, over.signal)).catch(() => undefined);
      // A store that cannot be reached is asked again; the timer knows when that has taken too long.
      if (!over.signal.aborted) await look().catch(() => undefined);
    }
    await listening?.close();
  };
  const release = async (): Promise<void> => {
    clearTimeout(timer);
    over.abort();
    await store.write(async (tx) => {
      const own = (await readHolds(tx)).filter((found) => fences.has(found.fence));
      await freeHolds(tx, own, agent);
    });
  };
  return { lost: lost.signal, over: over.signal, lose, renew, run, release };
}

async function renewAll(tx: Writing, fences: ReadonlySet<number>, ttlMs: number): Promise<void> {
  for (const fence of fences)
    await tx.run(
      "update hold set expires_at = $3, ttl = $4 where project = $1 and fence = $2",
      tx.project,
      fence,
      tx.now + ttlMs,
      ttlMs,
    );
}

async function stillHeld(tx: Reading, fences: ReadonlySet<number>): Promise<number[]> {
  return (await readHolds(tx)).map(({ fence }) => fence).filter((fence) => fences.has(fence));
}

function lostError(locks: readonly Hold[], why: string): BerthError {
  const paths = locks.map(({ path }) => path);
  return new BerthError("LOCK_LOST", `The lock on ${paths.join(", ")} is lost: ${why}.`, {
    hint: "Stop writing there, look at what changed, then lock again.",
    facts: { paths },
  });
}
