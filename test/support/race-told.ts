import type { FeedEvent } from "../../src/store/store.ts";
import type { Life } from "./race.ts";
import { excludes, filesOf, grantLine, type Replay } from "./race-replay.ts";

/** One call of a verb, from the notes of the process that made it. */
export interface Call {
  readonly agent: string;
  readonly n: number;
  readonly verb: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly from: number;
  /** When it was answered; null for one that its process did not live to see answered. */
  readonly to: number | null;
  /** Null for a refusal, and for no answer at all. */
  readonly answer: Readonly<Record<string, unknown>> | null;
  /** The error's code, and why it should not have come. */
  readonly error: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly problem: string | null;
}

export function callsOf({ agent, life, notes }: Life): Call[] {
  const calls = new Map<number, Call>();
  for (const note of notes) {
    const { n, at } = note;
    if ("verb" in note) {
      const { verb, input } = note;
      calls.set(n, { agent, n, verb, input, from: at, to: null, answer: null, error: null, facts: {}, problem: null });
      continue;
    }
    const asked = calls.get(n);
    if (!asked) throw new Error(`${agent}/${life} was told what it had not asked`);
    if ("answer" in note) calls.set(n, { ...asked, to: at, answer: note.answer });
    else {
      const said = `${agent}/${life}: ${asked.verb} ${JSON.stringify(asked.input)}: ${note.error} ${note.text}`;
      calls.set(n, { ...asked, to: at, error: note.error, facts: note.facts, problem: note.expected ? null : said });
    }
  }
  return [...calls.values()];
}

/** A time in which somebody could rely on something. */
interface Span {
  readonly agent: string;
  readonly path: string;
  readonly mode: string;
  readonly from: number;
  to: number;
}

/** Times in which two processes both believed to hold what only one of them may. */
export function beliefProblems(lives: readonly Life[]): string[] {
  const spans = lives.flatMap(lockSpans).filter(({ from, to }) => from < to);
  const problems: string[] = [];
  for (const file of new Set(spans.flatMap(({ path }) => filesOf(path)))) {
    let open: Span[] = [];
    const own = spans.filter(({ path }) => filesOf(path).includes(file)).toSorted((a, b) => a.from - b.from);
    for (const span of own) {
      open = open.filter(({ to }) => to > span.from);
      for (const other of open)
        if (excludes(span, other)) problems.push(`${file} held by both: ${JSON.stringify([other, span])}`);
      open.push(span);
    }
  }
  return problems;
}

interface ToldLock {
  readonly path: string;
  readonly mode: string;
  readonly fence: number;
}

/** What a process could rely on: from the answer on, until it lets go, its time is over, or it is killed. */
function lockSpans(life: Life): Span[] {
  const spans: Span[] = [];
  const held = new Map<string, Span>();
  const end = (path: string, at: number): void => {
    const span = held.get(path);
    if (!span) return;
    span.to = Math.min(span.to, at);
    spans.push(span);
    held.delete(path);
  };
  const endAll = (at: number): void => [...held.keys()].forEach((path) => end(path, at));
  for (const { agent, verb, input, from, to, answer } of callsOf(life)) {
    if (verb === "unlock" || (verb === "leave" && input["id"] === agent)) endAll(from);
    if (verb !== "lock" || !answer || to === null) continue;
    for (const { path, mode } of answer["locks"] as readonly ToldLock[]) {
      // Renewed, another mode, or had again after it was lost: a new time begins in any case.
      end(path, from);
      held.set(path, { agent, path, mode, from: to, to: from + Number(input["ttlMs"]) });
    }
  }
  endAll(life.killed?.at ?? Number.POSITIVE_INFINITY);
  return spans;
}

/** What processes were told, held against what the feed says. */
export function toldProblems(lives: readonly Life[], events: readonly FeedEvent[], seen: Replay): string[] {
  const calls = lives.flatMap(callsOf);
  const problems = lives.map(({ problem }) => problem).filter((problem) => problem !== null);
  problems.push(...calls.map(({ problem }) => problem).filter((problem) => problem !== null));
  // What a process was never told, it may have done before it was killed.
  const whole = calls.every(({ to }) => to !== null);
  const told = new Set<number>();
  for (const { agent, verb, answer } of calls)
    if (verb === "lock" && answer)
      for (const lock of answer["locks"] as readonly ToldLock[]) {
        const line = grantLine(lock.fence, { agent, ...lock });
        told.add(lock.fence);
        if (seen.grants.get(lock.fence) !== line) problems.push(`told ${line}, which the feed does not have`);
      }
  for (const [fence, line] of seen.grants) if (whole && !told.has(fence)) problems.push(`nobody was told ${line}`);
  return [...problems, ...taskProblems(calls, events, whole), ...registrationProblems(lives, events)];
}

/** As often as an agent was told that a task is its own, or done, the feed says so; more often only for the killed. */
function taskProblems(calls: readonly Call[], events: readonly FeedEvent[], whole: boolean): string[] {
  const problems: string[] = [];
  const kinds: Readonly<Record<string, readonly string[]>> = {
    addTask: ["task.queued"],
    takeTask: ["task.taken"],
    doneTask: ["task.done"],
    // Requeued are also those of who leaves.
    failTask: ["task.requeued", "task.blocked"],
    handTask: ["task.handed"],
  };
  for (const [verb, meant] of Object.entries(kinds)) {
    const said = new Map<string, number>();
    const add = (key: string, count: number): void => void said.set(key, (said.get(key) ?? 0) + count);
    for (const { kind, subject, agent } of events) if (meant.includes(kind)) add(`${agent} ${subject}`, 1);
    for (const call of calls)
      if (call.verb === verb && call.answer) add(`${call.agent} ${(call.answer["task"] as { id: string }).id}`, -1);
    for (const [key, count] of said)
      if (count < 0 || (whole && count > 0 && verb !== "failTask"))
        problems.push(`${verb} ${key} is ${count} times too often in the feed`);
  }
  return problems;
}

/** A registration that was accepted is in the feed once; one that was refused is not; nobody alive is called dead. */
function registrationProblems(lives: readonly Life[], events: readonly FeedEvent[]): string[] {
  const problems: string[] = [];
  const registered = events.filter(({ kind }) => kind === "agent.registered").map(({ data }) => String(data["role"]));
  const owner = new Map<string, Life>();
  for (const life of lives)
    for (const { verb, input, answer, error } of callsOf(life)) {
      if (verb !== "register") continue;
      const role = String(input["role"]);
      owner.set(role, life);
      const times = registered.filter((one) => one === role).length;
      if ((answer && times !== 1) || (error !== null && times !== 0))
        problems.push(`${role}: ${error ?? "accepted"}, and ${times} times in the feed`);
    }
  for (const { kind, subject, data, at } of events)
    if (kind === "agent.died") {
      const killed = owner.get(String(data["role"]))?.killed;
      if (!killed || killed.ms > at)
        problems.push(`${subject}, called dead at ${at}, was alive: ${String(data["role"])}`);
    }
  return problems;
}
