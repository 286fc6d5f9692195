import { setImmediate } from "node:timers/promises";
import type { Random } from "./random.ts";

/** Somebody whose steps are ordered: a process, or what is on its way through the network. */
export interface Runner {
  readonly name: string;
  /** Its steps are never taken again. */
  dead: boolean;
  /** Stopped until this time. */
  pausedUntil: number;
}

interface Waiting {
  readonly runner: Runner;
  readonly what: string;
  readonly from: number;
  readonly go: () => void;
}

/**
 * The one order of all steps: at any time one runner alone goes on, from one step to its next, and the seed says which.
 * Time is a number that grows with each step, and leaps when everybody waits.
 */
export interface Schedule {
  now(): number;
  /** Waits for a turn, at `from` at the earliest. */
  turn(runner: Runner, what: string, from?: number): Promise<void>;
  /** Lets runners go on until `done`. */
  run(done: () => boolean): Promise<void>;
  /** Lets time pass. */
  leap(ms: number): void;
  readonly steps: number;
}

export interface ScheduleOptions {
  readonly random: Random;
  readonly start: number;
  /** Called before each step; whoever it kills goes no further. */
  readonly before: (runner: Runner, what: string) => void;
  /** Called when everything has come to rest after a step. */
  readonly after: () => void;
}

export function makeSchedule({ random, start, before, after }: ScheduleOptions): Schedule {
  let now = start;
  let steps = 0;
  let waiting: Waiting[] = [];
  const isDue = (one: Waiting): boolean => Math.max(one.from, one.runner.pausedUntil) <= now;
  const step = (): void => {
    waiting = waiting.filter(({ runner }) => !runner.dead);
    if (waiting.length === 0) throw new Error("nobody can go on");
    let due = waiting.filter(isDue);
    if (due.length === 0) {
      now = Math.min(...waiting.map(({ from, runner }) => Math.max(from, runner.pausedUntil)));
      due = waiting.filter(isDue);
    }
    const one = random.pick(due);
    before(one.runner, one.what);
    if (one.runner.dead || one.runner.pausedUntil > now) return;
    waiting.splice(waiting.indexOf(one), 1);
    steps += 1;
    now += 1 + random.below(4);
    one.go();
  };
  return {
    now: () => now,
    turn: (runner, what, from = now) => new Promise((go) => waiting.push({ runner, what, from: Math.ceil(from), go })),
    run: async (done) => {
      for (;;) {
        // Everything that follows from a step without waiting for another one has happened by then.
        await setImmediate();
        after();
        if (done()) return;
        step();
      }
    },
    leap: (ms) => void (now += ms),
    get steps() {
      return steps;
    },
  };
}
