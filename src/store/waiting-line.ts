import { mkdirSync, readdirSync, readlinkSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../clock.ts";

/** A place that nobody renewed for so long is a dead process's. */
const STALE_MS = 2_000;
const RENEW_MS = 500;

/** A place in the line of those who wait for a file's lock. */
export interface Place {
  /** Whether nobody who still waits came before. */
  isFirst(): boolean;
  leave(): void;
}

/**
 * The line of writers that SQLite does not have: who has waited a while takes a place, and who comes later lets him go
 * first. It is manners, not exclusion: the lock alone decides, and a line that cannot be kept costs only fairness.
 */
export interface WaitingLine {
  /** Whether somebody waits. */
  isEmpty(): boolean;
  join(): Place;
}

/** @param dir a folder of its own, in which a file stands for each who waits */
export function waitingLine(dir: string, clock: Clock): WaitingLine {
  const names = (): string[] => {
    try {
      return readdirSync(dir);
    } catch {
      // Nobody has ever waited here.
      return [];
    }
  };
  const waitsStill = (name: string): boolean => {
    const at = statSync(join(dir, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - at < STALE_MS && !isKilled(name)) return true;
    rmSync(join(dir, name), { force: true });
    return false;
  };
  return {
    isEmpty: () => !names().some(waitsStill),
    join: () => {
      const since = process.hrtime.bigint().toString().padStart(20, "0");
      const name = `${since}-${process.pid}-${processSpace()}-${Math.floor(clock.random() * 1e9)}`;
      let renewed = Date.now();
      try {
        mkdirSync(dir, { recursive: true, mode: 0o700 });
        writeFileSync(join(dir, name), "");
      } catch {
        // Not writable, or full: then we wait without a place.
      }
      return {
        isFirst: () => {
          const now = Date.now();
          if (now - renewed > RENEW_MS) {
            renewed = now;
            try {
              utimesSync(join(dir, name), new Date(now), new Date(now));
            } catch {
              // Taken for dead after a long sleep of the machine: others go first, and then we.
            }
          }
          return !names().some((other) => other < name && waitsStill(other));
        },
        leave: () => rmSync(join(dir, name), { force: true }),
      };
    },
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
