/** The agent clients that call hooks, as `--client` names them. */
export const CLIENT_NAMES = ["claude", "codex", "gemini", "copilot", "cursor", "opencode"] as const;
export type ClientName = (typeof CLIENT_NAMES)[number];

/**
 * What happened, whichever client tells it: a conversation begins (also after its history was compacted), a person or
 * program asks something, a tool is about to be used, was used, several were, the history is about to be compacted, a
 * turn is over, the conversation is, or the agent waits for something from outside.
 */
export type EventKind =
  | "start"
  | "prompt"
  | "before-tool"
  | "after-tool"
  | "after-tools"
  | "compact"
  | "stop"
  | "end"
  | "blocked"
  | "other";

/** What a hook was called with, the same for every client. */
export interface HookEvent {
  readonly kind: EventKind;
  /** The client's own name of it, which its answer repeats. */
  readonly name: string;
  /** The client's id of the conversation; null where it gives none. */
  readonly conversation: string | null;
  /** Where the agent stands; null where the client does not say. */
  readonly cwd: string | null;
  readonly tool: Tool | null;
  /** The agent's own list, where the event is about it. */
  readonly todos: readonly HookTodo[];
  /** What the agent waits for, or why it starts or ends, in the client's words. */
  readonly reason: string | null;
}

export interface Tool {
  /** As Claude Code names its own (`Edit`, `Write`, `Bash` …), which the modes' rules use; any other as its client does. */
  readonly name: string;
  /** Files that it writes, as the client spells them: absolute, or from `cwd`. */
  readonly paths: readonly string[];
}

/** An item of the agent's own list. */
export interface HookTodo {
  /** The client's id of it; null where it has none, and its words tell it from others. */
  readonly id: string | null;
  /** Null where only its status is told. */
  readonly content: string | null;
  readonly status: "pending" | "in_progress" | "completed" | "cancelled";
}

/** What Berth has to say to an event. */
export interface HookAnswer {
  /** Why the tool may not be used; null: as far as Berth is concerned it may. */
  readonly deny: string | null;
  /** What the agent is to know: plain facts with their source; null: nothing. */
  readonly context: string | null;
  /** What the person in front of it is to know; null: nothing. */
  readonly notice: string | null;
}

export const NOTHING: HookAnswer = { deny: null, context: null, notice: null };

/** What is printed for the client, and how the hook ends. */
export interface Written {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: 0 | 2;
}

/** One client: its payloads in, its answers out. Both are pure. */
export interface Client {
  /** What it calls itself where agents are listed. */
  readonly program: string;
  readonly read: (payload: Payload) => HookEvent;
  readonly write: (event: HookEvent, answer: HookAnswer) => Written;
}

/** A payload as it came: nothing of it is believed before it was looked at. */
export type Payload = Readonly<Record<string, unknown>>;
