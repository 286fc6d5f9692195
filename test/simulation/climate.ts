import type { Fate } from "./git/network.ts";
import type { Random } from "./random.ts";

/** How much goes wrong in a seed. */
export interface Climate {
  /** At each step of a process. */
  readonly death: number;
  readonly pause: number;
  /** Of pushes and fetches. */
  readonly push: number;
  readonly fetch: number;
  /** Somebody writes into the workspace of a verb, at each of its steps. */
  readonly meddling: number;
  /** Whether the hub moves several references at once. */
  readonly atomic: boolean;
  readonly agents: number;
  /** How long an agent rests between two calls, in milliseconds at the most. */
  readonly rest: number;
}

export function climateOf(random: Random): Climate {
  const [death, pause] = [random.pick([0, 0.0005, 0.002]), random.pick([0, 0.0005, 0.002])];
  const [push, fetch] = [random.pick([0, 0.1, 0.4]), random.pick([0, 0.02, 0.1])];
  return {
    death,
    pause,
    push,
    fetch,
    meddling: random.pick([0, 0.002]),
    atomic: random.chance(0.8),
    agents: 2 + random.below(4),
    rest: random.pick([100, 2000, 30_000]),
  };
}

const FATES: readonly Fate[] = ["lost", "cut", "late", "twice", "refused"];

export function fateIn(climate: Climate, random: Random): Fate {
  return random.chance(climate.push) ? random.pick(FATES) : "sound";
}
