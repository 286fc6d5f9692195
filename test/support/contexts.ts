import { expect } from "vitest";
import type { Sandbox } from "./sandbox.ts";
import { commit } from "./session.ts";

/** A context as Berth writes it, with something in every section. */
export const CENTRAL = `---
# who and when
session_id: 2026-03-01-093000
started_at: 2026-03-01T09:30:00Z
last_updated: 2026-03-01T10:00:00+01:00
operator: ada
assistant: otter
status: active
mode: build
phase: training
agent: lab
task:
  issue_number: 142
  title: Log in with tokens
  url: https://example.com/issues/142
  priority: now
  status: In progress
branch: phase/training_142
todos:
  - id: "1"
    content: Write the test
    status: in_progress # now
    priority: high
created_files: [src/login.ts]
decisions:
  - Tokens, not cookies
blockers: []
next_steps:
  - Land it
uncommitted_changes: false
allowed_tools: [Read, "Bash(git:*)"]
---

# Log in with tokens
`;

/** The form of documents in the wild: a block of YAML below each heading, times without a zone. */
export const FENCED = `# Active Session Context

## Session Metadata
\`\`\`yaml
session_id: "2025-07-25-120000"
started_at: "2025-07-25 12:00:00"
operator: ada
assistant: otter
\`\`\`

## Current Work
\`\`\`yaml
mode: build
phase: enablement
agent: conductor
task:
  issue_number: null
  title: Log in
  status: Not started
branch: main
\`\`\`

## Work Progress
\`\`\`yaml
todos:
  - content: Write the test
    status: pending
    priority: high
    id: "1"
\`\`\`

---

## Schema Definition

Update last_updated on any change.
`;

/** Where a checkout has it that is neither a workspace nor a ticket's. */
export const CENTRAL_FILE = "docs/session-context/ACTIVE_SESSION.md";

/** Two branches that changed the context each in its way, merged by git as far as it goes. */
export function merging(box: Sandbox, home: string, ours: string, theirs: string, base: string = CENTRAL): void {
  commit(box, home, "Begin", { [CENTRAL_FILE]: base });
  box.git(home, "switch", "--quiet", "-c", "other");
  commit(box, home, "Theirs", { [CENTRAL_FILE]: theirs });
  box.git(home, "switch", "--quiet", "main");
  commit(box, home, "Ours", { [CENTRAL_FILE]: ours });
  expect(() => box.git(home, "merge", "--quiet", "other")).toThrow();
}
