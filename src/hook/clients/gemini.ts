import type { Client, EventKind, HookAnswer, HookEvent, Payload, Tool, Written } from "../event.ts";
import { mapAt, mapsAt, textAt, todoIn } from "../payload.ts";

const KINDS: Readonly<Record<string, EventKind>> = {
  SessionStart: "start",
  BeforeAgent: "prompt",
  BeforeTool: "before-tool",
  AfterTool: "after-tool",
  PreCompress: "compact",
  AfterAgent: "stop",
  SessionEnd: "end",
  Notification: "blocked",
};

const TAKES_CONTEXT = new Set(["SessionStart", "BeforeAgent", "AfterTool"]);

/** Its tools, as the modes' rules name them. */
const TOOLS: Readonly<Record<string, string>> = {
  write_file: "Write",
  replace: "Edit",
  run_shell_command: "Bash",
  read_file: "Read",
  read_many_files: "Read",
  list_directory: "Glob",
  glob: "Glob",
  search_file_content: "Grep",
  grep_search: "Grep",
  web_fetch: "WebFetch",
  google_web_search: "WebSearch",
};

/** Gemini CLI. */
export const gemini: Client = { program: "gemini-cli", read: readGemini, write: writeGemini };

function readGemini(payload: Payload): HookEvent {
  const name = textAt(payload, "hook_event_name") ?? "";
  const kind = KINDS[name] ?? "other";
  const todos = kind === "after-tool" && textAt(payload, "tool_name") === "write_todos";
  return {
    kind,
    name,
    conversation: textAt(payload, "session_id"),
    cwd: textAt(payload, "cwd"),
    tool: toolIn(payload),
    todos: todos
      ? mapsAt(mapAt(payload, "tool_input"), "todos").flatMap((item) => todoIn(item, "description") ?? [])
      : [],
    reason: textAt(payload, "source", "reason", "notification_type"),
  };
}

function toolIn(payload: Payload): Tool | null {
  const given = textAt(payload, "tool_name");
  if (given === null) return null;
  const path = textAt(mapAt(payload, "tool_input"), "file_path", "absolute_path");
  const name = TOOLS[given] ?? given;
  return { name, paths: path === null || (name !== "Write" && name !== "Edit") ? [] : [path] };
}

function writeGemini(event: HookEvent, { deny, context, notice }: HookAnswer): Written {
  const answer = {
    ...(deny !== null && event.kind === "before-tool" && { decision: "deny", reason: deny }),
    ...(context !== null &&
      TAKES_CONTEXT.has(event.name) && {
        hookSpecificOutput: { hookEventName: event.name, additionalContext: context },
      }),
    ...(notice !== null && { systemMessage: notice }),
  };
  return { stdout: Object.keys(answer).length > 0 ? JSON.stringify(answer) : "", stderr: "", exitCode: 0 };
}
