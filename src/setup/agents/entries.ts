import type { Json, JsonMap } from "../../document/json.ts";
import type { KeyWay } from "../../document/jsonc-change.ts";

/** One thing that Berth puts into a JSON file of an agent client. */
export type Entry =
  /** An item of a list of hooks, known again by the command that it runs. */
  | { readonly kind: "hook"; readonly at: KeyWay; readonly item: JsonMap; readonly command: string }
  /** The server `berth` among those of a client. */
  | { readonly kind: "server"; readonly at: KeyWay; readonly value: JsonMap };

/** A file of JSON that Berth puts entries into. */
export interface JsonFile {
  readonly kind: "json";
  readonly path: string;
  /** Other names that the client reads in its place: the one that is there counts. */
  readonly others?: readonly string[];
  /** What else a new file must say. */
  readonly frame: JsonMap;
  readonly entries: readonly Entry[];
}

/** A file that is Berth's as a whole; its text is among the assets. */
export interface OwnFile {
  readonly kind: "own";
  readonly path: string;
  readonly asset: string;
}

/** What a client needs of a repository, and what is left to its user. */
export interface AgentClient {
  readonly files: readonly (JsonFile | OwnFile)[];
  readonly next: readonly string[];
}

export type AgentName = "claude" | "codex" | "gemini" | "copilot" | "cursor" | "opencode";

type Events = Readonly<Record<string, { readonly matcher?: string; readonly seconds: number }>>;

/** What an agent's client must not wait long for; what it does between two turns may take a little more. */
const [QUICK, CALM] = [10, 30];

const SERVER: JsonMap = { command: "berth", args: ["mcp"] };
const mcpServers: Entry = { kind: "server", at: ["mcpServers", "berth"], value: SERVER };

/** The command is the same on every machine and in every version: a client may trust it by its hash. */
function commandOf(client: string): string {
  return `berth hook --client ${client}`;
}

/** Hooks in the form of Claude Code: groups with a matcher, each with its handlers. */
function grouped(client: string, events: Events, handler: (seconds: number) => JsonMap): Entry[] {
  const command = commandOf(client);
  return Object.entries(events).map(([event, { matcher, seconds }]) => ({
    kind: "hook",
    at: ["hooks", event],
    item: {
      ...(matcher !== undefined && { matcher }),
      hooks: [{ type: "command", command, ...handler(seconds) }],
    },
    command,
  }));
}

const CLAUDE_EVENTS: Events = {
  SessionStart: { seconds: QUICK },
  SubagentStart: { seconds: QUICK },
  UserPromptSubmit: { seconds: QUICK },
  PreToolUse: { matcher: "Edit|Write|MultiEdit|NotebookEdit|Bash", seconds: QUICK },
  PostToolUse: { matcher: "Bash|TodoWrite|TaskCreate|TaskUpdate", seconds: QUICK },
  PostToolBatch: { seconds: QUICK },
  TaskCreated: { seconds: QUICK },
  TaskCompleted: { seconds: QUICK },
  PreCompact: { seconds: CALM },
  Stop: { seconds: CALM },
  StopFailure: { seconds: QUICK },
  SessionEnd: { seconds: QUICK },
};

const CODEX_TOOLS = "apply_patch|Bash|shell|local_shell|exec_command|unified_exec";
const CODEX_EVENTS: Events = {
  SessionStart: { seconds: QUICK },
  SubagentStart: { seconds: QUICK },
  UserPromptSubmit: { seconds: QUICK },
  PreToolUse: { matcher: CODEX_TOOLS, seconds: QUICK },
  PostToolUse: { matcher: CODEX_TOOLS, seconds: QUICK },
  PreCompact: { seconds: CALM },
  Stop: { seconds: CALM },
  SessionEnd: { seconds: QUICK },
};

const GEMINI_EVENTS: Events = {
  SessionStart: { seconds: QUICK },
  BeforeAgent: { seconds: QUICK },
  BeforeTool: { matcher: "write_file|replace|run_shell_command", seconds: QUICK },
  AfterTool: { matcher: "run_shell_command|write_todos", seconds: QUICK },
  PreCompress: { seconds: CALM },
  AfterAgent: { seconds: CALM },
  SessionEnd: { seconds: QUICK },
  Notification: { seconds: QUICK },
};

