import type { Writing } from "../../store/store.ts";

/** What a notice is about: words of people and agents, or something that happened to the recipient's affairs. */
export type NoticeKind =
  | "message"
  | "lock.free"
  | "lock.lost"
  | "agent.left"
  | "agent.died"
  | "task.assigned"
  | "task.handed"
  | "task.blocked"
  | "context.merged"
  | "context.conflict"
  | "file.merged"
  | "file.conflict"
  | "conflict.predicted"
  | "claim.taken-over";

export interface Notice {
  readonly kind: NoticeKind;
  /** Who caused it; null where nobody did. */
  readonly from: string | null;
  readonly text: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * Puts a notice into an agent's inbox, in the same transaction as what it tells of. The order within an inbox is that
 * of the feed.
 */
export async function notify(tx: Writing, recipient: string, notice: Notice): Promise<number> {
  const { kind, from, text, data = {} } = notice;
  const seq = await tx.append({ kind: "inbox.notice", subject: recipient, agent: from, data: { kind } });
  await tx.run(
    `insert into message (project, seq, recipient, sender, kind, body, data, at, read_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, null)`,
    tx.project,
    seq,
    recipient,
    from,
    kind,
    text,
    JSON.stringify(data),
    tx.now,
  );
  return seq;
}
