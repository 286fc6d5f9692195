import type { Client, EventKind, HookAnswer, HookEvent, Payload, Tool, Written } from "../event.ts";
import { isMap, mapAt, textAt } from "../payload.ts";

/** Its events by both spellings that a hooks file may use. */
const KINDS: Readonly<Record<string, EventKind>> = {
  sessionstart: "start",
  subagentstart: "start",
  userpromptsubmitted: "prompt",
  userpromptsubmit: "prompt",
  pretooluse: "before-tool",
  posttooluse: "after-tool",
  posttoolusefailure: "after-tool",
  precompact: "compact",
  agentstop: "stop",
  stop: "stop",
  subagentstop: "stop",
  sessionend: "end",
  erroroccurred: "blocked",
};

const TOOLS: Readonly<Record<string, string>> = {
  create: "Write",
  edit: "Edit",
  bash: "Bash",
  powershell: "Bash",
  view: "Read",
  grep: "Grep",
  glob: "Glob",
  web_fetch: "WebFetch",
};

/** GitHub Copilot CLI. Its payloads do not name their event where it is spelled in camel case: the hooks file does. */
export const copilot: Client = { program: "copilot", read: readCopilot, write: writeCopilot };

function readCopilot(payload: Payload): HookEvent {
  const name = textAt(payload, "hook_event_name", "hookEventName", "event") ?? "";
  return {
    kind: KINDS[name.toLowerCase()] ?? "other",
    name,
    conversation: textAt(payload, "sessionId", "session_id"),
    cwd: textAt(payload, "cwd"),
    tool: toolIn(payload),
    todos: [],
    reason: textAt(payload, "source", "reason"),
  };
}

function toolIn(payload: Payload): Tool | null {
  const given = textAt(payload, "toolName", "tool_name");
  if (given === null) return null;
  const name = TOOLS[given] ?? given;
  const path = textAt(inputOf(payload), "path", "file_path", "filePath");
  return { name, paths: path === null || (name !== "Write" && name !== "Edit") ? [] : [path] };
}

/** Arguments come as a map, or as its JSON. */
function inputOf(payload: Payload): Payload {
  const told = payload["toolArgs"] ?? payload["tool_input"];
  if (typeof told !== "string") return mapAt({ told }, "told");
  try {
    const value = JSON.parse(told) as unknown;
    return isMap(value) ? value : {};
  } catch {
    return {};
  }
}

function writeCopilot(event: HookEvent, { deny, context }: HookAnswer): Written {
  const answer = {
    ...(deny !== null &&
      event.kind === "before-tool" && { permissionDecision: "deny", permissionDecisionReason: deny }),
    ...(context !== null && event.kind !== "before-tool" && { additionalContext: context }),
  };
  return { stdout: Object.keys(answer).length > 0 ? JSON.stringify(answer) : "", stderr: "", exitCode: 0 };
}
