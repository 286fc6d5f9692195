import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { PostgresServer } from "./postgres-server.ts";

/** The rows of a live layer by table, read past the product: with the engine's own client and plain SQL. */
export type RawStore = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** @param place a file, or the URL of a database */
export async function rawStore(place: string, server?: Pick<PostgresServer, "sql">): Promise<RawStore> {
  return server ? fromServer(place, server) : fromFile(place);
}

function fromFile(file: string): RawStore {
  if (!existsSync(file)) return {};
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = db.prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'").all();
    return Object.fromEntries(
      tables.map(({ name }) => [String(name), db.prepare(`select * from "${String(name)}"`).all()]),
    );
  } finally {
    db.close();
  }
}

async function fromServer(url: string, { sql }: Pick<PostgresServer, "sql">): Promise<RawStore> {
  const named = await sql(url, "select tablename from pg_tables where schemaname = 'berth'");
  const tables = named.map(({ tablename }) => String(tablename));
  const parts = tables.map((table) => `select '${table}' as name, to_json(x)::text as row from berth.${table} x`);
  const found = parts.length === 0 ? [] : await sql(url, parts.join(" union all "));
  const rowsOf = (table: string): Record<string, unknown>[] =>
    found.filter(({ name }) => name === table).map(({ row }) => JSON.parse(String(row)) as Record<string, unknown>);
  return Object.fromEntries(tables.map((table) => [table, rowsOf(table)]));
}
