import { expect, test } from "vitest";
import { pathsInPatch } from "../../src/hook/apply-patch.ts";
import { CLIENTS } from "../../src/hook/clients.ts";
import { CLIENT_NAMES, type ClientName, type EventKind, NOTHING } from "../../src/hook/event.ts";
import { parsePayload } from "../../src/hook/payload.ts";

/** Payloads in the form that each client sends them in, with what they mean. */
const PAYLOADS: readonly (readonly [
  client: ClientName,
  payload: Readonly<Record<string, unknown>>,
  kind: EventKind,
  tool: { readonly name: string; readonly paths: readonly string[] } | null,
])[] = [
  ["claude", { hook_event_name: "SessionStart", source: "compact" }, "start", null],
  [
    "claude",
    { hook_event_name: "PreToolUse", tool_name: "Write", tool_input: { file_path: "/r/a.ts", content: "x" } },
    "before-tool",
    { name: "Write", paths: ["/r/a.ts"] },
  ],
  [
    "claude",
    { hook_event_name: "PreToolUse", tool_name: "NotebookEdit", tool_input: { notebook_path: "/r/a.ipynb" } },
    "before-tool",
    { name: "NotebookEdit", paths: ["/r/a.ipynb"] },
  ],
  [
    "claude",
    { hook_event_name: "PreToolUse", tool_name: "Read", tool_input: { file_path: "/r/a.ts" } },
    "before-tool",
    { name: "Read", paths: [] },
  ],
  ["claude", { hook_event_name: "PostToolBatch", tool_calls: [] }, "after-tools", null],
  ["claude", { hook_event_name: "Notification", notification_type: "permission_prompt" }, "blocked", null],
  ["claude", { hook_event_name: "Notification", notification_type: "auth_success" }, "other", null],
  ["claude", { hook_event_name: "PreCompact", trigger: "auto" }, "compact", null],
  ["claude", { hook_event_name: "SomethingNew" }, "other", null],
  [
    "codex",
    {
      hook_event_name: "PreToolUse",
      tool_name: "apply_patch",
      tool_input: { command: "*** Begin Patch\n*** Add File: b.ts\n+x\n*** Update File: a.ts\n*** Move to: c.ts\n" },
    },
    "before-tool",
    { name: "Edit", paths: ["b.ts", "a.ts", "c.ts"] },
  ],
  [
    "codex",
    { hook_event_name: "PostToolUse", tool_name: "shell", tool_input: { command: ["ls"] } },
    "after-tool",
    { name: "Bash", paths: [] },
  ],
  [
    "gemini",
    { hook_event_name: "BeforeTool", tool_name: "replace", tool_input: { file_path: "/r/a.ts" } },
    "before-tool",
    { name: "Edit", paths: ["/r/a.ts"] },
  ],
  ["gemini", { hook_event_name: "AfterAgent" }, "stop", null],
  [
    "copilot",
    { hook_event_name: "preToolUse", toolName: "create", toolArgs: '{"path":"/r/a.ts"}' },
    "before-tool",
    { name: "Write", paths: ["/r/a.ts"] },
  ],
  [
    "copilot",
    { hook_event_name: "PreToolUse", tool_name: "edit", tool_input: { path: "/r/a.ts" } },
    "before-tool",
    { name: "Edit", paths: ["/r/a.ts"] },
  ],
  ["copilot", { hook_event_name: "agentStop" }, "stop", null],
  [
    "cursor",
    { hook_event_name: "preToolUse", tool_name: "StrReplace", tool_input: { path: "/r/a.ts" } },
    "before-tool",
    { name: "Edit", paths: ["/r/a.ts"] },
  ],
  ["cursor", { hook_event_name: "beforeShellExecution", command: "make" }, "before-tool", { name: "Bash", paths: [] }],
  [
    "opencode",
    { event: "before", tool: "write", args: { filePath: "/r/a.ts" }, sessionID: "ses_1" },
    "before-tool",
    { name: "Write", paths: ["/r/a.ts"] },
  ],
];

test.each(PAYLOADS)("a payload of %s is understood: %o", (client, payload, kind, tool) => {
  expect(CLIENTS[client].read(payload)).toMatchObject({ kind, tool });
});

test("the conversation and the place are read as each client names them", () => {
  const at = {
    cwd: "/r",
    session_id: "s-1",
    sessionId: "s-1",
    conversation_id: "s-1",
    sessionID: "s-1",
    directory: "/r",
  };
  for (const client of CLIENT_NAMES)
    expect(CLIENTS[client].read(at), client).toMatchObject({ conversation: "s-1", cwd: "/r" });
  expect(CLIENTS.cursor.read({ workspace_roots: ["/r/top"] })).toMatchObject({ cwd: "/r/top" });
});

