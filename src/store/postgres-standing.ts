import type { Link } from "./postgres-link.ts";

/**
 * A connection ends with its process, whose system closes it at once. Silence is no end: a machine sleeps for an hour or
 * over a weekend, and its agents go on afterwards. What lost its power, or its wire, stands for so long.
 */
const SILENT_MS = 3 * 86_400_000;

const KEY = "hashtextextended('berth standing ' || $1 || ' ' || $2, 0)";

/** Takes the sign that a connection of this name stands; several may. It ends with the connection. */
export async function takeStanding(link: Link, project: string, name: string): Promise<void> {
  // Servers older than versions 14 and 12 do not know them, and end the connection when the wire is found to be dead.
  for (const setting of ["idle_session_timeout", "tcp_user_timeout"])
    await link.query(`set ${setting} = ${SILENT_MS}`).catch(() => undefined);
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
