import { BerthError } from "../errors.ts";

/**
 * The schema, version by version, in the SQL that both engines share. A version is never changed after it was
 * released: the next one is appended. `schema/*.sql` is the dump of what they make, which a test compares.
 */
export const migrations: readonly (readonly string[])[] = [
  [
    // When what is old is next looked for; a time of the store's clock.
    "create table project (id text not null primary key, seq bigint not null, tidy_at bigint not null)",
    `create table event (
       project text not null, seq bigint not null, at bigint not null, kind text not null, subject text not null,
       agent text, data text not null, primary key (project, seq))`,
    `create table agent (
       project text not null, id text not null, role text not null, client text not null, capabilities text not null,
       session text, task text, place text not null, process text not null, standing bigint not null default 0, registered_at bigint not null,
       beat_at bigint not null, primary key (project, id))`,
    `create table epoch (
       project text not null, session text not null, epoch bigint not null, primary key (project, session))`,
    `create table hold (
       project text not null, fence bigint not null, agent text not null, kind text not null, path text not null,
       place text not null, key text not null, ignore_case bigint not null, mode text not null, reason text, granted_at bigint not null, expires_at bigint not null,
       primary key (project, fence))`,
    `create table waiter (
       project text not null, ticket bigint not null, agent text not null, wanted text not null, mode text not null,
       until bigint not null, primary key (project, ticket))`,
    `create table interest (
       project text not null, agent text not null, wanted text not null, mode text not null, until bigint not null,
       primary key (project, agent, wanted))`,
    // Texts of files that were saved or refused, which later saves may have started from.
    `create table file_text (
       project text not null, hash text not null, body text not null, at bigint not null, primary key (project, hash))`,
    `create table file_save (
       project text not null, seq bigint not null, place text not null, path text not null, was text not null,
       hash text not null, agent text not null, at bigint not null, primary key (project, seq))`,
    `create table file_conflict (
       project text not null, id bigint not null, place text not null, path text not null, reason text not null,
       hunks text not null, ours text not null, theirs text not null, kept text not null, ours_by text,
       theirs_by text not null, at bigint not null, resolved_at bigint, primary key (project, id))`,
    `create table verification (
       project text not null, session text not null, agent text not null, command text not null,
       exit_code bigint not null, log text not null, at bigint not null, primary key (project, session))`,
    `create table task (
       project text not null, id text not null, title text not null, role text, priority bigint not null,
       depends text not null, status text not null, agent text, note text, context text not null,
       failures text not null, max_failures bigint not null, created_by text, created_at bigint not null,
       changed_at bigint not null, primary key (project, id))`,
    "create table need (project text not null, task text not null, needs text not null, primary key (project, task, needs))",
    `create table message (
       project text not null, seq bigint not null, recipient text not null, sender text, kind text not null,
       body text not null, data text not null, at bigint not null, read_at bigint, primary key (project, seq))`,
    "create index message_unread on message (project, recipient, seq) where read_at is null",
    "create index message_read on message (project, read_at) where read_at is not null",
    `create table context_version (
       project text not null, version bigint not null, at bigint not null, agent text not null, base bigint not null,
       message text, hash text not null, previous text not null, changes text not null,
       primary key (project, version))`,
    `create table context_snapshot (
       project text not null, version bigint not null, value text not null, message text, at bigint not null,
       hash text not null, seal text not null, primary key (project, version))`,
    `create table context_conflict (
       project text not null, id bigint not null, path text not null, reason text not null, sides text not null,
       ours_by text, theirs_by text not null, version bigint not null, at bigint not null, resolved_at bigint,
       resolution text, primary key (project, id))`,
    // What is resolved stays for a time, and nobody who reads walks through it.
    "create index context_conflict_open on context_conflict (project, id) where resolved_at is null",
    "create index file_conflict_open on file_conflict (project, id) where resolved_at is null",
    `create table context_read (
       project text not null, agent text not null, path text not null, version bigint not null,
       primary key (project, agent, path))`,
    // That a write went through, for a writer whose connection broke before it was told. Only PostgreSQL needs it.
    "create table receipt (project text not null, at bigint not null, id text not null, primary key (project, at, id))",
  ],
  [
    // What a lock was granted or renewed for: an end that is further away was set before the clock went back.
    "alter table hold add column ttl bigint not null default 604800000",
    // Until when somebody shows an unread message, and others pass it.
    "alter table message add column lease bigint not null default 0",
    // Notes of those who handed the task over.
    "alter table task add column handed text not null default '[]'",
  ],
  [
    // Files in which sessions (b is empty for the base branch) conflict as they are; those that are gone stay a little.
    `create table predicted_conflict (
       project text not null, a text not null, b text not null, path text not null, kind text not null,
       hunks text not null, a_agent text, b_agent text, sees text not null, since bigint not null, seq bigint not null,
       gone_at bigint, told_at bigint not null, primary key (project, a, b, path))`,
  ],
];

/** What a process of this version understands. */
export const schemaVersion: number = migrations.length;

/** A store that a later version of the program made. */
export function tooNew(place: string, version: number): BerthError {
  return new BerthError("STORE_TOO_NEW", `${place} was made by a newer version of Berth (schema ${version}).`, {
    hint: "Use that version here as well: several work on one store only when all of them know its schema.",
    facts: { place, schema: version },
  });
}
