import { randomHex, shortHash } from "../hash.ts";
import { codeOf } from "./postgres-errors.ts";
import type { Link } from "./postgres-link.ts";
import { migrations, schemaVersion, tooNew } from "./schema.ts";

/** "Brth": the advisory lock under which the schema is changed. */
const LOCK = 0x42727468;

/**
 * Brings the schema to this version and makes the project's row. Several processes may meet here: the later ones find
 * nothing left to do. What is there already needs no right to create.
 * @returns the channel on which the project's writes are told. Whoever may connect may listen to any channel, and events
 * come along on this one: its name is known to those alone who may read the tables.
 * @throws BerthError STORE_TOO_NEW
 */
export async function prepareDatabase(link: Link, place: string, project: string): Promise<string> {
  const found = await look(link, project);
  if (found && found.version > schemaVersion) throw tooNew(place, found.version);
  const ready = found?.version === schemaVersion;
  const secret = ready ? found.secret : await migrate(link, place);
  if (!ready || !found.known)
    await link.query("insert into project (id, seq, tidy_at) values ($1, 0, 0) on conflict do nothing", [project]);
  return `berth_${shortHash(`${secret} ${project}`)}`;
}

interface Found {
  readonly version: number;
  readonly secret: string;
  readonly known: number;
}

/** By full names, because a schema that may not be used is passed over in silence. @returns undefined where there is no store yet */
async function look(link: Link, project: string): Promise<Found | undefined> {
  try {
    const { rows } = await link.query<Found>(
      "select version, secret, exists (select 1 from berth.project where id = $1) as known from berth.schema_version",
      [project],
    );
    return rows[0];
  } catch (error) {
    if (codeOf(error) === "42P01") return undefined;
    throw error;
  }
}

/** @returns the store's secret */
async function migrate(link: Link, place: string): Promise<string> {
  await link.query("begin");
  try {
    await link.query(`select pg_advisory_xact_lock(${LOCK})`);
    const { rows } = await link.query("select 1 from pg_namespace where nspname = 'berth'");
    if (rows.length === 0) await link.query("create schema berth");
    await link.query("create table if not exists schema_version (version bigint not null, secret text not null)");
    const [found] = (await link.query<Omit<Found, "known">>("select version, secret from schema_version")).rows;
    const { version, secret } = found ?? { version: 0, secret: randomHex(16) };
    if (version > schemaVersion) throw tooNew(place, version);
    for (const statement of migrations.slice(version).flat()) await link.query(inBytes(statement));
    await link.query(
      found ? "update schema_version set version = $1" : "insert into schema_version (version, secret) values ($1, $2)",
      [schemaVersion, secret],
    );
    await link.query("commit");
    return secret;
  } catch (error) {
    if (!link.lost) await link.query("rollback").catch(() => undefined);
    throw error;
  }
}

/** Text is ordered by its bytes, as in SQLite, whatever language the database was made for. */
function inBytes(statement: string): string {
  return statement.replaceAll(/\btext\b/g, 'text collate "C"');
}
