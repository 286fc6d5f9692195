import type { CallToolResult } from "@modelcontextprotocol/server";
import { BerthError, isBerthError, messageOf } from "../errors.ts";
import { oneLine } from "./one-line.ts";

/** What an agent at this server does next, where the usual hint is a command that it would have to type. */
const NEXT: Readonly<Partial<Record<string, string>>> = {
  LOCK_HELD:
    "Work on something else, wait with lock {paths, waitSeconds: 60}, or ask the holder with progress {kind: message}.",
  CLAIM_LOST: "Take another one: call claim without a session.",
  NOTHING_FITS: "Wait with claim {waitSeconds: 600}, or see what is planned with status {about: sessions}.",
  NOTE_CHANGED: "Read it again with notes {action: read}, and write with the checksum that it has now.",
  MERGE_CONFLICT: "Call finish {how: sync}, resolve the named files in the workspace, commit, and call it again.",
  DIRTY: "Commit what is to be published in the workspace, or call finish again with commit: true.",
};

/** What was thrown, as the answer of a tool: what happened, and the next step. */
export function failed(error: unknown): CallToolResult {
  const { code, message, hint, facts } = isBerthError(error) ? error : unexpected(error);
  const next = NEXT[code] ?? hint ?? "Read what happened, mend it, and call again.";
  return {
    isError: true,
    content: [{ type: "text", text: `${code}: ${oneLine(message)}\nNext: ${oneLine(next)}` }],
    structuredContent: { error: Object.assign({}, facts, { code, message, next, hint: hint ?? null }) },
  };
}

function unexpected(error: unknown): BerthError {
  return new BerthError("FAILED", `Something went wrong inside Berth: ${messageOf(error)}`, {
    hint: "Call it again; if it stays, look at the repository with: berth doctor",
    cause: error,
  });
}
