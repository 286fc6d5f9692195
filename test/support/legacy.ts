import { parseConfig } from "../../src/config.ts";
import { vocabularyOf } from "../../src/context/vocabulary.ts";
import { groupsOf } from "../../src/migrate/sources.ts";
import { type Reading, unitsOf } from "../../src/migrate/unit.ts";
import { CENTRAL, FENCED } from "./contexts.ts";

/** A context of the central layout in the form of documents in the wild, with a line that belongs to no block. */
export const WILD: string = FENCED.replace("issue_number: null", "issue_number: 142 # the login").replace(
  "## Schema Definition",
  "## \u00f0\u0178\u017d\u00af Schema Definition",
);

/** Prose as people write it when nothing asks for a form. */
export const PROSE = `# Move the cache

**Phase:** training
**Issue:** #201
**Branch:** \`phase/training_201\`
**Agent:** whoever is free

We began on Monday. Mode: it depends.

## Decisions

- One file per key
- No expiry yet

## Next Steps

1. Measure
2. [ ] Decide

## Blockers

None that we know of.
`;

export const JSON_CONTEXT = `{
  "sessionId": "2025-08-01-101500",
  "startedAt": "2025-08-01T10:15:00Z",
  "mode": "build",
  "phase": "training",
  "task": { "issueNumber": "#301", "title": "Read the file once" },
  "todo": ["Write the test", { "text": "Read it", "done": true }],
  "nextSteps": "Land it",
  "team": "readers",
  "effort_hours": 3,
  "ours": { "deep": [1, 2, null, "x"] }
}
`;

export const KEY_VALUE = `# exported by a script
mode=operate
phase=monitoring
issue=401
operator=ada
next_steps=Watch the numbers
color=green
`;

export const FOREIGN = `---
# written by another tool
sessionId: abc-501   # theirs
startedAt: 2025-09-01T08:00:00+02:00
'currentPhase': training
issue: 501
decisions: Keep the old names
tags: [a, b]
---

The rest is a story.
`;

const STATE = `# Current State

Half of the readers are done.

## Blockers

- The licence
`;
const NEXT = `# Next Tasks

## Todo

- [x] Ask
- [ ] Wait
`;
const HANDOFF = `# Handoff

Call Ada before touching the index.\r
`;

export const BOARD = `# Active sessions

Everybody writes here.

## Parser (#601)

- Operator: @ada
- Status: in progress

Stuck on quotes.

## Printer

- Branch: feature/printer
- Status: blocked

## Rules

Be kind.
`;

const PLAN = `# Session: faster-start

## Context

Starting takes long.

## Acceptance Criteria

- [ ] Under a second
`;
const WORKLOG = `# Worklog

## [2025-10-16 10:00] Measured

Two seconds.
`;
const SESSION_ENV = `export SESSION_SLUG=2025-10-16-faster-start\nexport PS1="(s) $PS1"\n`;

export const TICKET = `# by hand
ticket: validation_701
issue_id: 701
title: Check the numbers
team: checkers
checklist:
  - {name: review, required: true}
status: InProgress
`;
export const CHECKLIST = "- [x] * Read\n- [ ] Write\n";

/** A broken context: its block is never closed. */
export const BROKEN = "# Active Session Context\n\n## Current Work\n```yaml\nmode: build\n";

/** Every kind of legacy input, one of each, by path; the last one is broken. */
export const LEGACY: Readonly<Record<string, string>> = {
  "docs/session-context/ACTIVE_SESSION.md": WILD,
  "docs/session-context/session.json": JSON_CONTEXT,
  "docs/session-context/session.env": KEY_VALUE,
  "docs/CURRENT_STATE.md": STATE,
  "docs/NEXT_TASKS.md": NEXT,
  "ACTIVE_SESSIONS.md": BOARD,
  "_AGENTS/sessions.old/keep.txt": "not a session\n",
  "sessions/active/2025-10-16-faster-start/SESSION.md": PLAN,
  "sessions/active/2025-10-16-faster-start/worklog.md": WORKLOG,
  "sessions/active/2025-10-16-faster-start/.session-env": SESSION_ENV,
  "tickets/validation_701/ACTIVE_SESSION.md": CENTRAL.replace("training_142", "validation_701").replace("142", "701"),
  "tickets/validation_701/ticket.yml": TICKET,
  "tickets/validation_701/checklist.md": CHECKLIST,
  "tickets/validation_701/artifacts/report.txt": "numbers\n",
  "tickets/training_999/ACTIVE_SESSION.md": BROKEN,
};

/** Sources that are named with `--from`. */
export const NAMED: Readonly<Record<string, string>> = {
  "notes/prose.md": PROSE,
  "notes/foreign.md": FOREIGN,
  "notes/crlf.md": `\uFEFF${WILD.replaceAll("142", "801").replaceAll("\n", "\r\n")}`,
  "notes/team/CURRENT_STATE.md": STATE,
  "notes/team/handoff-2025-09.md": HANDOFF,
};

const reading: Reading = { words: vocabularyOf(parseConfig({}, "config")), startPhase: "enablement" };
const where = { central: "docs/session-context", tickets: "tickets", session: null, from: [] };

/** What files are read as, without a repository. */
export function unitsIn(
  files: Readonly<Record<string, string>>,
  from: readonly string[] = [],
): ReturnType<typeof unitsOf> {
  const groups = groupsOf(Object.keys(files), { ...where, from });
  const fileOf = (path: string) => ({ path, oid: "0".repeat(40), mode: "100644", text: files[path] ?? null });
  return unitsOf(groups, fileOf, reading);
}
