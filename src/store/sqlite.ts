import { dirname } from "node:path";
import type { StatementSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { listenToFolder, ringFolder } from "./folder-events.ts";
import { inTurn } from "./in-turn.ts";
import { tidyIfDue } from "./retention.ts";
import { noticeOf } from "./notice.ts";
import { damaged, sqliteRefusal } from "./sqlite-errors.ts";
import { type Connection, connect, isSound, letGo } from "./sqlite-file.ts";
import { awaitTurn } from "./sqlite-turn.ts";
import type { Engine, HeardEvent, Patience, Reading, Store, Value, Writing } from "./store.ts";
import { checkValues } from "./values.ts";

const engine: Engine = { name: "sqlite", wakes: "fs.watch", clock: "machine", manyMachines: false };

export interface SqliteOptions {
  readonly file: string;
  readonly project: string;
  readonly clock: Clock;
  /** See {@link tidyIfDue}. */
  readonly keepMs?: number | undefined;
  /** How long a write waits for its turn before it gives up. */
  readonly waitMs?: number;
}

/** Who stands under a name is no matter of the file. */
export type SqliteStore = Omit<Store, "stand" | "stands" | "ask" | "sign">;

/**
 * Opens the store in a file of this machine, and makes it when it is not there. Writers of all processes meet at
 * SQLite's lock; they retry in short jittered steps, because SQLite's own busy wait lets unlucky ones starve.
 * @throws BerthError STORE_DAMAGED, STORE_TOO_NEW, STORE_NOT_LOCAL, FAILED for a place that cannot be written
 */
export async function openSqlite(options: SqliteOptions, patience?: Patience): Promise<SqliteStore> {
  const { file, project, clock, keepMs } = options;
  const tidying = { due: 0 };
  const turn = inTurn();
  const line = await keepConnection(options, patience);
  let wroteAt = 0;
  return endsLast({
    engine,
    place: file,
    read: (work) =>
      turn(async () =>
        transaction(await line.current(), file, "begin", (ask) => work(readingOn(atOne(ask, clock), project))),
      ),
    write: async (work, wait) => {
      let added: HeardEvent[] = [];
      let inode = 0n;
      const attempt = async (): Promise<Awaited<ReturnType<typeof work>>> => {
        const at = await line.current();
        added = [];
        inode = at.files.main.inode;
        const append = (event: HeardEvent): void => void added.push(event);
        const value = await writeOn(at, { file, project, clock, append }, async (tx) => {
          const done = await work(tx);
          await tidyIfDue(tx, tidying, keepMs);
          return done;
        });
        line.told = added.at(-1)?.seq ?? line.told;
        isSound(at, file);
        return value;
      };
      const result = await awaitTurn({ ...options, ...wait, wroteAt }, () => turn(attempt));
      wroteAt = performance.now();
      // Signs of life and the like are in no feed, and wake nobody.
      if (added.length > 0) ringFolder(dirname(file), { inode, project, notices: added.map(told) });
      return result;
    },
    listen: () =>
      turn(async () => listenToFolder(dirname(file), { inode: (await line.current()).files.main.inode, project })),
    problems: () =>
      turn(async () =>
        transaction(await line.current(), file, "begin", (ask) =>
          ask("pragma integrity_check(3)", [], (statement) =>
            statement.all().flatMap(({ integrity_check: said }) => (said === "ok" ? [] : [String(said)])),
          ),
        ),
      ),
    close: () => turn(async () => void (await line.leave())),
  });
}

function told({ seq, at, ...event }: HeardEvent): string {
  return `${seq}${noticeOf(event, at)}`;
}

/** The same store, which is closed after all who wait for their turn to write: they would open the file again. */
function endsLast(store: SqliteStore): SqliteStore {
  const writing = new Set<Promise<unknown>>();
  return {
    ...store,
    write: async (work, patience) => {
      const written = store.write(work, patience);
      writing.add(written);
      try {
        return await written;
      } finally {
        writing.delete(written);
      }
    },
    close: async () => {
      await Promise.allSettled(writing);
      await store.close();
    },
  };
}

/** The connection for as long as its files are those of the store, and then another one. */
interface Line {
  current(): Promise<Connection>;
  /** @returns whether the store is still the same file */
  leave(): Promise<boolean>;
  /** The last number in the feed that was accepted from here. */
  told: number;
}

async function keepConnection(options: SqliteOptions, patience: Patience | undefined): Promise<Line> {
  const { file } = options;
  let connection: Connection | undefined = await connect({ ...options, ...patience });
  const again = { ...options, lines: false };
  const line: Line = {
    told: 0,
    leave: async () => {
      const old = connection;
      connection = undefined;
      if (old && !isSound(old, file)) return letGo(options, old);
      old?.database.close();
      return false;
    },
    current: async () => {
      // What is written under names that are no more, nobody else would see.
      if (connection && !isSound(connection, file)) {
        const same = await line.leave();
        connection = await connect(again);
        if (same) requireSeq(connection, options, line.told);
        else line.told = 0;
      }
      return (connection ??= await connect(again));
    },
  };
  return line;
}

/** @throws BerthError STORE_DAMAGED once, when what was accepted from us is no longer there */
function requireSeq({ database }: Connection, { file, project }: SqliteOptions, told: number): void {
  const row = database.prepare("select seq from project where id = ?").get(project);
  if (Number(row?.["seq"] ?? 0) < told)
    throw damaged(file, "its log was deleted or cut off while it was in use, and what was written last is missing");
}

/** One transaction that writes, on a connection of whoever has it. */
export function writeOn<T>(
  at: Connection,
  to: {
    readonly file: string;
    readonly project: string;
    readonly clock: Clock;
    readonly append?: (event: HeardEvent) => void;
  },
  work: (tx: Writing) => Promise<T>,
): Promise<T> {
  const { file, project, clock, append = (): void => undefined } = to;
  return transaction(at, file, "begin immediate", (ask) => work(writingOn(atOne(ask, clock), project, append)));
}

/** Runs one statement of a transaction. */
type Ask = <T>(sql: string, values: readonly Value[], run: Run<T>) => Promise<T>;
type Run<T> = (statement: StatementSync, values: readonly Value[]) => T;

async function transaction<T>(at: Connection, file: string, begin: string, work: (ask: Ask) => Promise<T>): Promise<T> {
  const { database } = at;
  let failed: { readonly error: unknown } | undefined;
  const ask: Ask = async (sql, values, run) => {
    try {
      checkValues(values);
      return run(prepare(at, sql), values);
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

/** Stands for the time of the transaction in its statements, which stay the same and are prepared once. */
const MOMENT = "$now";

interface Timed {
  readonly now: number;
  readonly ask: Ask;
}

function atOne(ask: Ask, clock: Clock): Timed {
  const now = clock.now();
  return {
    now,
    ask: (sql, values, run) =>
      sql.includes(MOMENT)
        ? ask(sql.replaceAll(MOMENT, `$${values.length + 1}`), [...values, now], run)
        : ask(sql, values, run),
  };
}

function readingOn({ ask, now }: Timed, project: string): Reading {
  return {
    project,
    now,
    moment: MOMENT,
    all: <Row extends object>(sql: string, ...values: readonly Value[]) =>
      ask(sql, values, (statement, given) => statement.all(...given) as Row[]),
    one: <Row extends object>(sql: string, ...values: readonly Value[]) =>
      ask(sql, values, (statement, given) => statement.get(...given) as Row | undefined),
  };
}

function writingOn(timed: Timed, project: string, added: (event: HeardEvent) => void): Writing {
  const { ask } = timed;
  const reading = readingOn(timed, project);
  return {
    ...reading,
    run: (sql, ...values) => ask(sql, values, (statement, given) => Number(statement.run(...given).changes)),
    append: async ({ kind, subject, agent, data, brief }) => {
      const next = await reading.one<{ seq: number }>(
        "update project set seq = seq + 1 where id = $1 returning seq",
        project,
      );
      const seq = next?.seq ?? 0;
      const values = [project, seq, reading.now, kind, subject, agent, JSON.stringify(data)];
      await ask(
        "insert into event (project, seq, at, kind, subject, agent, data) values ($1, $2, $3, $4, $5, $6, $7)",
        values,
        (statement, given) => statement.run(...given),
      );
      added({ seq, at: reading.now, kind, subject, agent, data, brief });
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