test("[CTX-13] todos are read from the clients' own tools", () => {
  const told = (payload: Readonly<Record<string, unknown>>, client: ClientName = "claude"): unknown =>
    CLIENTS[client].read({ hook_event_name: "PostToolUse", ...payload }).todos;
  const todos = [
    { content: "Write it", status: "in_progress", activeForm: "Writing" },
    { content: "Test it", status: "pending" },
    { content: "", status: "pending" },
    { content: "Odd", status: "lost" },
    "no map",
  ];
  expect(told({ tool_name: "TodoWrite", tool_input: { todos } })).toEqual([
    { id: null, content: "Write it", status: "in_progress" },
    { id: null, content: "Test it", status: "pending" },
  ]);
  const made = { tool_name: "TaskCreate", tool_input: { subject: "Do" }, tool_response: { task: { id: "7" } } };
  expect(told(made)).toEqual([{ id: "7", content: "Do", status: "pending" }]);
  const done = { tool_name: "TaskUpdate", tool_input: { taskId: "7", status: "completed" } };
  expect(told(done)).toEqual([{ id: "7", content: null, status: "completed" }]);
  expect(told({ hook_event_name: "TaskCompleted", task_id: "7", task_subject: "Do" })).toEqual([
    { id: "7", content: "Do", status: "completed" },
  ]);
  const gemini = { hook_event_name: "AfterTool", tool_name: "write_todos" };
  const items = [{ description: "Plan", status: "cancelled" }];
  expect(told({ ...gemini, tool_input: { todos: items } }, "gemini")).toEqual([
    { id: null, content: "Plan", status: "cancelled" },
  ]);
});

test("each client is answered in its own form, and with nothing where there is nothing to say", () => {
  const before: Readonly<Record<ClientName, Readonly<Record<string, unknown>>>> = {
    claude: { hook_event_name: "PreToolUse" },
    codex: { hook_event_name: "PreToolUse" },
    gemini: { hook_event_name: "BeforeTool" },
    copilot: { hook_event_name: "preToolUse" },
    cursor: { hook_event_name: "preToolUse" },
    opencode: { event: "before" },
  };
  const answered = (client: ClientName, more: object): unknown => {
    const { read, write } = CLIENTS[client];
    const { stdout, exitCode } = write(read(before[client]), { ...NOTHING, ...more });
    return { ...(stdout === "" ? {} : (JSON.parse(stdout) as object)), exitCode };
  };
  const claudes = { hookEventName: "PreToolUse", permissionDecision: "deny", permissionDecisionReason: "Held." };
  const denied: Readonly<Record<ClientName, unknown>> = {
    claude: { hookSpecificOutput: claudes, exitCode: 0 },
    codex: { hookSpecificOutput: claudes, exitCode: 0 },
    gemini: { decision: "deny", reason: "Held.", exitCode: 0 },
    copilot: { permissionDecision: "deny", permissionDecisionReason: "Held.", exitCode: 0 },
    cursor: { permission: "deny", user_message: "Held.", agent_message: "Held.", exitCode: 2 },
    opencode: { deny: "Held.", exitCode: 0 },
  };
  for (const client of CLIENT_NAMES) {
    expect(answered(client, { deny: "Held." }), client).toEqual(denied[client]);
    expect(answered(client, {}), client).toEqual({ exitCode: 0 });
  }
  const { read, write } = CLIENTS.claude;
  const start = write(read({ hook_event_name: "SessionStart" }), { deny: "no", context: "Facts.", notice: "Look." });
  expect(JSON.parse(start.stdout)).toEqual({
    hookSpecificOutput: { hookEventName: "SessionStart", additionalContext: "Facts." },
    systemMessage: "Look.",
  });
  // Where the model would not see it, it is not said.
  expect(write(read({ hook_event_name: "Stop" }), { ...NOTHING, context: "Facts." }).stdout).toBe("");
});

test("hostile payloads are no events: wrong types, keys of prototypes, names without end", () => {
  for (const text of ["", "no json", "[]", "null", '"text"', "7"])
    expect(() => parsePayload(text), text).toThrow("no payload of a hook");
  const odd = parsePayload(
    '{"__proto__":{"session_id":"x"},"hook_event_name":["PreToolUse"],"tool_name":{"a":1},"cwd":7}',
  );
  for (const client of CLIENT_NAMES)
    expect(CLIENTS[client].read(odd), client).toMatchObject({
      kind: "other",
      conversation: null,
      cwd: null,
      tool: null,
    });
  const long = { hook_event_name: "PreToolUse", tool_name: "Write", tool_input: { file_path: "x".repeat(5000) } };
  expect(CLIENTS.claude.read(long).tool).toEqual({ name: "Write", paths: [] });
  expect(CLIENTS.claude.read({ ...long, tool_input: { file_path: "a\0b" } }).tool?.paths).toEqual([]);
  expect(pathsInPatch("*** Update File: \n*** Update File: a b.ts\r\n--- Update File: c\n")).toEqual(["a b.ts"]);
});
