import type { Clock } from "../clock.ts";
import { randomHex } from "../hash.ts";
import { inTurn } from "./in-turn.ts";
import { shownUrl } from "./postgres-address.ts";
import { type Ear, makeEar } from "./postgres-ear.ts";
import { ConnectionLost, connectFailure, isLost } from "./postgres-errors.ts";
import { cutBy, type Link, type LinkOptions, openLink } from "./postgres-link.ts";
import { makeLinks } from "./postgres-links.ts";
import { persist } from "./postgres-patience.ts";
import { prepareDatabase } from "./postgres-schema.ts";
import { hasStanding, takeStanding } from "./postgres-standing.ts";
import {
  AskedMore,
  asking,
  MOMENT,
  reading,
  signing,
  together,
  type Transaction,
  writing,
} from "./postgres-transaction.ts";
import { type Tidying, tidyIfDue } from "./retention.ts";
import type { Engine, Patience, Store, Writing } from "./store.ts";

const engine: Engine = { name: "postgres", wakes: "notify", clock: "server", manyMachines: true };

export interface PostgresOptions {
  readonly url: string;
  readonly project: string;
  readonly clock: Clock;
  /** See {@link tidyIfDue}. */
  readonly keepMs?: number | undefined;
  /** How long a lost or busy server is tried again before that is an error. */
  readonly waitMs?: number;
  /** How long one answer of the server may take before its connection counts as lost. */
  readonly answerMs?: number;
}

/** An attempt whose connection broke at COMMIT: the server may have taken it. */
interface Doubt<T> {
  readonly receipt: string;
  readonly at: number;
  readonly value: T;
}

/**
 * Opens the store in a PostgreSQL database, and makes it when it is not there. A lost connection is replaced and what
 * ran on it runs again; that a write is not applied twice, its receipt proves.
 * @throws BerthError STORE_UNREACHABLE, STORE_TOO_NEW, INVALID for the URL, FAILED for what the server refuses
 */
export async function openPostgres(options: PostgresOptions, patience?: Patience): Promise<Store> {
  const { url, project, clock, keepMs, waitMs = 30_000, answerMs = 10_000 } = options;
  const place = shownUrl(url);
  const at = { place, waitMs, clock };
  const turn = inTurn();
  let channel = "";
  const links = makeLinks(async (signal) => {
    const made = await openPrepared({ url, answerMs, signal }, place, project);
    // Another one where the store was made anew meanwhile: who listens to the old one looks by himself.
    channel = made.channel;
    return made.link;
  });
  const earFor = ears({ url, answerMs }, at);
  const ear = earFor((link) => link.query(`listen "${channel}"`), true);
  const tidying = { due: 0 };
  await persist({ ...at, patience }, (signal) => links.use(() => Promise.resolve(), signal));
  return {
    engine,
    place,
    ask: (work) => persist(at, () => links.use((link) => glance(link, (tx) => work(asking(tx, project))))),
    sign: (work) =>
      persist(at, () =>
        links.use((link) => {
          const tx: Transaction = { link, now: 0, failed: undefined };
          return finished(tx, work(signing(tx, project)));
        }),
      ),
    read: (work) => persist(at, () => links.use((link) => read(link, (tx) => work(reading(tx, project))))),
    write: async <T>(work: (tx: Writing) => Promise<T>, wait?: Patience) => {
      let doubt: Doubt<T> | undefined;
      const attempt = (link: Link): Promise<T> => {
        const write = { link, project, channel, tidying, keepMs, doubt };
        return runWrite(write, work, (next) => (doubt = next));
      };
      return persist(
        { ...at, patience: wait },
        (signal) => turn(() => links.use(attempt, signal)),
        () => doubt !== undefined,
      );
    },
    listen: () => ear.listen(),
    stand: async (name) => {
      const own = earFor((link) => takeStanding(link, project, name), false);
      await own.listen();
      return { close: () => own.close() };
    },
    stands: (name) => persist(at, () => links.use((link) => hasStanding(link, project, name))),
    problems: () => Promise.resolve([]),
    close: () =>
      turn(async () => {
        await ear.close();
        await links.close();
      }),
  };
}

/** Ears that differ in what is said on their connection, and in whether they may do without one. */
function ears(
  { url, answerMs }: LinkOptions,
  at: { readonly place: string; readonly waitMs: number; readonly clock: Clock },
): (greet: (link: Link) => Promise<unknown>, optional: boolean) => Ear {
  return (greet, optional) =>
    makeEar({
      open: (ring) => openLink({ url, answerMs, onNotify: (_, notice) => ring(notice) }),
      persist: (attempt) => persist(at, attempt),
      greet,
      optional,
      askMs: answerMs,
      random: () => at.clock.random(),
    });
}

