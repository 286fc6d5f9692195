import { isoSeconds } from "../../clock.ts";
import type { Reading } from "../../store/store.ts";
import type { LockPath } from "./lock-path.ts";

/** How far the clock of one who writes may be before that of one who reads at the same moment. */
const SKEW_MS = 5000;

/**
 * The latest end of a term that begins now. What ends later was written before the clock was set back, and would last
 * until it has caught up.
 */
export function aheadOf(now: number, termMs: number): number {
  return now + termMs + SKEW_MS;
}

export type LockMode = "exclusive" | "shared";

/** One path that an agent holds. */
export interface Hold {
  readonly path: string;
  readonly kind: LockPath["kind"];
  readonly mode: LockMode;
  readonly agent: string;
  /** The checkout that it was locked in, as `host:path`. */
  readonly place: string;
  /** What the holder does, where it is registered. */
  readonly role: string | null;
  /** Grows with every grant in the project: whoever acts under a smaller one may be refused. */
  readonly fence: number;
  readonly reason: string | null;
  readonly grantedAt: string;
  readonly expiresAt: string;
}

/** As stored, with what comparisons need. */
export interface KnownHold extends Hold {
  readonly at: LockPath;
  readonly expires: number;
}

interface HoldRow {
  readonly fence: number;
  readonly agent: string;
  readonly role: string | null;
  readonly held_in: string;
  readonly kind: string;
  readonly path: string;
  readonly key: string;
  readonly ignore_case: number;
  readonly mode: string;
  readonly reason: string | null;
  readonly granted_at: number;
  readonly expires_at: number;
}

const SELECT = `select fence, agent, role, hold.place as held_in, kind, path, key, ignore_case, mode, reason, granted_at,
    expires_at from hold
  left join agent on agent.project = hold.project and agent.id = hold.agent
  where hold.project = $1 and expires_at > $2`;

/** What is held now by the store's clock, the oldest grant first. */
export async function readHolds(tx: Reading): Promise<KnownHold[]> {
  return (await tx.all<HoldRow>(`${SELECT} order by fence`, tx.project, tx.now)).map(holdOf);
}

/** Of that, what one agent holds. */
export async function holdsOf(tx: Reading, agent: string): Promise<KnownHold[]> {
  return (await tx.all<HoldRow>(`${SELECT} and hold.agent = $3 order by fence`, tx.project, tx.now, agent)).map(holdOf);
}

function holdOf(row: HoldRow): KnownHold {
  return {
    path: row.path,
    kind: row.kind as LockPath["kind"],
    mode: row.mode as LockMode,
    agent: row.agent,
    place: row.held_in,
    role: row.role,
    fence: row.fence,
    reason: row.reason,
    grantedAt: isoSeconds(row.granted_at),
    expiresAt: isoSeconds(row.expires_at),
    at: { kind: row.kind as LockPath["kind"], path: row.path, key: row.key, ignoreCase: row.ignore_case === 1 },
    expires: row.expires_at,
  };
}

/** Whether two lock paths are one name: a file that has become a folder meanwhile, or the other way, is the same. */
export function isSamePath(a: LockPath, b: LockPath): boolean {
  return a.key === b.key && (a.kind === "glob") === (b.kind === "glob");
}

/** Without what only comparisons need. */
export function shown(hold: KnownHold): Hold {
  const { at: _at, expires: _expires, ...rest } = hold;
  return rest;
}

/** Somebody who waits for paths. */
export interface Waiter {
  readonly ticket: number;
  readonly agent: string;
  readonly wanted: readonly LockPath[];
  readonly mode: LockMode;
}

/** A waiter that has not shown itself for so long is dead, and nobody stands behind it for ever. */
export const WAITER_MS = 5000;

/** Those who have shown themselves lately, in the order in which they came. */
export async function readWaiters(tx: Reading): Promise<Waiter[]> {
  const rows = await tx.all<{ ticket: number; agent: string; wanted: string; mode: string }>(
    "select ticket, agent, wanted, mode from waiter where project = $1 and until > $2 and until <= $3 order by ticket",
    tx.project,
    tx.now,
    aheadOf(tx.now, WAITER_MS),
  );
  return rows.map(({ wanted, mode, ...row }) => ({
    ...row,
    wanted: JSON.parse(wanted) as LockPath[],
    mode: mode as LockMode,
  }));
}
