import { isoSeconds } from "../../clock.ts";
import { sweepExpired } from "../lock/expire.ts";
import type { Project } from "../../project.ts";
import type { Reading, Writing } from "../../store/store.ts";
import { calledBy, heard } from "../agent/heard.ts";
import { count, flag, line, requireInput } from "../input.ts";
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
 * one inbox never get the same unread message: taking and marking are one statement.
 */
export async function inbox(
  project: Project,
  input: { readonly agent?: string | undefined; readonly all?: boolean; readonly peek?: boolean } = {},
): Promise<{ messages: readonly Message[] }> {
  requireInput(input, { agent: line, all: flag, peek: flag });
  const agent = input.agent ?? project.caller.name;
  const store = await project.store.open();
  // That a lock has expired is told when somebody looks, and its holder is looking now.
  await sweepExpired(store);
  const unread = input.peek
    ? await store.read((tx) => tx.all<MessageRow>(`${SELECT} and read_at is null order by seq`, tx.project, agent))
    : await store.write(async (tx) => {
        await heard(tx, agent);
        const rows = await tx.all<MessageRow>(take(), tx.project, agent, tx.now);
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
 * comes later has a higher id.
 * @returns how many were unread
 */
export async function markRead(
  project: Project,
  input: { readonly upTo: number; readonly agent?: string | undefined },
): Promise<{ read: number }> {
  requireInput(input, { upTo: count, agent: line }, ["upTo"]);
  return calledBy(project, input.agent, async (tx, agent) => {
    const rows = await tx.all<MessageRow>(take("and seq <= $4"), tx.project, agent, tx.now, input.upTo);
    return { read: await tellRead(tx, agent, rows.length) };
  });
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
