import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import type { Store, Writing } from "../../store/store.ts";
import { heard } from "../agent/heard.ts";
import { reclaim } from "../agent/reclaim.ts";
import { notify } from "../message/notify.ts";
import { circle, decide, type Wish } from "./decide.ts";
import { type Hold, type KnownHold, type LockMode, readHolds, readWaiters, shown, type Waiter } from "./hold.ts";
import { type LockPath, lockPath } from "./lock-path.ts";

export interface LockInput {
  readonly paths: readonly string[];
  readonly mode?: LockMode | undefined;
  /** How long it lasts without being renewed; without it the project's setting. */
  readonly ttlMs?: number | undefined;
  /** How long to wait in the queue; 0 or absent: not at all. */
  readonly waitMs?: number | undefined;
  readonly reason?: string | undefined;
  readonly agent?: string | undefined;
}

const LONGEST_MS = 7 * 86_400_000;

/**
 * Takes locks on paths, folders and globs: all of them or none. What the agent holds already is renewed. Who waits is
 * served in the order of coming, and nobody who comes later is served before. [XCS-06]
 * @throws BerthError LOCK_HELD with the holders; TIMED_OUT after waiting; DEADLOCK when those who would be waited for
 *   wait for this agent; INVALID for a path
 */
export async function lock(project: Project, input: LockInput): Promise<{ locks: readonly Hold[] }> {
  const agent = input.agent ?? project.caller.name;
  const place = { top: project.here.top ?? project.cwd, cwd: project.cwd };
  const paths: LockPath[] = [];
  for (const given of input.paths) paths.push(await lockPath(place, given));
  if (paths.length === 0)
    throw new BerthError("USAGE", "Which paths are to be locked?", { hint: "berth lock src/api.ts 'src/ui/**'" });
  const ttlMs = input.ttlMs ?? project.config.live.lock * 1000;
  if (!(ttlMs >= 1000 && ttlMs <= LONGEST_MS))
    throw new BerthError("INVALID", "A lock lasts between one second and seven days.", {
      hint: "Locking it again renews it.",
      facts: { ttlMs },
    });
  const wish: Wish = { agent, paths: distinct(paths), mode: input.mode ?? "exclusive", ticket: null };
  const terms = { ttlMs, reason: input.reason ?? null };
  const store = await project.store.open();
  const first = await store.write((tx) => tryGrant(tx, wish, terms));
  if (Array.isArray(first)) return { locks: first };
  // Somebody dead may be in the way; looking for that takes time, so it is done only now.
  if ((await reclaim(project)).length > 0) {
    const again = await store.write((tx) => tryGrant(tx, wish, terms));
    if (Array.isArray(again)) return { locks: again };
  }
  if (!input.waitMs) throw held(wish, first);
  return { locks: await waitFor(project, store, wish, { ...terms, waitMs: input.waitMs }) };
}

interface Terms {
  readonly ttlMs: number;
  readonly reason: string | null;
}

interface Refusal {
  readonly holders: readonly KnownHold[];
  readonly before: readonly Waiter[];
}

async function tryGrant(tx: Writing, wish: Wish, terms: Terms): Promise<Hold[] | Refusal> {
  await heard(tx, wish.agent);
  await dropExpired(tx);
  const holds = await readHolds(tx);
  const { holders, before } = decide(wish, holds, await readWaiters(tx));
  if (holders.length > 0 || before.length > 0) return { holders, before };
  return grant(tx, wish, terms, holds);
}