async function openPrepared(
  options: LinkOptions,
  place: string,
  project: string,
): Promise<{ readonly link: Link; readonly channel: string }> {
  const link = await openLink(options).catch((error: unknown) => {
    throw connectFailure(error, place);
  });
  try {
    const channel = await cutBy(link, options.signal, () => prepareDatabase(link, place, project));
    return { link, channel };
  } catch (error) {
    link.destroy();
    throw error;
  }
}

const READS = "begin isolation level repeatable read read only";

/**
 * As `read`, in as many round trips as `work` makes: its first statements go with the begin. Mostly these are all, and
 * the end goes with them too; where they are not, it begins anew.
 */
async function glance<T>(link: Link, work: (tx: Transaction) => Promise<T>): Promise<T> {
  try {
    const tx = together(link, 0, { begin: READS, end: "commit" });
    return await within(link, () => finished(tx, work(tx)));
  } catch (error) {
    if (!(error instanceof AskedMore)) throw error;
  }
  return within(link, async () => {
    const tx = together(link, 0, { begin: READS });
    const value = await finished(tx, work(tx));
    link.query("commit").catch(() => undefined);
    return value;
  });
}

async function read<T>(link: Link, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return within(link, async () => {
    const head = `${READS}; select ${MOMENT} as ms`;
    const { rows } = await link.query<{ ms: number }>(head);
    const tx = together(link, rows[0]?.ms ?? 0, {});
    const value = await finished(tx, work(tx));
    // Nothing hangs on it, and what is asked next on this connection comes after it.
    link.query("commit").catch(() => undefined);
    return value;
  });
}

/**
 * Writers wait here first, where they are served in the order in which they came: waiting for a row that each of them
 * changes, the unlucky would be overtaken again and again.
 */
const QUEUE = "select pg_advisory_xact_lock(hashtextextended($3, 0))";

/**
 * The project's row is the turn of its writers, on all machines. The clock is read once the turn is had, and the
 * receipt lies in the same transaction.
 */
const TAKE_TURN = `with taken as materialized (select id from project where id = $1 for update),
  moment as materialized (select id, ${MOMENT} as ms from taken),
  noted as (insert into receipt (project, at, id) select id, ms, $2 from moment)
  select ms from moment`;

interface Write<T> {
  readonly link: Link;
  readonly project: string;
  readonly channel: string;
  readonly tidying: Tidying;
  readonly keepMs: number | undefined;
  readonly doubt: Doubt<T> | undefined;
}

async function runWrite<T>(
  write: Write<T>,
  work: (tx: Writing) => Promise<T>,
  setDoubt: (doubt: Doubt<T> | undefined) => void,
): Promise<T> {
  const { link, project, channel, doubt } = write;
  const receipt = randomHex(16);
  const head = `begin isolation level read committed; ${QUEUE}; ${TAKE_TURN}`;
  return within(link, async () => {
    // In one message: each costs both sides more than what it asks for.
    const { rows } = await link.query<{ ms: number }>(head, [project, receipt, channel]);
    const at = rows[0]?.ms;
    if (at === undefined) throw missing(link);
    // Whoever has the turn knows that the doubtful transaction has ended, one way or the other.
    if (doubt && (await wentThrough(link, project, doubt))) {
      await link.query("rollback");
      return doubt.value;
    }
    setDoubt(undefined);
    const tx = together(link, at, {});
    const own = writing(tx, project, channel);
    const value = await finished(tx, work(own));
    await finished(tx, tidyIfDue(own, write.tidying, write.keepMs));
    try {
      const { command } = await link.query("commit");
      if (command !== "COMMIT") throw new Error(`The server answered COMMIT with ${command}.`);
    } catch (error) {
      if (isLost(error)) setDoubt({ receipt, at, value });
      throw error;
    }
    return value;
  });
}

/** The store was emptied under us: the next connection makes it anew. */
function missing(link: Link): ConnectionLost {
  link.destroy();
  return new ConnectionLost("the project's row is gone");
}

async function wentThrough(link: Link, project: string, { at, receipt }: Doubt<unknown>): Promise<boolean> {
  const sql = "select 1 as found from receipt where project = $1 and at = $2 and id = $3";
  return (await link.query(sql, [project, at, receipt])).rows.length > 0;
}

/** A statement that failed has ended the transaction, whatever `work` made of it. */
async function finished<T>(tx: Transaction, work: Promise<T>): Promise<T> {
  const [result] = await Promise.allSettled([work]);
  if (tx.failed === undefined && result.status === "fulfilled") return result.value;
  // Of what began together with what failed, some may still go on.
  tx.over = true;
  throw (tx.failed ? tx.failed.error : (result as PromiseRejectedResult).reason) as Error;
}

async function within<T>(link: Link, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!link.lost && !(error instanceof AskedMore)) await link.query("rollback").catch(() => link.destroy());
    throw error;
  }
}
