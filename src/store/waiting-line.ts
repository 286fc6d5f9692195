import { mkdirSync, readdirSync, readlinkSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../clock.ts";

/** A place that nobody renewed for so long, or that is renewed in a future, is a dead process's. */
const STALE_MS = 2_000;
const RENEW_MS = 500;

/** Behind one who has been the first for so long, everybody tries: nothing moves, whatever holds the place. */
const STUCK_MS = 2_000;

/** So long the first of the line may be passed by others, for each who stands in it. */
const PASSED_MS = 20;

/** A place in the line of those who wait for a file's lock. */
export interface Place {
  readonly name: string;
  /** Says now and then that somebody still stands there. */
  renew(): void;
  leave(): void;
}

/** How the line looks to one who wants the lock. */
export interface Outlook {
  /** Whether to try now. */
  readonly mayTry: boolean;
  /** How long before the next look. */
  readonly pauseMs: number;
  /** Whether nobody stands in the line. */
  readonly isEmpty: boolean;
}

/**
 * The line of writers that SQLite does not have: who has waited a while takes a place. As long as nobody in it has
 * waited long, whoever comes by takes the lock when it is free: handed from sleeper to sleeper it would be idle most of
 * the time, above all while the machine has other work. Once the first has waited too long, all go by the line. It is
 * manners, not exclusion: the lock alone decides, and a line that cannot be kept costs only fairness.
 */
export interface WaitingLine {
  /** @param own the place of the one who looks */
  look(own: Place | undefined): Outlook;
  join(): Place;
}

/** @param dir a folder of its own, in which a file stands for each who waits */
export function waitingLine(dir: string, clock: Clock): WaitingLine {
  let front = { name: "", since: 0 };
  return {
    look: (own) => {
      own?.renew();
      const line = namesIn(dir);
      // The first alone is looked at: who died behind it is found once it has gone.
      while (line[0] !== undefined && !waitsStill(dir, line[0])) line.shift();
      const [first] = line;
      const isEmpty = first === undefined;
      if (isEmpty || first === own?.name) return { mayTry: true, pauseMs: 0.5 + 2 * clock.random(), isEmpty };
      if (front.name !== first) front = { name: first, since: performance.now() };
      const stuck = performance.now() - front.since > STUCK_MS;
      const waited = Number(process.hrtime.bigint()) / 1e6 - Number.parseInt(first, 10) / 1e6;
      // Fifty who all look every millisecond would leave the one who writes no time to.
      if (stuck || waited < PASSED_MS * line.length)
        return { mayTry: true, pauseMs: (0.5 + clock.random()) * Math.min(line.length, 25), isEmpty };
      return { mayTry: false, pauseMs: own ? line.filter((name) => name < own.name).length : line.length, isEmpty };
    },
    join: () => keepPlace(dir, clock),
  };
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir).sort();
  } catch {
    // Nobody has ever waited here.
    return [];
  }
}

function waitsStill(dir: string, name: string): boolean {
  const at = statSync(join(dir, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Math.abs(Date.now() - at) < STALE_MS && !isKilled(name)) return true;
  rmSync(join(dir, name), { force: true });
  return false;
}

function keepPlace(dir: string, clock: Clock): Place {
  const since = process.hrtime.bigint().toString().padStart(20, "0");
  const name = `${since}-${process.pid}-${processSpace()}-${Math.floor(clock.random() * 1e9)}`;
  let renewed = performance.now();
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    writeFileSync(join(dir, name), "");
  } catch {
    // Not writable, or full: then we wait without a place.
  }
  return {
    name,
    renew: () => {
      if (performance.now() - renewed <= RENEW_MS) return;
      renewed = performance.now();
      try {
        // Anew, where it was taken for a dead one's: the machine slept, or its clock was set.
        writeFileSync(join(dir, name), "");
        utimesSync(join(dir, name), new Date(), new Date());
      } catch {
        // As at the beginning.
      }
    },
    leave: () => rmSync(join(dir, name), { force: true }),
  };
}

/** Whether a place's process is known to be gone: without that, those behind a killed one would wait until it is stale. */
function isKilled(name: string): boolean {
  const [, pid, space] = name.split("-");
  if (space !== processSpace()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

let ownSpace: string | undefined;

/** Where this process's number means this process: another container has numbers of its own. */
function processSpace(): string {
  try {
    return (ownSpace ??= readlinkSync("/proc/self/ns/pid").replaceAll(/\D/g, ""));
  } catch {
    return (ownSpace = "");
  }
}