const COPILOT_EVENTS: Events = {
  SessionStart: { seconds: QUICK },
  SubagentStart: { seconds: QUICK },
  UserPromptSubmit: { seconds: QUICK },
  PreToolUse: { seconds: QUICK },
  PostToolUse: { seconds: QUICK },
  PreCompact: { seconds: CALM },
  Stop: { seconds: CALM },
  SessionEnd: { seconds: QUICK },
};

const CURSOR_TOOLS = "Write|StrReplace|Edit|MultiEdit|EditNotebook|Delete|Shell";
const CURSOR_EVENTS: Events = {
  sessionStart: { seconds: QUICK },
  beforeSubmitPrompt: { seconds: QUICK },
  preToolUse: { matcher: CURSOR_TOOLS, seconds: QUICK },
  postToolUse: { matcher: "Shell", seconds: QUICK },
  preCompact: { seconds: CALM },
  stop: { seconds: CALM },
  sessionEnd: { seconds: QUICK },
};

/** Its payloads name their event in one spelling only; the command says it for every spelling. */
function copilotHooks(): Entry[] {
  return Object.entries(COPILOT_EVENTS).map(([event, { seconds }]) => {
    const command = `${commandOf("copilot")} --event ${event}`;
    const item: Json = { type: "command", bash: command, powershell: command, timeoutSec: seconds };
    return { kind: "hook", at: ["hooks", event], item, command };
  });
}

function cursorHooks(): Entry[] {
  const command = commandOf("cursor");
  return Object.entries(CURSOR_EVENTS).map(([event, { matcher, seconds }]) => ({
    kind: "hook",
    at: ["hooks", event],
    item: { command, ...(matcher !== undefined && { matcher }), timeout: seconds },
    command,
  }));
}

const inSeconds = (seconds: number): JsonMap => ({ timeout: seconds });
const mcpFile: JsonFile = { kind: "json", path: ".mcp.json", frame: {}, entries: [mcpServers] };

/** The clients that `init --agent` knows, and what each of them reads. */
export const AGENT_CLIENTS: Readonly<Record<AgentName, AgentClient>> = {
  claude: {
    files: [
      { kind: "json", path: ".claude/settings.json", frame: {}, entries: grouped("claude", CLAUDE_EVENTS, inSeconds) },
      mcpFile,
    ],
    next: [],
  },
  codex: {
    files: [{ kind: "json", path: ".codex/hooks.json", frame: {}, entries: grouped("codex", CODEX_EVENTS, inSeconds) }],
    next: [
      "Codex asks once whether the hooks of this repository are trusted: look at them with /hooks.",
      'For the tools of Berth in Codex, add to your ~/.codex/config.toml: [mcp_servers.berth], and below it command = "berth" and args = ["mcp"]',
    ],
  },
  gemini: {
    files: [
      {
        kind: "json",
        path: ".gemini/settings.json",
        frame: {},
        entries: [
          ...grouped("gemini", GEMINI_EVENTS, (seconds) => ({ name: "berth", timeout: 1000 * seconds })),
          mcpServers,
        ],
      },
    ],
    next: ["Gemini CLI reads AGENTS.md only where context.fileName of its settings names it."],
  },
  copilot: {
    files: [
      { kind: "json", path: ".github/hooks/berth.json", frame: { version: 1 }, entries: copilotHooks() },
      mcpFile,
    ],
    next: [],
  },
  cursor: {
    files: [
      { kind: "json", path: ".cursor/hooks.json", frame: { version: 1 }, entries: cursorHooks() },
      { ...mcpFile, path: ".cursor/mcp.json" },
    ],
    next: [],
  },
  opencode: {
    files: [
      { kind: "own", path: ".opencode/plugins/berth.ts", asset: "opencode-plugin.ts" },
      {
        kind: "json",
        path: "opencode.json",
        others: ["opencode.jsonc"],
        frame: { $schema: "https://opencode.ai/config.json" },
        entries: [{ kind: "server", at: ["mcp", "berth"], value: { type: "local", command: ["berth", "mcp"] } }],
      },
    ],
    next: [],
  },
};
