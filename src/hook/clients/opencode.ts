import type { Client, EventKind, HookAnswer, HookEvent, Payload, Tool, Written } from "../event.ts";
import { mapAt, mapsAt, textAt, todoIn } from "../payload.ts";

const KINDS: Readonly<Record<string, EventKind>> = {
  start: "start",
  prompt: "prompt",
  before: "before-tool",
  after: "after-tool",
  compact: "compact",
  idle: "stop",
  end: "end",
};

const TOOLS: Readonly<Record<string, string>> = {
  edit: "Edit",
  write: "Write",
  patch: "Edit",
  bash: "Bash",
  read: "Read",
  glob: "Glob",
  grep: "Grep",
  webfetch: "WebFetch",
};

/** opencode, whose plugin runs within it and sends what Berth itself would ask for. */
export const opencode: Client = { program: "opencode", read: readOpencode, write: writeOpencode };

function readOpencode(payload: Payload): HookEvent {
  const name = textAt(payload, "event") ?? "";
  const kind = KINDS[name] ?? "other";
  const todos = kind === "after-tool" && textAt(payload, "tool") === "todowrite";
  return {
    kind,
    name,
    conversation: textAt(payload, "sessionID"),
    cwd: textAt(payload, "directory"),
    tool: toolIn(payload),
    todos: todos ? mapsAt(mapAt(payload, "args"), "todos").flatMap((item) => todoIn(item, "content") ?? []) : [],
    reason: null,
  };
}

function toolIn(payload: Payload): Tool | null {
  const given = textAt(payload, "tool");
  if (given === null) return null;
  const name = TOOLS[given] ?? given;
  const path = textAt(mapAt(payload, "args"), "filePath", "path");
  return { name, paths: path === null || (name !== "Write" && name !== "Edit") ? [] : [path] };
}

function writeOpencode(_: HookEvent, answer: HookAnswer): Written {
  const said = Object.fromEntries(Object.entries(answer).filter(([, value]) => value !== null));
  return { stdout: JSON.stringify(said), stderr: "", exitCode: 0 };
}
