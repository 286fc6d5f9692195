import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { Clock } from "../clock.ts";
import { withMutex } from "./mutex.ts";
import { migrations, schemaVersion } from "./schema.ts";

/** "Brth": tells a store of ours from any other SQLite file. */
export const APPLICATION_ID: number = 0x42727468;

/** What changes which file has the store's name is done by one process at a time. */
export function alone<T>(
  options: { readonly file: string; readonly clock: Clock },
  work: () => T | Promise<T>,
): Promise<T> {
  const { file, clock } = options;
  const turn = { clock, waitMs: 30_000, what: `the turn to make ${file}` };
  return withMutex(join(dirname(file), "making.lock"), turn, async () => work());
}

/** Makes a new store aside, and puts it into its place when it is whole: nobody ever meets half of one. */
export function makeStore(options: { readonly file: string; readonly clock: Clock }): Promise<void> {
  const { file } = options;
  return alone(options, () => {
    if (existsSync(file)) return;
    // Whoever had moved it for a moment was killed.
    if (existsSync(movedFrom(file))) {
      renameSync(movedFrom(file), file);
      return;
    }
    // As was one who had built another one for it.
    if (existsSync(readyFor(file))) {
      settle(file, () => undefined);
      return;
    }
    const fresh = makeFresh(file);
    // The log of another file would be taken for its own. What is in it belongs to that one, wherever it is now.
    if (existsSync(`${file}-wal`)) renameSync(`${file}-wal`, `${file}.left-wal`);
    rmSync(`${file}-shm`, { force: true });
    renameSync(fresh, file);
  });
}

/** An empty store of this version, under a name that nobody looks at. @returns that name */
export function makeFresh(file: string): string {
  const fresh = `${file}.new`;
  for (const ending of ["", "-wal", "-shm", "-journal"]) rmSync(`${fresh}${ending}`, { force: true });
  const database = databaseAt(fresh);
  try {
    database.exec(`pragma journal_mode = wal; pragma synchronous = full; pragma application_id = ${APPLICATION_ID}`);
    inOne(database, () => migrate(database, 0));
  } finally {
    database.close();
  }
  return fresh;
}

/** The same in memory, as bytes. */
export function freshImage(): Uint8Array {
  const database = databaseAt(":memory:");
  try {
    database.exec(`pragma application_id = ${APPLICATION_ID}`);
    inOne(database, () => migrate(database, 0));
    return database.serialize();
  } finally {
    database.close();
  }
}

/** Where a store that was rebuilt waits, whole, for its place. */
export function readyFor(file: string): string {
  return `${file}.ready`;
}

/** Where a damaged store is set aside: the time of the rebuilt one tells, also to who has to finish it. */
export function asideFor(file: string, at: Date): string {
  return `${file}.damaged-${at.toISOString().slice(0, 19).replaceAll(":", "-")}`;
}

/**
 * Sets a damaged store aside and puts the rebuilt one into its place. Killed in the middle, whoever opens the store next
 * goes on with it: there is never a moment in which an empty one would be made.
 * @param between done when nobody can meet the damaged one any more
 * @returns where the damaged one is now
 */
export function settle(file: string, between: () => void): string {
  const ready = readyFor(file);
  const aside = asideFor(file, statSync(ready).mtime);
  if (existsSync(file)) renameSync(file, aside);
  between();
  if (existsSync(`${file}-wal`)) renameSync(`${file}-wal`, `${aside}-wal`);
  rmSync(`${file}-shm`, { force: true });
  renameSync(ready, file);
  return aside;
}

/** Where a store's file is for the moment in which a connection lets go of it. */
function movedFrom(file: string): string {
  return `${file}.moved`;
}

/** Closes a connection while the file has another name, so that SQLite touches neither it nor its log. For who is {@link alone}. */
export function closeMoved(file: string, database: DatabaseSync): void {
  renameSync(file, movedFrom(file));
  try {
    database.close();
  } finally {
    renameSync(movedFrom(file), file);
  }
}

export function migrate(database: DatabaseSync, version: number): void {
  for (const statement of migrations.slice(version).flat()) database.exec(statement);
  database.exec(`pragma user_version = ${schemaVersion}`);
}

/** Opens what is there; SQLite by itself would make a file that is not. */
export function openExisting(file: string): DatabaseSync {
  const address = pathToFileURL(file);
  address.search = "mode=rw";
  return databaseAt(address);
}

export function databaseAt(place: string | URL): DatabaseSync {
  // Loaded when there is something to open: verbs that only read git pay nothing for it.
  const sqlite = process.getBuiltinModule("node:sqlite");
  return new sqlite.DatabaseSync(place, { timeout: 0 });
}

export function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`pragma ${name}`).get() ?? {})[0];
}

export function inOne<T>(database: DatabaseSync, work: () => T): T {
  database.exec("begin immediate");
  try {
    const result = work();
    database.exec("commit");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("rollback");
    throw error;
  }
}
