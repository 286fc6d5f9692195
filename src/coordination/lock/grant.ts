import { BerthError } from "../../errors.ts";
import { operand } from "../../shell-word.ts";
import type { Reading, Writing } from "../../store/store.ts";
import { stillHeard } from "../agent/heard.ts";
import { decide, type Wish } from "./decide.ts";
import { dropExpired } from "./expire.ts";
import { dropInterest, tellFree } from "./interest.ts";
import { type Hold, holdsOf, isSamePath, type KnownHold, readHolds, readWaiters, shown, type Waiter } from "./hold.ts";
import type { LockPath } from "./lock-path.ts";

export interface Terms {
  readonly ttlMs: number;
  readonly reason: string | null;
  /** The checkout it is locked in, as `host:path`. */
  readonly place: string;
}

export interface Refusal {
  /** By the store's clock, like the expiry of what is held. */
  readonly now: number;
  readonly holders: readonly KnownHold[];
  readonly before: readonly Waiter[];
}

/** Grants all of a wish, or says what is in the way. */
export async function tryGrant(tx: Writing, wish: Wish, terms: Terms): Promise<Hold[] | Refusal> {
  await stillHeard(tx, wish.agent);
  await dropExpired(tx);
  const holds = await readHolds(tx);
  return (await refusalOf(tx, wish, holds)) ?? grant(tx, wish, terms, holds);
}

/** What is in the way of a wish; null when it can be granted. */
export async function refusalOf(tx: Reading, wish: Wish, holds: readonly KnownHold[]): Promise<Refusal | null> {
  const { holders, before } = decide(wish, holds, await readWaiters(tx));
  return holders.length > 0 || before.length > 0 ? { now: tx.now, holders, before } : null;
}

async function grant(tx: Writing, wish: Wish, terms: Terms, holds: readonly KnownHold[]): Promise<Hold[]> {
  const { agent, mode } = wish;
  await dropInterest(tx, wish);
  const fences = new Set<number>();
  const lowered: LockPath[] = [];
  for (const path of wish.paths) {
    const own = holds.find((hold) => hold.agent === agent && isSamePath(hold.at, path));
    if (own?.mode === mode) {
      await tx.run(
        "update hold set expires_at = $3, ttl = $5, reason = coalesce($4, reason) where project = $1 and fence = $2",
        tx.project,
        own.fence,
        tx.now + terms.ttlMs,
        terms.reason,
        terms.ttlMs,
      );
      const { fence } = own;
      const data = { fence, ttlMs: terms.ttlMs, reason: terms.reason ?? own.reason };
      await tx.append({ kind: "lock.renewed", subject: path.path, agent, data });
      fences.add(fence);
      continue;
    }
    if (own && mode === "shared") lowered.push(path);
    if (own) await tx.run("delete from hold where project = $1 and fence = $2", tx.project, own.fence);
    const data = { mode, kind: path.kind, ttlMs: terms.ttlMs, ...(own ? { instead: own.fence } : {}) };
    const fence = await tx.append({ kind: "lock.granted", subject: path.path, agent, data });
    await tx.run(
      `insert into hold (project, fence, agent, kind, path, place, key, ignore_case, mode, reason, granted_at, expires_at, ttl)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      tx.project,
      fence,
      agent,
      path.kind,
      path.path,
      terms.place,
      path.key,
      path.ignoreCase ? 1 : 0,
      mode,
      terms.reason,
      tx.now,
      tx.now + terms.ttlMs,
      terms.ttlMs,
    );
    fences.add(fence);
  }
  await tellFree(tx, lowered);
  return (await holdsOf(tx, agent)).filter(({ fence }) => fences.has(fence)).map(shown);
}

export function held(wish: Wish, { holders, before }: Refusal): BerthError {
  const [first] = holders;
  const others = before.map(({ agent }) => agent);
  const who = first
    ? `${first.path} is locked by ${first.agent}${first.role === null ? "" : ` (${first.role})`} until ${first.expiresAt}${first.reason ? `: ${first.reason}` : ""}`
    : `${others.join(", ")} came first`;
  const more = holders.length > 1 ? `, and ${holders.length - 1} more` : "";
  return new BerthError("LOCK_HELD", `${who}${more}; nothing was locked.`, {
    hint: `You are told in your inbox when it is free. Wait with --wait SECONDS${first ? `, or ask: berth tell ${operand(first.agent)} "…"` : "; who died while waiting is passed within seconds"}`,
    facts: { paths: wish.paths.map(({ path }) => path), holders: holders.map(shown), waiting: others },
  });
}

export function timedOut(wish: Wish, refusal: Refusal, waitMs: number): BerthError {
  const { message, facts } = held(wish, refusal);
  return new BerthError("TIMED_OUT", `Waited ${Math.round(waitMs / 1000)} s: ${message}`, {
    hint: `${refusal.holders.length > 0 ? "Ask its holder, or work" : "Work"} on something else: berth status`,
    facts,
  });
}
