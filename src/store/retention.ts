import type { Writing } from "./store.ts";

/** So many of a kind go with one write at most, so that nobody waits for a month's worth. */
const STEP = 500;
const HOUR = 60 * 60_000;
/** When there was more than one step, the next one comes soon. */
const SOON = 1000;

/** When this process looks next, by the store's clock. */
export interface Tidying {
  due: number;
}

/**
 * Takes along what nobody needs any more, in the transaction of somebody's write and now and then only: events, messages
 * that were read or that nobody is there to read, texts of files, conflicts that were decided and tasks that were done, each after
 * `keepMs`; without it all of that stays. The shared context's own history is not among it.
 */
export async function tidyIfDue(tx: Writing, tidying: Tidying, keepMs: number | undefined): Promise<void> {
  if (tx.now < tidying.due) return;
  const row = await tx.one<{ tidy_at: number }>("select tidy_at from project where id = $1", tx.project);
  const due = row?.tidy_at ?? 0;
  // Later than anybody sets it: the clock was ahead then.
  if (tx.now < due && due <= tx.now + HOUR) {
    tidying.due = due;
    return;
  }
  // No writer waits for an hour to learn what became of its write.
  await tx.run("delete from receipt where project = $1 and at < $2", tx.project, tx.now - HOUR);
  const more = keepMs === undefined ? false : await tidy(tx, tx.now - keepMs);
  tidying.due = tx.now + (more ? SOON : HOUR);
  await tx.run("update project set tidy_at = $2 where id = $1", tx.project, tidying.due);
}

/** @returns whether there was more than goes in one step */
async function tidy(tx: Writing, before: number): Promise<boolean> {
  const counts = [await tidyEvents(tx, before)];
  for (const statement of OLD) counts.push(await tx.run(statement, tx.project, before, STEP));
  await tx.run(
    `delete from need where project = $1 and not exists (
       select 1 from task where task.project = need.project and task.id = need.task)`,
    tx.project,
  );
  // Who has seen the whole has seen its parts.
  await tx.run(
    `delete from context_read where project = $1 and path <> '[]' and version <= (
       select whole.version from context_read as whole
       where whole.project = context_read.project and whole.agent = context_read.agent and whole.path = '[]')`,
    tx.project,
  );
  return counts.some((count) => count >= STEP);
}

/** Only from the beginning, so that what is left has no gap, also when a clock went back. */
async function tidyEvents(tx: Writing, before: number): Promise<number> {
  const oldest = await tx.all<{ seq: number; at: number }>(
    "select seq, at from event where project = $1 order by seq limit $2",
    tx.project,
    STEP,
  );
  const young = oldest.findIndex(({ at }) => at >= before);
  const last = (young === -1 ? oldest : oldest.slice(0, young)).at(-1);
  return last ? tx.run("delete from event where project = $1 and seq <= $2", tx.project, last.seq) : 0;
}

const OLD: readonly string[] = [
  `delete from message where project = $1 and seq in (
     select seq from message where project = $1 and read_at < $2 order by read_at limit $3)`,
  `delete from message where project = $1 and seq in (
     select seq from message where project = $1 and read_at is null and at < $2 and not exists (
       select 1 from agent where agent.project = message.project and agent.id = message.recipient)
     order by seq limit $3)`,
  `delete from context_conflict where project = $1 and id in (
     select id from context_conflict where project = $1 and resolved_at < $2 order by id limit $3)`,
  `delete from file_conflict where project = $1 and id in (
     select id from file_conflict where project = $1 and resolved_at < $2 order by id limit $3)`,
  `delete from file_save where project = $1 and seq in (
     select seq from file_save where project = $1 and at < $2 order by seq limit $3)`,
  // Refused texts are in git as well, for as long as anybody wants them.
  `delete from file_text where project = $1 and hash in (
     select hash from file_text where project = $1 and at < $2 order by at limit $3)`,
  `delete from task where project = $1 and id in (
     select id from task where project = $1 and status = 'done' and changed_at < $2 and not exists (
       select 1 from need join task other on other.project = need.project and other.id = need.task
       where need.project = task.project and need.needs = task.id and other.status <> 'done')
     order by id limit $3)`,
];
