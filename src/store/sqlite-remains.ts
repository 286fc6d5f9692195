import { existsSync, readFileSync } from "node:fs";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { migrations } from "./schema.ts";

/** A row as it was found: nothing says that it is what was written. */
export type FoundRow = Readonly<Record<string, unknown>>;

/** What can still be read of a damaged store. */
export interface Remains {
  /** Whether it was one of ours, as far as its schema tells. */
  readonly ours: boolean;
  /** The rows of a table that can be read, of all projects; `complete` when no page of it is missing. */
  rows(table: string): { readonly rows: readonly FoundRow[]; readonly complete: boolean };
  /** The largest number in a column; 0 when that cannot be told. */
  highest(table: string, column: string): number;
}

const PAGE = 4096;
/** So many rows are asked for one by one where a table cannot be walked. */
const PROBES = 2_000_000;

/**
 * Looks at the bytes of a store in memory, so that nothing is changed by looking. Where its own pages do not say what is
 * where, a fresh store's do: its tables are in the same places. What is read then still has to prove itself.
 * @param bytes the file with its log; @param fresh a new store's
 */
export function openRemains(bytes: Uint8Array, fresh: Uint8Array): Remains {
  const own = openImage(bytes, fresh);
  const names = own ? tablesOf(own) : [];
  const ours = TABLES.every((table) => names.includes(table));
  // A sound schema of something else is not ours to take for a damaged one.
  const foreign = !ours && names.length > 0;
  const database = ours ? own : foreign ? null : openImage(bytes, fresh, true);
  return {
    ours: !foreign,
    rows: (table) => (database ? readTable(database, table) : { rows: [], complete: false }),
    highest: (table, column) => (database ? highest(database, `select max(${column}) as last from ${table}`) : 0),
  };
}

const TABLES: readonly string[] = migrations
  .flat()
  .flatMap((statement) => /^create table (\w+)/.exec(statement)?.slice(1) ?? []);

function tablesOf(database: DatabaseSync): string[] {
  try {
    const rows = database.prepare("select name from sqlite_schema where type = 'table'").all();
    return rows.map(({ name }) => String(name));
  } catch {
    return [];
  }
}

/**
 * @param graft takes the pages that say what is where from a fresh store
 * @returns null where SQLite will not have it at all
 */
function openImage(bytes: Uint8Array, fresh: Uint8Array, graft: boolean = false): DatabaseSync | null {
  if (bytes.length === 0) return null;
  // Pages that are missing are there as empty ones, which nothing is read from: without them nothing would be read at all.
  const said = bytes.length < 32 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(28);
  const least = Math.max(Math.ceil(bytes.length / PAGE), fresh.length / PAGE);
  const pages = said > least && said < least * 1000 ? said : least;
  const image = new Uint8Array(pages * PAGE);
  image.set(bytes);
  for (const page of graft ? schemaPages(fresh) : [])
    image.set(fresh.subarray((page - 1) * PAGE, page * PAGE), (page - 1) * PAGE);
  const head = new DataView(image.buffer);
  // No log in memory; as many pages as there are; and no list of free ones, which nobody needs for reading.
  head.setUint16(18, 0x0101);
  head.setUint32(28, pages);
  head.setUint32(92, head.getUint32(24));
  head.setBigUint64(32, 0n);
  try {
    return inMemory(image);
  } catch {
    return null;
  }
}

function inMemory(image: Uint8Array): DatabaseSync {
  const { DatabaseSync: Database } = process.getBuiltinModule("node:sqlite");
  const database = new Database(":memory:");
  try {
    database.deserialize(image);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function schemaPages(fresh: Uint8Array): number[] {
  const database = inMemory(fresh);
  try {
    const rows = database.prepare("select pageno from dbstat where name = 'sqlite_schema'").all();
    return rows.map(({ pageno }) => Number(pageno));
  } finally {
    database.close();
  }
}

function readTable(database: DatabaseSync, table: string): ReturnType<Remains["rows"]> {
  const found = new Map<number, FoundRow>();
  const walk = (order: string): boolean => {
    try {
      const sql = `select rowid as "rowid", * from ${table} not indexed order by rowid ${order}`;
      for (const row of database.prepare(sql).iterate()) found.set(Number(row["rowid"]), row);
      return true;
    } catch {
      return false;
    }
  };
  const complete = walk("asc");
  if (!complete) {
    walk("desc");
    probe(database, table, found);
  }
  return { rows: [...found.entries()].toSorted(([a], [b]) => a - b).map(([, row]) => row), complete };
}

/** Behind a page that cannot be read there are others. */
function probe(database: DatabaseSync, table: string, found: Map<number, FoundRow>): void {
  let last = highest(database, `select max(rowid) as last from ${table} indexed by sqlite_autoindex_${table}_1`);
  for (const rowid of found.keys()) last = Math.max(last, rowid);
  try {
    const one = database.prepare(`select rowid as "rowid", * from ${table} where rowid = ?`);
    for (let rowid = 1; rowid <= Math.min(last + PAGE, PROBES); rowid++)
      if (!found.has(rowid)) lookFor(one, rowid, found);
  } catch {
    // Not even the table's place can be read.
  }
}

function lookFor(one: StatementSync, rowid: number, found: Map<number, FoundRow>): void {
  try {
    const row = one.get(rowid);
    if (row) found.set(rowid, row);
  } catch {
    // One of those that are lost.
  }
}

function highest(database: DatabaseSync, sql: string): number {
  try {
    const last = database.prepare(sql).get()?.["last"];
    return typeof last === "number" ? last : 0;
  } catch {
    return 0;
  }
}

/** The bytes of a store as they lie on the disk, with what its log adds up to the last write that is whole. */
export function bytesOf(file: string): Uint8Array {
  // The log first: what leaves it meanwhile has come into the file.
  const log = existsSync(`${file}-wal`) ? readFileSync(`${file}-wal`) : Buffer.alloc(0);
  const main = readFileSync(file);
  const pages = loggedPages(log);
  const last = Math.max(0, ...pages.keys());
  const bytes = new Uint8Array(Math.max(main.length, last * PAGE));
  bytes.set(main);
  for (const [number, page] of pages) bytes.set(page, (number - 1) * PAGE);
  return bytes;
}

/** As https://www.sqlite.org/fileformat2.html#walformat has it: frames of the log's own run, up to a commit. */
function loggedPages(log: Buffer): Map<number, Buffer> {
  const pages = new Map<number, Buffer>();
  if (log.length < 32 || log.readUInt32BE(0) >>> 1 !== 0x377f0682 >>> 1 || log.readUInt32BE(8) !== PAGE) return pages;
  const salt = log.subarray(16, 24);
  let pending: [number, Buffer][] = [];
  for (let at = 32; at + 24 + PAGE <= log.length; at += 24 + PAGE) {
    if (!log.subarray(at + 8, at + 16).equals(salt)) break;
    const number = log.readUInt32BE(at);
    if (number === 0 || number > 1_000_000) break;
    pending.push([number, log.subarray(at + 24, at + 24 + PAGE)]);
    if (log.readUInt32BE(at + 4) === 0) continue;
    for (const [page, content] of pending) pages.set(page, content);
    pending = [];
  }
  return pages;
}
