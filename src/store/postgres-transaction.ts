import type { Answer, Link } from "./postgres-link.ts";
import { withLiterals } from "./postgres-literals.ts";
import { noticeOf } from "./notice.ts";
import type { Asking, Reading, Signing, Value, Writing } from "./store.ts";

/** A transaction under way. */
export interface Transaction {
  readonly link: Pick<Link, "query">;
  readonly now: number;
  /** The first statement that failed. */
  failed: { readonly error: unknown } | undefined;
  /** Nothing more may be asked: what still comes would be outside of it. */
  over?: boolean;
}

/** One statement for all of it, because each would cost a round trip; the turn is held meanwhile. */
const APPEND = `with next as (update project set seq = seq + 1 where id = $1 returning seq)
  insert into event (project, seq, at, kind, subject, agent, data)
  select $1, next.seq, $2::bigint, $3, $4, $5, $6 from next returning seq, pg_notify($7, case $8 when '' then '' else seq || $8 end)`;

/** The server's clock, in milliseconds since the epoch. */
export const MOMENT = "floor(extract(epoch from clock_timestamp()) * 1000)::bigint";

/** That more was asked for than what went with the begin and the end. */
export class AskedMore extends Error {}

/**
 * A transaction whose statements go together: those that are asked for at once are one message to the server and one
 * back, since each message costs both sides more than what it asks for. All of them give rows.
 * @param around what goes before the first of them, and behind: then there are no further ones
 */
export function together(
  link: Link,
  now: number,
  around: { readonly begin?: string; readonly end?: string },
): Transaction {
  const { begin, end } = around;
  let sends = 0;
  let asked: { readonly text: string; readonly answer: PromiseWithResolvers<Answer<object>> }[] = [];
  const send = async (): Promise<void> => {
    const sent = asked;
    asked = [];
    const first = sends++ === 0;
    try {
      if (!first && end !== undefined) throw new AskedMore("more was asked for than the first statements");
      const texts = sent.map(({ text }) => text);
      const answers = await link.queries(first ? [begin, ...texts, end].filter((text) => text !== undefined) : texts);
      const given = answers.slice(-sent.length);
      if (given.length !== sent.length) throw new Error("The server's answers are fewer than the statements.");
      for (const [i, { answer }] of sent.entries()) answer.resolve(given[i] as Answer<object>);
    } catch (error) {
      for (const { answer } of sent) answer.reject(error);
    }
  };
  const query = <Row extends object>(sql: string, values: readonly Value[] = []): Promise<Answer<Row>> => {
    const answer = Promise.withResolvers<Answer<object>>();
    if (asked.push({ text: withLiterals(sql, values), answer }) === 1) queueMicrotask(() => void send());
    return answer.promise as Promise<Answer<Row>>;
  };
  return { link: { query }, now, failed: undefined };
}

export function asking(tx: Transaction, project: string): Asking {
  return {
    project,
    moment: MOMENT,
    all: async <Row extends object>(sql: string, ...values: readonly Value[]) => (await ask<Row>(tx, sql, values)).rows,
    one: async <Row extends object>(sql: string, ...values: readonly Value[]) =>
      (await ask<Row>(tx, sql, values)).rows[0],
  };
}

export function reading(tx: Transaction, project: string): Reading {
  return { ...asking(tx, project), now: tx.now };
}

/** Not waited for on the disk: a server that goes down may forget it. */
const UNSAFE = "set local synchronous_commit = off;";

export function signing(tx: Transaction, project: string): Signing {
  const alone = <Row extends object>(sql: string, values: readonly Value[]): Promise<Answer<Row>> =>
    ask<Row>(tx, `${UNSAFE} ${sql}`, values);
  return {
    project,
    moment: MOMENT,
    all: async <Row extends object>(sql: string, ...values: readonly Value[]) => (await alone<Row>(sql, values)).rows,
    one: async <Row extends object>(sql: string, ...values: readonly Value[]) =>
      (await alone<Row>(sql, values)).rows[0],
    run: async (sql, ...values) => (await alone(sql, values)).count,
  };
}

export function writing(tx: Transaction, project: string, channel: string): Writing {
  return {
    ...reading(tx, project),
    run: async (sql, ...values) => {
      const { rows } = await ask<{ count: number }>(tx, counted(sql), values);
      return rows[0]?.count ?? 0;
    },
    append: async (event) => {
      const { kind, subject, agent, data } = event;
      const notice = noticeOf(event, tx.now);
      const values = [project, tx.now, kind, subject, agent, JSON.stringify(data), channel, notice];
      const { rows } = await ask<{ seq: number }>(tx, APPEND, values);
      return rows[0]?.seq ?? 0;
    },
  };
}

/** A change as a statement that gives a row: the driver tells no others apart that go together. */
function counted(sql: string): string {
  return `with changed as (${sql} returning 1) select count(*) as count from changed`;
}

async function ask<Row extends object>(tx: Transaction, sql: string, values: readonly Value[]): Promise<Answer<Row>> {
  if (tx.over) throw new Error("This transaction is over.");
  try {
    return await tx.link.query<Row>(sql, values);
  } catch (error) {
    tx.failed ??= { error };
    throw error;
  }
}
