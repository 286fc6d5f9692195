CREATE TABLE agent (
  project text not null, id text not null, role text not null, client text not null, capabilities text not null,
  session text, task text, place text not null, process text not null, standing bigint not null default 0, registered_at bigint not null,
  beat_at bigint not null, primary key (project, id));

CREATE TABLE context_conflict (
  project text not null, id bigint not null, path text not null, reason text not null, sides text not null,
  ours_by text, theirs_by text not null, version bigint not null, at bigint not null, resolved_at bigint,
  resolution text, primary key (project, id));

CREATE TABLE context_read (
  project text not null, agent text not null, path text not null, version bigint not null,
  primary key (project, agent, path));

CREATE TABLE context_snapshot (
  project text not null, version bigint not null, value text not null, message text, at bigint not null,
  hash text not null, seal text not null, primary key (project, version));

CREATE TABLE context_version (
  project text not null, version bigint not null, at bigint not null, agent text not null, base bigint not null,
  message text, hash text not null, previous text not null, changes text not null,
  primary key (project, version));

CREATE TABLE epoch (
  project text not null, session text not null, epoch bigint not null, primary key (project, session));

CREATE TABLE event (
  project text not null, seq bigint not null, at bigint not null, kind text not null, subject text not null,
  agent text, data text not null, primary key (project, seq));

CREATE TABLE file_conflict (
  project text not null, id bigint not null, place text not null, path text not null, reason text not null,
  hunks text not null, ours text not null, theirs text not null, kept text not null, ours_by text,
  theirs_by text not null, at bigint not null, resolved_at bigint, primary key (project, id));

CREATE TABLE file_save (
  project text not null, seq bigint not null, place text not null, path text not null, was text not null,
  hash text not null, agent text not null, at bigint not null, primary key (project, seq));

CREATE TABLE file_text (
  project text not null, hash text not null, body text not null, at bigint not null, primary key (project, hash));

CREATE TABLE hold (
  project text not null, fence bigint not null, agent text not null, kind text not null, path text not null,
  place text not null, key text not null, ignore_case bigint not null, mode text not null, reason text, granted_at bigint not null, expires_at bigint not null, ttl bigint not null default 604800000,
  primary key (project, fence));

CREATE TABLE interest (
  project text not null, agent text not null, wanted text not null, mode text not null, until bigint not null,
  primary key (project, agent, wanted));

CREATE TABLE message (
  project text not null, seq bigint not null, recipient text not null, sender text, kind text not null,
  body text not null, data text not null, at bigint not null, read_at bigint, lease bigint not null default 0, primary key (project, seq));

CREATE TABLE need (project text not null, task text not null, needs text not null, primary key (project, task, needs));

CREATE TABLE predicted_conflict (
  project text not null, a text not null, b text not null, path text not null, kind text not null,
  hunks text not null, a_agent text, b_agent text, sees text not null, since bigint not null, seq bigint not null,
  gone_at bigint, told_at bigint not null, primary key (project, a, b, path));

CREATE TABLE project (id text not null primary key, seq bigint not null, tidy_at bigint not null);

CREATE TABLE receipt (project text not null, at bigint not null, id text not null, primary key (project, at, id));

CREATE TABLE task (
  project text not null, id text not null, title text not null, role text, priority bigint not null,
  depends text not null, status text not null, agent text, note text, context text not null,
  failures text not null, max_failures bigint not null, created_by text, created_at bigint not null,
  changed_at bigint not null, handed text not null default '[]', primary key (project, id));

CREATE TABLE verification (
  project text not null, session text not null, agent text not null, command text not null,
  exit_code bigint not null, log text not null, at bigint not null, primary key (project, session));

CREATE TABLE waiter (
  project text not null, ticket bigint not null, agent text not null, wanted text not null, mode text not null,
  until bigint not null, primary key (project, ticket));

CREATE INDEX context_conflict_open on context_conflict (project, id) where resolved_at is null;

CREATE INDEX file_conflict_open on file_conflict (project, id) where resolved_at is null;

CREATE INDEX message_read on message (project, read_at) where read_at is not null;

CREATE INDEX message_unread on message (project, recipient, seq) where read_at is null;
