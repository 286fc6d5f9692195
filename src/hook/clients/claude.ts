import type { Client, EventKind, HookAnswer, HookEvent, HookTodo, Payload, Tool, Written } from "../event.ts";
import { mapAt, mapsAt, statusIn, textAt, todoIn } from "../payload.ts";

const KINDS: Readonly<Record<string, EventKind>> = {
  SessionStart: "start",
  SubagentStart: "start",
  UserPromptSubmit: "prompt",
  PreToolUse: "before-tool",
  PostToolUse: "after-tool",
  PostToolUseFailure: "after-tool",
  PostToolBatch: "after-tools",
  TaskCreated: "after-tool",
  TaskCompleted: "after-tool",
  PreCompact: "compact",
  Stop: "stop",
  SubagentStop: "stop",
  SessionEnd: "end",
  StopFailure: "blocked",
  Notification: "blocked",
};

/** Kinds of notification that say that the agent waits; the others are news for people. */
const WAITS = new Set(["permission_prompt", "idle_prompt", "elicitation_dialog"]);

/** Events after which what Berth says reaches the model. */
const TAKES_CONTEXT = new Set([
  "SessionStart",
  "SubagentStart",
  "UserPromptSubmit",
  "PreToolUse",
  "PostToolUse",
  "PostToolUseFailure",
  "PostToolBatch",
]);

/** Claude Code, and clients whose hooks have its form. */
export const claude: Client = { program: "claude-code", read: readClaude, write: writeClaude };

function readClaude(payload: Payload): HookEvent {
  const name = textAt(payload, "hook_event_name") ?? "";
  const known = KINDS[name] ?? "other";
  const reason = textAt(payload, "source", "reason", "error", "notification_type");
  const waits = name !== "Notification" || WAITS.has(reason ?? "");
  return {
    kind: waits ? known : "other",
    name,
    conversation: textAt(payload, "session_id"),
    cwd: textAt(payload, "cwd"),
    tool: toolIn(payload),
    todos: known === "after-tool" ? todosIn(payload, name) : [],
    reason,
  };
}

function toolIn(payload: Payload): Tool | null {
  const name = textAt(payload, "tool_name");
  if (name === null) return null;
  const path = textAt(mapAt(payload, "tool_input"), "file_path", "notebook_path");
  return { name, paths: path === null || !WRITES.has(name) ? [] : [path] };
}

const WRITES = new Set(["Edit", "Write", "MultiEdit", "NotebookEdit"]);

function todosIn(payload: Payload, name: string): readonly HookTodo[] {
  if (name === "TaskCreated" || name === "TaskCompleted") {
    const [id, content] = [textAt(payload, "task_id"), textAt(payload, "task_subject")];
    return id === null ? [] : [{ id, content, status: name === "TaskCreated" ? "pending" : "completed" }];
  }
  if (name !== "PostToolUse") return [];
  const [tool, input] = [textAt(payload, "tool_name"), mapAt(payload, "tool_input")];
  if (tool === "TodoWrite") return mapsAt(input, "todos").flatMap((item) => todoIn(item, "content") ?? []);
  if (tool === "TaskCreate") {
    const id = textAt(mapAt(mapAt(payload, "tool_response"), "task"), "id");
    return id === null ? [] : [{ id, content: textAt(input, "subject"), status: "pending" }];
  }
  const [id, status] = [textAt(input, "taskId"), statusIn(input)];
  if (tool !== "TaskUpdate" || id === null || status === null) return [];
  return [{ id, content: textAt(input, "subject"), status }];
}

function writeClaude(event: HookEvent, { deny, context, notice }: HookAnswer): Written {
  const { name } = event;
  const decided = deny !== null && name === "PreToolUse";
  const specific = {
    ...(decided && { permissionDecision: "deny", permissionDecisionReason: deny }),
    ...(context !== null && TAKES_CONTEXT.has(name) && { additionalContext: context }),
  };
  const answer = {
    ...(Object.keys(specific).length > 0 && { hookSpecificOutput: { hookEventName: name, ...specific } }),
    ...(notice !== null && { systemMessage: notice }),
  };
  return { stdout: Object.keys(answer).length > 0 ? JSON.stringify(answer) : "", stderr: "", exitCode: 0 };
}
