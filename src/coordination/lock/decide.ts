import type { KnownHold, LockMode, Waiter } from "./hold.ts";
import type { LockPath } from "./lock-path.ts";
import { covers, overlaps } from "./path-overlap.ts";

/** What somebody wants to hold, all of it or nothing. */
export interface Wish {
  readonly agent: string;
  readonly paths: readonly LockPath[];
  readonly mode: LockMode;
  /** The place in the queue; null for one who has not waited. */
  readonly ticket: number | null;
}

export interface Decision {
  /** What others hold of it. Empty: it may be granted, unless somebody is before. */
  readonly holders: readonly KnownHold[];
  /** Those who came first and want some of it. */
  readonly before: readonly Waiter[];
}

/** Whether a wish can be granted on what is held and waited for. Pure, so that it can be tested with anything. */
export function decide(wish: Wish, holds: readonly KnownHold[], waiters: readonly Waiter[]): Decision {
  // What is held already passes nobody: they wait for it in any case, and its holder must be able to keep it.
  const anew = wish.paths.filter((path) => !holds.some((hold) => isHeld(wish, path, hold)));
  const meets = (paths: readonly LockPath[], wanted: readonly LockPath[] = wish.paths): boolean =>
    paths.some((path) => wanted.some((want) => overlaps(want, path)));
  return {
    holders: holds.filter((hold) => hold.agent !== wish.agent && excludes(wish.mode, hold.mode) && meets([hold.at])),
    before: waiters.filter(
      (waiter) =>
        waiter.agent !== wish.agent &&
        (wish.ticket === null || waiter.ticket < wish.ticket) &&
        excludes(wish.mode, waiter.mode) &&
        meets(waiter.wanted, anew),
    ),
  };
}

/** Whether a hold of one's own is all of a path that is wanted, and enough for it: exclusively is shared as well. */
function isHeld(wish: Wish, path: LockPath, { agent, mode, at }: KnownHold): boolean {
  return agent === wish.agent && (mode === wish.mode || mode === "exclusive") && covers(at, path);
}

/**
 * The agents around a circle of waiting that this wish would close, itself first; null when there is none. Each waits
 * for those who hold what it wants, and for those who came before it.
 */
export function circle(wish: Wish, holds: readonly KnownHold[], waiters: readonly Waiter[]): string[] | null {
  const waitsFor = (one: Wish): string[] => {
    const { holders, before } = decide(one, holds, waiters);
    return [...new Set([...holders, ...before].map(({ agent }) => agent))];
  };
  const seen = new Set<string>();
  const walk = (agents: readonly string[], path: readonly string[]): string[] | null => {
    for (const agent of agents) {
      if (agent === wish.agent) return [...path];
      if (seen.has(agent)) continue;
      seen.add(agent);
      for (const waiter of waiters.filter((w) => w.agent === agent)) {
        const { wanted: paths, mode, ticket } = waiter;
        const found = walk(waitsFor({ agent, paths, mode, ticket }), [...path, agent]);
        if (found) return found;
      }
    }
    return null;
  };
  return walk(waitsFor(wish), [wish.agent]);
}

function excludes(a: LockMode, b: LockMode): boolean {
  return a === "exclusive" || b === "exclusive";
}
