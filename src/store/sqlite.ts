import { mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { BerthError } from "../errors.ts";
import { listenToFolder, ringFolder } from "./folder-events.ts";
import { inTurn } from "./in-turn.ts";
import { migrations, schemaVersion, tooNew } from "./schema.ts";
import { isBusy, sqliteRefusal } from "./sqlite-errors.ts";
import type { Engine, Reading, Store, Value, Writing } from "./store.ts";
import { checkValues } from "./values.ts";
import { waitingLine } from "./waiting-line.ts";

const engine: Engine = { name: "sqlite", wakes: "fs.watch", clock: "machine", manyMachines: false };

/** "Brth": tells a store of ours from any other SQLite file. */
const APPLICATION_ID = 0x42727468;

export interface SqliteOptions {
  readonly file: string;
  readonly project: string;
  readonly clock: Clock;
  /** How long a write waits for its turn before it gives up. */
  readonly waitMs?: number;
}

/** One open file and what was prepared on it. */
interface Connection {
  readonly database: DatabaseSync;
  readonly inode: bigint;
  readonly prepared: Map<string, StatementSync>;
}

/**
 * Opens the store in a file of this machine, and makes it when it is not there. Writers of all processes meet at
 * SQLite's lock; they retry in short jittered steps, because SQLite's own busy wait lets unlucky ones starve.
 * @throws BerthError STORE_DAMAGED, STORE_TOO_NEW, FAILED for a place that cannot be written
 */
export async function openSqlite(options: SqliteOptions): Promise<Store> {
  const { file, project, clock } = options;
  const turn = inTurn();
  let connection: Connection | undefined = await connect(options);
  const current = async (): Promise<Connection> => {
    // Somebody deleted the file: what is written to the old one, nobody else would see.
    if (connection && inodeOf(file) !== connection.inode) {
      connection.database.close();
      connection = undefined;
    }
    return (connection ??= await connect(options));
  };
  return {
    engine,
    place: file,
    read: (work) =>
      turn(async () => {
        const at = await current();
        return transaction(at, file, "begin", (ask) => work(readingOn(ask, project, clock)));
      }),
    write: async (work) => {
      let told = false;
      const ring = (): void => void (told = true);
      const result = await retry(options, async () =>
        turn(async () => {
          const at = await current();
          return transaction(at, file, "begin immediate", (ask) => work(writingOn(ask, project, clock, ring)));
        }),
      );
      // Signs of life and the like are in no feed, and wake nobody.
      if (told) ringFolder(dirname(file));
      return result;
    },
    listen: () => Promise.resolve(listenToFolder(dirname(file))),
    close: () =>
      turn(() => {
        connection?.database.close();
        connection = undefined;
        return Promise.resolve();
      }),
  };
}

async function connect(options: SqliteOptions): Promise<Connection> {
  const { file } = options;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const sqlite = process.getBuiltinModule("node:sqlite");
    const database = new sqlite.DatabaseSync(file, { timeout: 0 });
    try {
      await retry(options, () => {
        prepareFile(database, file, options.project);
        return Promise.resolve();
      });
      return { database, inode: inodeOf(file), prepared: new Map() };
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw sqliteRefusal(error, file);
  }
}

/** Brings the schema to this version. Two processes may meet here: the second finds nothing left to do. */
function prepareFile(database: DatabaseSync, file: string, project: string): void {
  database.exec("pragma journal_mode = wal; pragma synchronous = full");
  if (versionOf(database) !== schemaVersion || !isKnown(database, project)) {
    database.exec("begin immediate");
    try {
      const version = versionOf(database);
      if (version > schemaVersion) throw tooNew(file, version);
      for (const statement of migrations.slice(version).flat()) database.exec(statement);
      database.exec(`pragma user_version = ${schemaVersion}; pragma application_id = ${APPLICATION_ID}`);
      database.prepare("insert into project (id, seq) values (?, 0) on conflict do nothing").run(project);
      database.exec("commit");
    } catch (error) {
      if (database.isTransaction) database.exec("rollback");
      throw error;
    }
  }
}

function versionOf(database: DatabaseSync): number {
  return (database.prepare("pragma user_version").get() as { user_version: number }).user_version;
}

function isKnown(database: DatabaseSync, project: string): boolean {
  return database.prepare("select 1 from project where id = ?").get(project) !== undefined;
}

function inodeOf(file: string): bigint {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? -1n;
}

/** Runs one statement of a transaction. */
type Ask = <T>(sql: string, values: readonly Value[], run: (statement: StatementSync) => T) => Promise<T>;

async function transaction<T>(at: Connection, file: string, begin: string, work: (ask: Ask) => Promise<T>): Promise<T> {
  const { database } = at;
  let failed: { readonly error: unknown } | undefined;
  const ask: Ask = async (sql, values, run) => {
    try {
      checkValues(values);
      return run(prepare(at, sql));
    } catch (error) {
      failed ??= { error };
      throw error;
    }
  };
  try {
    database.exec(begin);
    const result = await work(ask);
    // As on every engine, a statement that failed ends its transaction, whatever `work` made of it.
    if (failed) throw failed.error as Error;
    database.exec("commit");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("rollback");
    throw sqliteRefusal(error, file);
  }
}

/** So long one tries without a place in the line: most waits are shorter. */
const PATIENCE_MS = 4;

/**
 * Tries until the lock is free. The waits stay short however long it takes, and who has waited takes a place in the
 * line, so that those who come later, or come again, do not pass.
 */
async function retry<T>(options: SqliteOptions, work: () => Promise<T>): Promise<T> {
  const { clock, file } = options;
  const waitMs = options.waitMs ?? 30_000;
  const began = clock.now();
  const line = waitingLine(join(dirname(file), "waiting"), clock);
  let place = line.isEmpty() ? undefined : line.join();
  try {
    for (;;) {
      let busy: unknown;
      try {
        if (place?.isFirst() ?? true) return await work();
      } catch (error) {
        if (!isBusy(error)) throw error;
        busy = error;
      }
      const waited = clock.now() - began;
      if (waited > waitMs)
        throw new BerthError("TIMED_OUT", `Waited ${Math.round(waitMs / 1000)} s to write to ${file}.`, {
          hint: "Another process holds it; see which with: berth doctor",
          cause: busy,
        });
      if (waited > PATIENCE_MS) place ??= line.join();
      await clock.sleep(0.5 + 2 * clock.random());
    }
  } finally {
    place?.leave();
  }
}

function readingOn(ask: Ask, project: string, clock: Clock): Reading {
  return {
    project,
    now: clock.now(),
    all: <Row extends object>(sql: string, ...values: readonly Value[]) =>
      ask(sql, values, (statement) => statement.all(...values) as Row[]),
    one: <Row extends object>(sql: string, ...values: readonly Value[]) =>
      ask(sql, values, (statement) => statement.get(...values) as Row | undefined),
  };
}

function writingOn(ask: Ask, project: string, clock: Clock, ring: () => void): Writing {
  const reading = readingOn(ask, project, clock);
  return {
    ...reading,
    run: (sql, ...values) => ask(sql, values, (statement) => Number(statement.run(...values).changes)),
    append: async ({ kind, subject, agent, data }) => {
      ring();
      const next = await reading.one<{ seq: number }>(
        "update project set seq = seq + 1 where id = $1 returning seq",
        project,
      );
      const seq = next?.seq ?? 0;
      const values = [project, seq, reading.now, kind, subject, agent, JSON.stringify(data)];
      await ask(
        "insert into event (project, seq, at, kind, subject, agent, data) values ($1, $2, $3, $4, $5, $6, $7)",
        values,
        (statement) => statement.run(...values),
      );
      return seq;
    },
  };
}

/** SQLite takes `$1` for a name; `?1` is the first value. */
function prepare(at: Connection, sql: string): StatementSync {
  const known = at.prepared.get(sql);
  if (known) return known;
  const statement = at.database.prepare(sql.replaceAll(/\$(\d+)/g, "?$1"));
  at.prepared.set(sql, statement);
  return statement;
}
