import type { Link } from "./postgres-link.ts";

/** A client that has not asked for so long is gone: the server ends its connection, whatever became of the wire. */
const SILENT_MS = 60_000;

const KEY = "hashtextextended('berth standing ' || $1 || ' ' || $2, 0)";

/** Takes the sign that a connection of this name stands; several may. It ends with the connection. */
export async function takeStanding(link: Link, project: string, name: string): Promise<void> {
  // Servers older than version 14 do not know it, and end the connection when the wire is found to be dead.
  await link.query(`set idle_session_timeout = ${SILENT_MS}`).catch(() => undefined);
  await link.query(`select pg_advisory_lock_shared(${KEY})`, [project, name]);
}

/** Whether a connection of this name stands. */
export async function hasStanding(link: Link, project: string, name: string): Promise<boolean> {
  const { rows } = await link.query(
    `select 1 from pg_locks, (select ${KEY} as key) wanted
     where locktype = 'advisory' and granted and objsubid = 1
       and database = (select oid from pg_database where datname = current_database())
       and classid::bigint = (wanted.key >> 32) & 4294967295 and objid::bigint = wanted.key & 4294967295`,
    [project, name],
  );
  return rows.length > 0;
}
