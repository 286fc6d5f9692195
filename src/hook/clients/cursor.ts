import type { Client, EventKind, HookAnswer, HookEvent, Payload, Tool, Written } from "../event.ts";
import { mapAt, textAt } from "../payload.ts";

const KINDS: Readonly<Record<string, EventKind>> = {
  sessionStart: "start",
  beforeSubmitPrompt: "prompt",
  preToolUse: "before-tool",
  beforeShellExecution: "before-tool",
  postToolUse: "after-tool",
  afterShellExecution: "after-tool",
  afterFileEdit: "after-tool",
  preCompact: "compact",
  stop: "stop",
  sessionEnd: "end",
};

const WRITES = new Set(["Write", "StrReplace", "Edit", "MultiEdit", "EditNotebook", "Delete"]);
const SHELLS = new Set(["Shell", "Bash"]);

/** Cursor. */
export const cursor: Client = { program: "cursor", read: readCursor, write: writeCursor };

function readCursor(payload: Payload): HookEvent {
  const name = textAt(payload, "hook_event_name") ?? "";
  return {
    kind: KINDS[name] ?? "other",
    name,
    conversation: textAt(payload, "conversation_id", "session_id"),
    cwd: textAt(payload, "cwd") ?? firstRoot(payload),
    tool: toolIn(payload, name),
    todos: [],
    reason: textAt(payload, "reason", "status"),
  };
}

function firstRoot(payload: Payload): string | null {
  const roots = payload["workspace_roots"];
  return Array.isArray(roots) ? textAt({ root: roots[0] as unknown }, "root") : null;
}

function toolIn(payload: Payload, event: string): Tool | null {
  if (event.endsWith("ShellExecution")) return { name: "Bash", paths: [] };
  const given = event === "afterFileEdit" ? "Edit" : textAt(payload, "tool_name");
  if (given === null) return null;
  const path = textAt(mapAt(payload, "tool_input"), "file_path", "path", "target_file") ?? textAt(payload, "file_path");
  if (WRITES.has(given)) return { name: given === "Write" ? "Write" : "Edit", paths: path === null ? [] : [path] };
  return { name: SHELLS.has(given) ? "Bash" : given, paths: [] };
}

function writeCursor(event: HookEvent, { deny, context, notice }: HookAnswer): Written {
  const answer = {
    ...(deny !== null &&
      event.kind === "before-tool" && { permission: "deny", user_message: deny, agent_message: deny }),
    ...(context !== null && { additional_context: context }),
    ...(notice !== null && deny === null && { user_message: notice }),
  };
  const refuses = deny !== null && event.kind === "before-tool";
  // Where its version does not read the answer, this code refuses.
  return {
    stdout: Object.keys(answer).length > 0 ? JSON.stringify(answer) : "",
    stderr: refuses ? `${deny}\n` : "",
    exitCode: refuses ? 2 : 0,
  };
}
