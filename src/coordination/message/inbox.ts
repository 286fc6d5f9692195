import { isoSeconds } from "../../clock.ts";
import { sweepExpired } from "../lock/expire.ts";
import type { Project } from "../../project.ts";
import type { Reading, Writing } from "../../store/store.ts";
import { calledBy, heard } from "../agent/heard.ts";
import { count, counts, flag, line, requireInput } from "../input.ts";
import type { NoticeKind } from "./notify.ts";

/** One notice or message as its reader gets it. What others wrote is data, with who wrote it. [INV-9] */
export interface Message {
  readonly id: number;
  readonly from: string | null;
  readonly kind: NoticeKind;
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: string;
  /** Whether it had been read before. */
  readonly read: boolean;
}

interface MessageRow {
  readonly seq: number;
  readonly sender: string | null;
  readonly kind: string;
  readonly body: string;
  readonly data: string;
  readonly at: number;
  readonly read_at: number | null;
}

/**
 * An agent's unread messages, oldest first, which are read with that; with `all` the read ones as well. Two readers of
 * one inbox never get the same unread message: taking and marking are one statement. With `claim` they are only kept
 * from other readers for ten seconds, for one who shows them first and says so then (`markRead`): where he dies, they
 * come again. With `peek` nothing changes.
 */
export async function inbox(
  project: Project,
  input: {
    readonly agent?: string | undefined;
    readonly all?: boolean;
    readonly peek?: boolean;
    readonly claim?: boolean;
  } = {},
): Promise<{ messages: readonly Message[] }> {
  requireInput(input, { agent: line, all: flag, peek: flag, claim: flag });
  const agent = input.agent ?? project.caller.name;
  const store = await project.store.open();
  // That a lock has expired is told when somebody looks, and its holder is looking now.
  await sweepExpired(store);
  const look = `${SELECT} and read_at is null order by seq`;
  const seen = input.peek || input.claim ? await store.read((tx) => tx.all<MessageRow>(look, tx.project, agent)) : null;
  const unread =
    // Who has nothing to claim need not wait for those who write.
    seen && (input.peek || seen.length === 0)
      ? seen
      : await store.write(async (tx) => {
          await heard(tx, agent);
          if (input.claim) return claim(tx, agent);
          const rows = await tx.all<MessageRow>(take(FREE), tx.project, agent, tx.now, tx.now + CLAIM_MS);
          await tellRead(tx, agent, rows.length);
          return rows;
        });
  const fresh = unread.toSorted((a, b) => a.seq - b.seq).map((row) => messageOf(row, false));
  if (!input.all) return { messages: fresh };
  const known = new Set(fresh.map(({ id }) => id));
  const rows = await store.read((tx) => tx.all<MessageRow>(`${SELECT} order by seq`, tx.project, agent));
  return { messages: rows.map((row) => messageOf(row, !known.has(row.seq) && row.read_at !== null)) };
}

/**
 * Marks as read what an agent's inbox held up to a message, for who reads with `peek` first and has then shown it: what
 * comes later has a higher id. With `ids` those alone, as one has claimed them; with `failed` they could not be shown,
 * and are there for the next reader.
 * @returns how many were unread and are read now
 */
export async function markRead(
  project: Project,
  input: {
    readonly upTo?: number;
    readonly ids?: readonly number[];
    readonly failed?: boolean;
    readonly agent?: string | undefined;
  },
): Promise<{ read: number }> {
  const { upTo, ids, failed } = input;
  requireInput(input, { upTo: count, ids: counts, failed: flag, agent: line }, ids === undefined ? ["upTo"] : []);
  return calledBy(project, input.agent, async (tx, agent) => {
    if (failed) {
      for (const id of ids ?? []) await tx.run(LET_GO, tx.project, agent, id);
      return { read: 0 };
    }
    let read = 0;
    const mark = async (which: string, id: number): Promise<void> => {
      read += (await tx.all<MessageRow>(take(which), tx.project, agent, tx.now, id)).length;
    };
    if (ids === undefined) await mark("and seq <= $4", upTo ?? 0);
    else for (const id of ids) await mark("and seq = $4", id);
    return { read: await tellRead(tx, agent, read) };
  });
}

/** So long a message is kept for one who shows it. */
const CLAIM_MS = 10_000;

/** What nobody shows at this moment; $4 is the latest end of a claim that was made by now's clock. */
const FREE = "and (lease <= $3 or lease > $4)";

const LET_GO = "update message set lease = 0 where project = $1 and recipient = $2 and seq = $3 and read_at is null";

async function claim(tx: Writing, agent: string): Promise<MessageRow[]> {
  const sql = `update message set lease = $4 where project = $1 and recipient = $2 and read_at is null ${FREE} returning ${COLUMNS}`;
  return tx.all<MessageRow>(sql, tx.project, agent, tx.now, tx.now + CLAIM_MS);
}

async function tellRead(tx: Writing, agent: string, count: number): Promise<number> {
  if (count > 0) await tx.append({ kind: "inbox.read", subject: agent, agent, data: { count } });
  return count;
}

/** How many messages each agent has not read yet. */
export async function unreadCounts(tx: Reading): Promise<Map<string, number>> {
  const rows = await tx.all<{ recipient: string; count: number }>(
    "select recipient, count(*) as count from message where project = $1 and read_at is null group by recipient",
    tx.project,
  );
  return new Map(rows.map(({ recipient, count }) => [recipient, count]));
}

const COLUMNS = "seq, sender, kind, body, data, at, read_at";
const SELECT = `select ${COLUMNS} from message where project = $1 and recipient = $2`;
const take = (more: string = ""): string =>
  `update message set read_at = $3 where project = $1 and recipient = $2 and read_at is null ${more} returning ${COLUMNS}`;

function messageOf(row: MessageRow, read: boolean): Message {
  const { seq, sender, kind, body, data, at } = row;
  return {
    id: seq,
    from: sender,
    kind: kind as NoticeKind,
    text: body,
    data: JSON.parse(data) as Message["data"],
    at: isoSeconds(at),
    read,
  };
}
