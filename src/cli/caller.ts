import type { Environment } from "./style.ts";
import { usageError } from "./usage-error.ts";

/** An agent client, and how a process knows that it was started by one. */
interface Client {
  readonly name: string;
  /** Any of these variables set to something says so. Settings that people keep in their shells are not among them. */
  readonly marks: readonly string[];
  /** Holds the id of the conversation, which tells several agents of one client apart. */
  readonly conversation?: string;
}

const CLIENTS: readonly Client[] = [
  { name: "claude-code", marks: ["CLAUDECODE"], conversation: "CLAUDE_CODE_SESSION_ID" },
  {
    name: "codex",
    marks: ["CODEX_THREAD_ID", "CODEX_SANDBOX", "CODEX_SANDBOX_NETWORK_DISABLED", "CODEX_CI"],
    conversation: "CODEX_THREAD_ID",
  },
  { name: "gemini-cli", marks: ["GEMINI_CLI"], conversation: "GEMINI_SESSION_ID" },
  { name: "cursor", marks: ["CURSOR_AGENT"] },
  { name: "copilot", marks: ["COPILOT_AGENT_SESSION_ID"], conversation: "COPILOT_AGENT_SESSION_ID" },
  { name: "opencode", marks: ["OPENCODE"] },
];

/** In UTF-16 units, which is never less than what is seen. */
const LONGEST = 80;

/**
 * The name of whoever calls: what `--agent` says, else BERTH_AGENT, else the agent client around us. Undefined means
 * a person, whose name git knows. A name is data for people, never proof of anything.
 * @throws BerthError USAGE for a name that cannot be shown safely
 */
export function callerName(option: string | undefined, env: Environment): string | undefined {
  if (option !== undefined) return checkedName(option, "--agent");
  const variable = env["BERTH_AGENT"];
  if (variable !== undefined && variable !== "") return checkedName(variable, "BERTH_AGENT");
  const client = CLIENTS.find(({ marks }) => marks.some((mark) => isOn(env[mark])));
  if (client === undefined) return undefined;
  const conversation = client.conversation === undefined ? undefined : env[client.conversation];
  return conversationName(client.name, conversation ?? null) ?? client.name;
}

/** The name of the agent that has a conversation with a client; undefined where the conversation has no usable id. */
export function conversationName(client: string, conversation: string | null): string | undefined {
  const suffix = /^[A-Za-z0-9]{6,}/.exec(conversation?.replaceAll(/[-_]/g, "") ?? "")?.[0].slice(-8);
  return suffix === undefined ? undefined : `${client}-${suffix}`;
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false"].includes(value);
}

function checkedName(name: string, from: string): string {
  const problem = problemWith(name);
  if (problem === undefined) return name;
  throw usageError(
    `${from} is not a usable name: ${problem}.`,
    `Give a short name such as ${from === "--agent" ? "--agent codex-2" : "BERTH_AGENT=codex-2"}.`,
  );
}

function problemWith(name: string): string | undefined {
  if (name.trim() === "") return "it is empty";
  if (name.trim() !== name) return "it begins or ends with a space";
  if (name.length > LONGEST) return `it is longer than ${LONGEST} characters`;
  if (name === "all") return "it means everybody";
  if (!name.isWellFormed() || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)) {
    return "it holds control, invisible or direction-changing characters";
  }
  return undefined;
}