async function grant(tx: Writing, wish: Wish, terms: Terms, holds: readonly KnownHold[]): Promise<Hold[]> {
  const { agent, mode } = wish;
  const fences = new Set<number>();
  for (const path of wish.paths) {
    const own = holds.find((hold) => hold.agent === agent && hold.at.kind === path.kind && hold.at.key === path.key);
    if (own?.mode === mode) {
      await tx.run(
        "update hold set expires_at = $3, reason = coalesce($4, reason) where project = $1 and fence = $2",
        tx.project,
        own.fence,
        tx.now + terms.ttlMs,
        terms.reason,
      );
      fences.add(own.fence);
      continue;
    }
    if (own) await tx.run("delete from hold where project = $1 and fence = $2", tx.project, own.fence);
    const data = { mode, kind: path.kind, ttlMs: terms.ttlMs, ...(own ? { instead: own.fence } : {}) };
    const fence = await tx.append({ kind: "lock.granted", subject: path.path, agent, data });
    await tx.run(
      `insert into hold (project, fence, agent, kind, path, key, ignore_case, mode, reason, granted_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      tx.project,
      fence,
      agent,
      path.kind,
      path.path,
      path.key,
      path.ignoreCase ? 1 : 0,
      mode,
      terms.reason,
      tx.now,
      tx.now + terms.ttlMs,
    );
    fences.add(fence);
  }
  return (await readHolds(tx)).filter(({ fence }) => fences.has(fence)).map(shown);
}

/** Expiry is the store's to judge: whoever comes next takes what has expired away, and tells who had it. */
async function dropExpired(tx: Writing): Promise<void> {
  await tx.run("delete from waiter where project = $1 and until <= $2", tx.project, tx.now);
  const gone = await tx.all<{ fence: number; agent: string; path: string }>(
    "delete from hold where project = $1 and expires_at <= $2 returning fence, agent, path",
    tx.project,
    tx.now,
  );
  for (const { fence, agent, path } of gone.toSorted((a, b) => a.fence - b.fence)) {
    await tx.append({ kind: "lock.expired", subject: path, agent: null, data: { agent, fence } });
    const text = `Your lock on ${path} has expired.`;
    await notify(tx, agent, { kind: "lock.lost", from: null, text, data: { path, fence } });
  }
}

async function waitFor(
  project: Project,
  store: Store,
  wish: Wish,
  terms: Terms & { readonly waitMs: number },
): Promise<Hold[]> {
  const deadline = project.clock.now() + terms.waitMs;
  const listening = await store.listen();
  const ticket = await store.write((tx) => queue(tx, wish, terms.waitMs));
  try {
    for (;;) {
      const turn = { ...wish, ticket };
      const answer = await store.write(async (tx) => {
        await standInQueue(tx, turn, ticket);
        const result = await tryGrant(tx, turn, terms);
        if (Array.isArray(result)) await leaveQueue(tx, ticket);
        else await requireNoCircle(tx, turn);
        return result;
      });
      if (Array.isArray(answer)) return answer;
      const left = deadline - project.clock.now();
      if (left <= 0) throw timedOut(wish, answer, terms.waitMs);
      const soonest = Math.min(...answer.holders.map(({ expires }) => expires - project.clock.now()), 1000, left);
      await listening.wake(Math.max(5, soonest), project.signal);
    }
  } finally {
    await listening.close();
    await store.write((tx) => leaveQueue(tx, ticket));
  }
}

async function queue(tx: Writing, wish: Wish, waitMs: number): Promise<number> {
  const data = { paths: wish.paths.map(({ path }) => path), mode: wish.mode, waitMs };
  const ticket = await tx.append({ kind: "lock.waiting", subject: wish.agent, agent: wish.agent, data });
  await standInQueue(tx, wish, ticket);
  return ticket;
}

/** A waiter looks at least once a second; one that has not for so long is dead, and nobody stands behind it for ever. */
const WAITER_MS = 5000;

/** Holds the place, from the beginning or on: also one that was taken for dead while its machine slept. */
async function standInQueue(tx: Writing, wish: Wish, ticket: number): Promise<void> {
  await tx.run(
    `insert into waiter (project, ticket, agent, wanted, mode, until) values ($1, $2, $3, $4, $5, $6)
     on conflict (project, ticket) do update set until = $6`,
    tx.project,
    ticket,
    wish.agent,
    JSON.stringify(wish.paths),
    wish.mode,
    tx.now + WAITER_MS,
  );
}

async function leaveQueue(tx: Writing, ticket: number): Promise<void> {
  await tx.run("delete from waiter where project = $1 and ticket = $2", tx.project, ticket);
}

/** @throws BerthError DEADLOCK to the one whose wait would close the circle; the others wait on */
async function requireNoCircle(tx: Writing, wish: Wish): Promise<void> {
  const agents = circle(wish, await readHolds(tx), await readWaiters(tx));
  if (agents === null) return;
  throw new BerthError("DEADLOCK", `${agents.join(" waits for ")} waits for ${wish.agent}: nobody would ever go on.`, {
    hint: "Unlock what you hold, then lock all that you need in one call.",
    facts: { agents },
  });
}

function held(wish: Wish, { holders, before }: Refusal): BerthError {
  const [first] = holders;
  const others = before.map(({ agent }) => agent);
  const who = first
    ? `${first.path} is locked by ${first.agent} until ${first.expiresAt}${first.reason ? ` (${first.reason})` : ""}`
    : `${others.join(", ")} came first`;
  const more = holders.length > 1 ? `, and ${holders.length - 1} more` : "";
  return new BerthError("LOCK_HELD", `${who}${more}; nothing was locked.`, {
    hint: `Wait for it with --wait SECONDS, or ask: berth tell ${first?.agent ?? others[0] ?? "all"} "…"`,
    facts: { paths: wish.paths.map(({ path }) => path), holders: holders.map(shown), waiting: others },
  });
}

function timedOut(wish: Wish, refusal: Refusal, waitMs: number): BerthError {
  const { message, facts } = held(wish, refusal);
  return new BerthError("TIMED_OUT", `Waited ${Math.round(waitMs / 1000)} s: ${message}`, {
    hint: "Ask its holder, or work on something else: berth status",
    facts,
  });
}

function distinct(paths: readonly LockPath[]): LockPath[] {
  return [...new Map(paths.map((path) => [`${path.kind} ${path.key}`, path])).values()];
}
