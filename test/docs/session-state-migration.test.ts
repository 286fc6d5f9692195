import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KEPT, REMOVED } from "../../src/brain/codemod/api.ts";
import { OLD } from "../support/old-session.ts";
import { examplesOf, runExample } from "./page.ts";

const PAGE = join(import.meta.dirname, "../../docs/session-state-migration.md");

const FILES = {
  "src/services/session/index.ts": OLD,
  "src/tools/session.ts": `import { getCurrentSessionId, getSession, initSession } from "../services/session";
import { logger } from "../logger";

// Shown to the agent.
export async function start(): Promise<string | undefined> {
  const id = initSession();
  const state = await getSession(id);
  logger.info({ sessionId: getCurrentSessionId(), mode: state?.currentMode }, "started");
  return state?.currentMode;
}
`,
  "src/tools/answer.ts": `import { getCurrentSessionId } from "../services/session";

export const answer = () => ({ session: getCurrentSessionId() });
`,
};

test.each(examplesOf(PAGE))("[SIR-13] [SIR-18] $title: the page shows what its commands print", ({ part }) =>
  runExample(PAGE, part, FILES),
);

test("[SIR-18] the page and the change log name every breaking change", () => {
  const page = readFileSync(PAGE, "utf8");
  const table = page.slice(page.indexOf("## What changed"), page.indexOf("## Notes"));
  const notes = ["sessions/session-<id>", "sessions/current-session", "session-<id>-agent-<agent>"];
  const more = ["SessionState.sessionId", "~/.local/state/brain/sessions/", "berth/session-state", "last write wins"];
  for (const name of [...REMOVED, ...KEPT, ...notes, ...more].filter((name) => name !== "cleanupSession"))
    expect(table).toContain(name);
  const log = readFileSync(join(import.meta.dirname, "../../CHANGELOG.md"), "utf8");
  for (const name of [...REMOVED, "sessionId", "docs/session-state-migration.md"]) expect(log).toContain(name);
});
