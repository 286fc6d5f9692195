import type { FeedEvent } from "../../src/store/store.ts";
import { COVERS } from "./race-deeds.ts";

/** What the feed says, taken at its word from its first event to its last. */
export interface Replay {
  /** Every event that could not have come where it did. */
  readonly problems: readonly string[];
  /** Fence, agent, path and mode of every grant there was. */
  readonly grants: ReadonlyMap<number, string>;
  /** What it comes to in the end: holds by fence, tasks with their state and taker, registered names. */
  readonly holds: readonly number[];
  readonly tasks: Readonly<Record<string, string>>;
  readonly agents: readonly string[];
}

interface Held {
  readonly agent: string;
  readonly path: string;
  readonly mode: string;
}

/** Whether two may not hold at one time. */
export function excludes(a: Held, b: Held): boolean {
  if (a.agent === b.agent || (a.mode === "shared" && b.mode === "shared")) return false;
  return filesOf(a.path).some((file) => filesOf(b.path).includes(file));
}

/** The files that a path stands for, by the race's own table: what decides in the program is not asked. */
export function filesOf(path: string): readonly string[] {
  const files = COVERS[path];
  if (!files) throw new Error(`nobody in the race wants ${path}`);
  return files;
}

export function grantLine(fence: number, held: Held): string {
  return `${fence} ${held.agent} ${held.path} ${held.mode}`;
}

export function replay(events: readonly FeedEvent[]): Replay {
  const problems = events.filter(({ seq }, i) => seq !== i + 1).map(({ seq }) => `event ${seq} is out of place`);
  const complain = (event: FeedEvent, what: string): void =>
    void problems.push(`event ${event.seq} ${event.kind} ${event.subject}: ${what}`);
  const locks = replayLocks(complain);
  const tasks = replayTasks(complain);
  const agents = replayAgents(complain);
  for (const event of events) for (const one of [locks, tasks, agents]) one.see(event);
  return {
    problems,
    grants: locks.grants,
    holds: [...locks.holds.keys()],
    tasks: Object.fromEntries(tasks.states),
    agents: [...agents.names],
  };
}

type Complain = (event: FeedEvent, what: string) => void;

function replayLocks(complain: Complain): {
  see(event: FeedEvent): void;
  holds: Map<number, Held>;
  grants: Map<number, string>;
} {
  const holds = new Map<number, Held>();
  const grants = new Map<number, string>();
  let last = 0;
  const granted = (event: FeedEvent): void => {
    const { seq, subject: path, agent, data } = event;
    const held = { agent: agent ?? "", path, mode: String(data["mode"]) };
    if (typeof data["instead"] === "number") holds.delete(data["instead"]);
    if (seq <= last) complain(event, `its fence is not larger than ${last}`);
    last = seq;
    for (const [fence, other] of holds)
      if (excludes(held, other)) complain(event, `${grantLine(seq, held)} while ${grantLine(fence, other)}`);
    holds.set(seq, held);
    grants.set(seq, grantLine(seq, held));
  };
  return {
    holds,
    grants,
    see: (event) => {
      if (event.kind === "lock.granted") granted(event);
      if (event.kind !== "lock.released" && event.kind !== "lock.expired") return;
      const fence = Number(event.data["fence"]);
      if (holds.get(fence)?.agent !== event.data["agent"]) complain(event, `nobody held ${fence}`);
      holds.delete(fence);
    },
  };
}

function replayTasks(complain: Complain): { see(event: FeedEvent): void; states: Map<string, string> } {
  const states = new Map<string, string>();
  /** What a task must be, and what it is then. */
  const step = (event: FeedEvent): readonly [from: readonly string[], to: string] | null => {
    const { agent, data } = event;
    if (event.kind === "task.queued") return [["none"], "queued"];
    if (event.kind === "task.taken") return [["queued"], `assigned ${agent}`];
    if (event.kind === "task.assigned") return [["queued"], `assigned ${String(data["to"])}`];
    if (event.kind === "task.handed")
      return [["queued", "blocked", `assigned ${agent}`], `assigned ${String(data["to"])}`];
    if (event.kind === "task.done") return [[`assigned ${agent}`], `done ${agent}`];
    if (event.kind === "task.requeued") return [[`assigned ${agent}`], "queued"];
    return event.kind === "task.blocked" ? [[`assigned ${agent}`], "blocked"] : null;
  };
  return {
    states,
    see: (event) => {
      const found = step(event);
      if (!found) return;
      const now = states.get(event.subject) ?? "none";
      if (!found[0].includes(now)) complain(event, `by ${event.agent}, and the task was ${now}`);
      states.set(event.subject, found[1]);
    },
  };
}

function replayAgents(complain: Complain): { see(event: FeedEvent): void; names: Set<string> } {
  const names = new Set<string>();
  return {
    names,
    see: (event) => {
      const { kind, subject } = event;
      if (kind === "agent.registered") {
        if (names.has(subject)) complain(event, "it was registered already");
        names.add(subject);
      }
      if ((kind === "agent.left" || kind === "agent.died") && !names.delete(subject))
        complain(event, "it was not registered");
    },
  };
}
