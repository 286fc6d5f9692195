import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { requireLocalDisk } from "./network-disk.ts";
import { schemaVersion, tooNew } from "./schema.ts";
import { damaged, isDamage, placeRefusal, resultOf, sqliteRefusal } from "./sqlite-errors.ts";
import { alone, APPLICATION_ID, closeMoved, inOne, makeStore, migrate, openExisting, pragma } from "./sqlite-make.ts";
import { awaitTurn, type Waiting } from "./sqlite-turn.ts";

/** One open file and what was prepared on it. */
export interface Connection {
  readonly database: DatabaseSync;
  /** As they were when it last looked. */
  files: Files;
  readonly prepared: Map<string, StatementSync>;
}

/** The store's file, its log, and the log's index. */
export interface Files {
  readonly main: File;
  readonly log: File;
  readonly index: File;
}

/** What tells a file from another one of its name, and from what is left of it. */
interface File {
  readonly inode: bigint;
  readonly size: bigint;
}

const GONE = -1n;

export function filesOf(file: string): Files {
  return { main: fileAt(file), log: fileAt(`${file}-wal`), index: fileAt(`${file}-shm`) };
}

function fileAt(path: string): File {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return { inode: found?.ino ?? GONE, size: found?.size ?? 0n };
}

/**
 * Opens the store in a file of this machine, and makes it when there is none. An empty file is never taken for a new
 * store: where one is made it appears whole.
 * @throws BerthError STORE_DAMAGED, STORE_TOO_NEW, STORE_NOT_LOCAL, TIMED_OUT, FAILED for a place that cannot be written
 */
export async function connect(options: Waiting & { readonly project: string }): Promise<Connection> {
  const { file } = options;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    requireLocalDisk(dirname(file));
    for (let attempt = 0; ; attempt++) {
      if (!existsSync(file)) await makeStore(options);
      requireWritable(file);
      if (fileAt(file).inode !== GONE && fileAt(file).size === 0n) throw damaged(file, "it is empty");
      try {
        return await open(options);
      } catch (error) {
        // Somebody took it away in this moment, or put another one there.
        const gone = error instanceof Replaced || (resultOf(error) === 14 && !existsSync(file));
        if (attempt === 20 || !gone) throw error;
      }
    }
  } catch (error) {
    throw placeRefusal(error, file);
  }
}

/** The file's name has been given to another one since it was opened. */
class Replaced extends Error {
  override readonly name = "Replaced";
}

export function newConnection(database: DatabaseSync, files: Files): Connection {
  return { database, files, prepared: new Map() };
}

/** One that can only be read would get a log and an index that can only be read, and keep them. */
function requireWritable(file: string): void {
  for (const path of [dirname(file), file, `${file}-wal`, `${file}-shm`])
    if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK);
}

async function open(options: Waiting & { readonly project: string }): Promise<Connection> {
  const { file, project } = options;
  const { inode } = fileAt(file);
  const database = openExisting(file);
  try {
    return await awaitTurn(options, () => {
      const files = firstLook(database, file, inode);
      prepare(database, file, project);
      return Promise.resolve(newConnection(database, files));
    });
  } catch (error) {
    // A damaged one stays exactly as it is, and its log beside it.
    if (isDamage(sqliteRefusal(error, file))) await closeAside(options, database).catch(() => undefined);
    if (database.isOpen) database.close();
    throw error;
  }
}

/**
 * SQLite opens log and index at the first statement, by their names: with another store's, it would read and write a
 * mixture of both.
 * @returns the files that belong together
 */
function firstLook(database: DatabaseSync, file: string, inode: bigint): Files {
  const id = pragma(database, "application_id");
  const files = filesOf(file);
  if (files.main.inode !== inode) throw new Replaced(file);
  if (id !== APPLICATION_ID) throw damaged(file, "it is no store of Berth, or what says so was overwritten");
  return files;
}

/** Brings the schema to this version. Two processes may meet here: the second finds nothing left to do. */
function prepare(database: DatabaseSync, file: string, project: string): void {
  if (pragma(database, "journal_mode") !== "wal") database.exec("pragma journal_mode = wal");
  database.exec("pragma synchronous = full");
  if (versionOf(database, file) < schemaVersion) inOne(database, () => migrate(database, versionOf(database, file)));
  if (!isKnown(database, project))
    database.prepare("insert into project (id, seq, tidy_at) values (?, 0, 0) on conflict do nothing").run(project);
  requireWhole(database, file);
}

function versionOf(database: DatabaseSync, file: string): number {
  const version = Number(pragma(database, "user_version"));
  if (version > schemaVersion) throw tooNew(file, version);
  return version;
}

function isKnown(database: DatabaseSync, project: string): boolean {
  return database.prepare("select 1 from project where id = ?").get(project) !== undefined;
}

/** SQLite reads what is missing at the end of a page as zeros, without a word. What is missing may be in the log. */
function requireWhole(database: DatabaseSync, file: string): void {
  const { main, log } = filesOf(file);
  const page = BigInt(Number(pragma(database, "page_size")));
  const missing = BigInt(Number(pragma(database, "page_count"))) - main.size / page;
  // Each page in the log has a head of 24 bytes, and the log one of 32.
  if (missing > log.size / (page + 24n)) throw damaged(file, "its end is missing");
  if (main.size % page !== 0n && log.size === 0n) throw damaged(file, "it was cut off in the middle of a page");
}

/**
 * Looks at the files again. @returns false when one that this connection was opened by was deleted, replaced or cut off:
 * file and log only grow as long as somebody has them open
 */
export function isSound(connection: Connection, file: string): boolean {
  const { main, log, index } = connection.files;
  const now = filesOf(file);
  if (now.main.inode !== main.inode || now.log.inode !== log.inode || now.index.inode !== index.inode) return false;
  if (now.main.size < main.size || now.log.size < log.size) return false;
  connection.files = now;
  return true;
}

/**
 * Ends a connection whose files are no longer what it had opened. What SQLite does when the last one closes would put
 * an old log over what others have written since, and delete theirs; it does none of that for a file that has moved.
 * @returns whether the store itself is still the same file
 */
export async function letGo(
  options: { readonly file: string; readonly clock: Clock },
  { database, files }: Connection,
): Promise<boolean> {
  const { file, clock } = options;
  if (fileAt(file).inode !== files.main.inode) {
    database.close();
    return false;
  }
  for (let n = 0; n < 50 && isOrphaned(files, file) && !emptied(database); n++) await clock.sleep(10);
  await closeAside(options, database);
  return true;
}

/** Closes a connection while the file has another name, so that SQLite touches neither it nor its log. */
async function closeAside(
  options: { readonly file: string; readonly clock: Clock },
  database: DatabaseSync,
): Promise<void> {
  const { file } = options;
  await alone(options, () => closeMoved(file, database)).catch((error: unknown) => {
    if (database.isOpen) database.close();
    throw placeRefusal(error, file);
  });
}

/**
 * A log without a name is lost with those who have it open: what it holds goes into the file as long as one has. Not
 * when others have begun a new one.
 */
function isOrphaned({ log, index }: Files, file: string): boolean {
  const now = filesOf(file);
  if (now.log.inode === log.inode || now.log.size > 0n) return false;
  return now.index.inode === index.inode || now.index.inode === GONE;
}

/** @returns whether nothing of the log is missing in the file any more */
function emptied(database: DatabaseSync): boolean {
  try {
    const found = database.prepare("pragma wal_checkpoint(truncate)").get() as { busy: number } | undefined;
    return found?.busy === 0;
  } catch {
    return false;
  }
}
