CREATE INDEX context_conflict_open ON berth.context_conflict USING btree (project, id) WHERE (resolved_at IS NULL);

CREATE INDEX file_conflict_open ON berth.file_conflict USING btree (project, id) WHERE (resolved_at IS NULL);

CREATE INDEX message_read ON berth.message USING btree (project, read_at) WHERE (read_at IS NOT NULL);

CREATE INDEX message_unread ON berth.message USING btree (project, recipient, seq) WHERE (read_at IS NULL);

create table berth.agent (
  project text collate "C" not null,
  id text collate "C" not null,
  role text collate "C" not null,
  client text collate "C" not null,
  capabilities text collate "C" not null,
  session text collate "C",
  task text collate "C",
  place text collate "C" not null,
  process text collate "C" not null,
  standing bigint not null,
  registered_at bigint not null,
  beat_at bigint not null,
  primary key (project, id)
);

create table berth.context_conflict (
  project text collate "C" not null,
  id bigint not null,
  path text collate "C" not null,
  reason text collate "C" not null,
  sides text collate "C" not null,
  ours_by text collate "C",
  theirs_by text collate "C" not null,
  version bigint not null,
  at bigint not null,
  resolved_at bigint,
  resolution text collate "C",
  primary key (project, id)
);

create table berth.context_read (
  project text collate "C" not null,
  agent text collate "C" not null,
  path text collate "C" not null,
  version bigint not null,
  primary key (project, agent, path)
);

create table berth.context_snapshot (
  project text collate "C" not null,
  version bigint not null,
  value text collate "C" not null,
  message text collate "C",
  at bigint not null,
  hash text collate "C" not null,
  seal text collate "C" not null,
  primary key (project, version)
);

create table berth.context_version (
  project text collate "C" not null,
  version bigint not null,
  at bigint not null,
  agent text collate "C" not null,
  base bigint not null,
  message text collate "C",
  hash text collate "C" not null,
  previous text collate "C" not null,
  changes text collate "C" not null,
  primary key (project, version)
);

create table berth.epoch (
  project text collate "C" not null,
  session text collate "C" not null,
  epoch bigint not null,
  primary key (project, session)
);

create table berth.event (
  project text collate "C" not null,
  seq bigint not null,
  at bigint not null,
  kind text collate "C" not null,
  subject text collate "C" not null,
  agent text collate "C",
  data text collate "C" not null,
  primary key (project, seq)
);

create table berth.file_conflict (
  project text collate "C" not null,
  id bigint not null,
  place text collate "C" not null,
  path text collate "C" not null,
  reason text collate "C" not null,
  hunks text collate "C" not null,
  ours text collate "C" not null,
  theirs text collate "C" not null,
  kept text collate "C" not null,
  ours_by text collate "C",
  theirs_by text collate "C" not null,
  at bigint not null,
  resolved_at bigint,
  primary key (project, id)
);

create table berth.file_save (
  project text collate "C" not null,
  seq bigint not null,
  place text collate "C" not null,
  path text collate "C" not null,
  was text collate "C" not null,
  hash text collate "C" not null,
  agent text collate "C" not null,
  at bigint not null,
  primary key (project, seq)
);

create table berth.file_text (
  project text collate "C" not null,
  hash text collate "C" not null,
  body text collate "C" not null,
  at bigint not null,
  primary key (project, hash)
);

create table berth.hold (
  project text collate "C" not null,
  fence bigint not null,
  agent text collate "C" not null,
  kind text collate "C" not null,
  path text collate "C" not null,
  place text collate "C" not null,
  key text collate "C" not null,
  ignore_case bigint not null,
  mode text collate "C" not null,
  reason text collate "C",
  granted_at bigint not null,
  expires_at bigint not null,
  ttl bigint not null,
  primary key (project, fence)
);

create table berth.interest (
  project text collate "C" not null,
  agent text collate "C" not null,
  wanted text collate "C" not null,
  mode text collate "C" not null,
  until bigint not null,
  primary key (project, agent, wanted)
);

create table berth.message (
  project text collate "C" not null,
  seq bigint not null,
  recipient text collate "C" not null,
  sender text collate "C",
  kind text collate "C" not null,
  body text collate "C" not null,
  data text collate "C" not null,
  at bigint not null,
  read_at bigint,
  lease bigint not null,
  primary key (project, seq)
);

create table berth.need (
  project text collate "C" not null,
  task text collate "C" not null,
  needs text collate "C" not null,
  primary key (project, task, needs)
);

create table berth.predicted_conflict (
  project text collate "C" not null,
  a text collate "C" not null,
  b text collate "C" not null,
  path text collate "C" not null,
  kind text collate "C" not null,
  hunks text collate "C" not null,
  a_agent text collate "C",
  b_agent text collate "C",
  sees text collate "C" not null,
  since bigint not null,
  seq bigint not null,
  gone_at bigint,
  told_at bigint not null,
  primary key (project, a, b, path)
);

create table berth.project (
  id text collate "C" not null,
  seq bigint not null,
  tidy_at bigint not null,
  primary key (id)
);

create table berth.receipt (
  project text collate "C" not null,
  at bigint not null,
  id text collate "C" not null,
  primary key (project, at, id)
);

create table berth.schema_version (
  version bigint not null,
  secret text not null
);

create table berth.task (
  project text collate "C" not null,
  id text collate "C" not null,
  title text collate "C" not null,
  role text collate "C",
  priority bigint not null,
  depends text collate "C" not null,
  status text collate "C" not null,
  agent text collate "C",
  note text collate "C",
  context text collate "C" not null,
  failures text collate "C" not null,
  max_failures bigint not null,
  created_by text collate "C",
  created_at bigint not null,
  changed_at bigint not null,
  handed text collate "C" not null,
  primary key (project, id)
);

create table berth.verification (
  project text collate "C" not null,
  session text collate "C" not null,
  agent text collate "C" not null,
  command text collate "C" not null,
  exit_code bigint not null,
  log text collate "C" not null,
  at bigint not null,
  primary key (project, session)
);

create table berth.waiter (
  project text collate "C" not null,
  ticket bigint not null,
  agent text collate "C" not null,
  wanted text collate "C" not null,
  mode text collate "C" not null,
  until bigint not null,
  primary key (project, ticket)
);
