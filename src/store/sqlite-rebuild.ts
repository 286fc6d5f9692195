import { existsSync, renameSync, statSync, utimesSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { BerthError } from "../errors.ts";
import { isBusy, placeRefusal } from "./sqlite-errors.ts";
import { filesOf, newConnection } from "./sqlite-file.ts";
import {
  alone,
  asideFor,
  closeMoved,
  databaseAt,
  freshImage,
  makeFresh,
  openExisting,
  readyFor,
  settle,
} from "./sqlite-make.ts";
import { bytesOf, openRemains, type Remains } from "./sqlite-remains.ts";
import { writeOn } from "./sqlite.ts";
import type { Writing } from "./store.ts";

interface Place {
  readonly file: string;
  readonly clock: Clock;
}

/** What a rebuilt store is to hold of one project. */
export interface Refill {
  readonly project: string;
  /** The last number that was given, so that none is given twice. */
  readonly seq: number;
  readonly fill: (tx: Writing) => Promise<void>;
}

/**
 * What can be read of a damaged store, without changing anything. Whoever calls has no connection to it: closing the
 * file after a look at its bytes would end the locks of all connections of this process.
 * @throws BerthError STORE_DAMAGED for a file that is no store of ours
 */
export function lookAtRemains(place: Place): Promise<Remains> {
  return guarded(place.file, () => remainsOf(place.file, bytesOf(place.file)));
}

/**
 * Replaces a damaged store by one that holds what `plan` makes of its remains. The damaged one is set aside under another
 * name, with its log; other processes find the new one at their next call.
 * @returns where the damaged one is now
 */
export function rebuildStore(
  place: Place,
  plan: (remains: Remains, aside: string) => readonly Refill[],
): Promise<string> {
  const { file, clock } = place;
  const rebuild = async (): Promise<string> => {
    const held = await holdWriters(file, clock);
    try {
      const at = freeTime(file, clock.now());
      const refills = plan(remainsOf(file, contentOf(held, file)), asideFor(file, at));
      const fresh = makeFresh(file);
      for (const refill of refills) await fillOne(fresh, clock, refill);
      utimesSync(fresh, at, at);
      renameSync(fresh, readyFor(file));
    } catch (error) {
      if (held) closeMoved(file, held);
      throw error;
    }
    return settle(file, () => held?.close());
  };
  return guarded(file, () => alone(place, rebuild));
}

/** A whole second for whose name there is no file yet: nothing that was set aside is replaced. */
function freeTime(file: string, now: number): Date {
  let at = new Date(Math.floor(now / 1000) * 1000);
  while (existsSync(asideFor(file, at))) at = new Date(at.getTime() + 1000);
  return at;
}

async function guarded<T>(file: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw placeRefusal(error, file);
  }
}

/** Through the connection, where SQLite can: a look at the file's bytes would end the lock that keeps others away. */
function contentOf(held: DatabaseSync | null, file: string): Uint8Array {
  try {
    if (held) return held.serialize();
  } catch {
    // Pages that it does not find.
  }
  return bytesOf(file);
}

function remainsOf(file: string, bytes: Uint8Array): Remains {
  const remains = openRemains(bytes, freshImage());
  if (remains.ours) return remains;
  throw new BerthError("STORE_DAMAGED", `${file} is another program's.`, {
    hint: "Move it away, or name another folder with: berth config store.path FOLDER",
    facts: { file },
  });
}

/** Keeps others from writing meanwhile, where the damage leaves them able to. */
async function holdWriters(file: string, clock: Clock): Promise<DatabaseSync | null> {
  // Opening one that is empty would delete its log, in which everything may be.
  if (statSync(file).size === 0) return null;
  const database = openExisting(file);
  for (let n = 0; ; n++) {
    try {
      database.exec("begin immediate");
      return database;
    } catch (error) {
      if (n === 200 || !isBusy(error)) {
        closeMoved(file, database);
        if (isBusy(error)) throw error;
        return null;
      }
    }
    await clock.sleep(10);
  }
}

async function fillOne(fresh: string, clock: Clock, { project, seq, fill }: Refill): Promise<void> {
  const database = databaseAt(fresh);
  try {
    database.exec("pragma synchronous = full");
    database.prepare("insert into project (id, seq, tidy_at) values (?, ?, 0)").run(project, seq);
    await writeOn(newConnection(database, filesOf(fresh)), { file: fresh, project, clock }, fill);
  } finally {
    database.close();
  }
}
