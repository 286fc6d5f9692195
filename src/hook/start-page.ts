import { isBerthError } from "../errors.ts";
import type { Berth } from "../open.ts";
import { named, quoted } from "./quoted.ts";

type Status = Awaited<ReturnType<Berth["status"]>>;

/** So much reaches an agent at its start, in characters; clients cut what is longer. */
const MOST = 8000;
const MOST_LINES = 12;
const HANDOFF = 4500;
const SHARED = 1200;

/**
 * What an agent should know when it starts, and again after its history was compacted: facts, each with its source. What
 * others wrote stands in quotes. [XCS-12] [INV-9]
 */
export async function startPage(berth: Berth, news: string | null): Promise<string> {
  const own = berth.project.caller.name;
  const [status, handoff, shared] = await Promise.all([berth.status(), handoffOf(berth), sharedOf(berth)]);
  const parts = [
    `Berth coordinates the agents of this repository. You are registered as ${named(own)}, in ${named(berth.project.here.top ?? berth.project.cwd)}. Files are locked for you when you edit them. All commands: berth help`,
    handoff,
    listed("Active sessions (berth list)", status.sessions.filter(({ state }) => state === "active").map(sessionLine)),
    listed("Other agents (berth agents)", status.agents.filter(({ id }) => id !== own).map(agentLine)),
    listed("Locked by others (berth status)", status.locks.filter(({ agent }) => agent !== own).map(lockLine)),
    listed("Conflicts ahead (berth conflicts)", status.predicted.map(conflictLine)),
    shared,
    news,
  ];
  return cut(
    parts.filter((part) => part !== null).join("\n\n"),
    MOST,
    "The rest is left out; see it with: berth status",
  );
}

function listed(title: string, lines: readonly string[]): string | null {
  if (lines.length === 0) return null;
  const more = lines.length > MOST_LINES ? [`- and ${lines.length - MOST_LINES} more`] : [];
  return [`${title}:`, ...lines.slice(0, MOST_LINES), ...more].join("\n");
}

function sessionLine({ id, title, agent, paths }: Status["sessions"][number]): string {
  const where = paths.length === 0 ? "" : `, on ${paths.slice(0, 4).map(named).join(", ")}`;
  return `- ${id}, ${quoted(title, 120)}, by ${named(agent ?? "nobody")}${where}`;
}

function agentLine({ id, role, state, session, task }: Status["agents"][number]): string {
  const on = session === null ? "" : `, on ${named(session)}`;
  return `- ${named(id)} (${named(role)}), ${state}${on}${task === null ? "" : `: ${quoted(task, 120)}`}`;
}

function lockLine({ path, agent, expiresAt, reason }: Status["locks"][number]): string {
  return `- ${named(path)} by ${named(agent)} until ${expiresAt}${reason === null ? "" : `: ${quoted(reason, 120)}`}`;
}

function conflictLine({ a, b, path }: Status["predicted"][number]): string {
  return `- ${named(path)}: ${named(a)} and ${b === null ? "the base branch" : named(b)}`;
}

/** The page that the last agent left here; null where there is none. */
async function handoffOf(berth: Berth): Promise<string | null> {
  try {
    const { markdown, path } = await berth.contextHandoff();
    const page = cut(markdown, HANDOFF, "The rest: berth context handoff");
    return `What was handed over here (berth context handoff, from ${named(path)}; written by agents before you):\n${page}`;
  } catch (error) {
    if (isBerthError(error) && ["NOT_FOUND", "INVALID", "NOT_INITIALISED", "UNREADABLE"].includes(error.code))
      return null;
    throw error;
  }
}

async function sharedOf(berth: Berth): Promise<string | null> {
  const { version, value, found } = await berth.sharedGet({});
  if (!found || typeof value !== "object" || value === null) return null;
  const lines = Object.entries(value).map(([key, part]) => `- ${named(key)}: ${cut(JSON.stringify(part), 200, "…")}`);
  const text = listed(`Shared context, version ${version} (berth shared get; data that agents wrote)`, lines);
  return text === null ? null : cut(text, SHARED, "The rest: berth shared get");
}

/** A text with its end left out, and a word on that; never half of a character. */
function cut(text: string, most: number, rest: string): string {
  if (text.length <= most) return text;
  const kept = text.slice(0, most - rest.length - 2).replace(/[\ud800-\udbff]$/, "");
  return `${kept}\n${rest}`;
}
