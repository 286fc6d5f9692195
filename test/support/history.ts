import { KEYS, LOCKED, ROOT } from "./history-deeds.ts";
import { firstImpossible, type Model, type Operation } from "./linear.ts";
import {
  claimModel,
  type ClaimUse,
  type Ended,
  type Held,
  type Holder,
  keyModel,
  type KeyUse,
  lockModel,
  type LockUse,
} from "./linear-models.ts";
import type { Life } from "./race.ts";
import { type Call, callsOf } from "./race-told.ts";

/** What was judged, and what was found against it. */
export interface Judgement {
  readonly problems: readonly string[];
  /** How many operations there were, and of how many nobody knows what came of them. */
  readonly operations: number;
  readonly unknown: number;
  readonly kills: number;
  /** How often each thing happened, by its name. */
  readonly times: Readonly<Record<string, number>>;
}

/** Locks path by path, and the shared context key by key. */
export function judgeStore(lives: readonly Life[]): Judgement {
  const calls = lives.flatMap(callsOf);
  const locks = LOCKED.map((path) => {
    const dead = lives.flatMap(({ agent, killed }): Operation<LockUse>[] =>
      killed ? [{ by: agent, from: killed.at, to: null, what: { op: "gone", agent } }] : [],
    );
    return judge(`lock of ${path}`, [...operationsOf(calls, (call) => lockUse(call, path)), ...dead], lockModel);
  });
  const keys = KEYS.map((key) =>
    judge(
      `key ${key}`,
      operationsOf(calls, (call) => keyUse(call, key)),
      keyModel,
    ),
  );
  return summed(lives, [...locks, ...keys]);
}

/** Claims session by session. */
export function judgeClaims(lives: readonly Life[], sessions: readonly string[]): Judgement {
  const calls = lives.flatMap((life) => withEpochs(callsOf(life)));
  const all = sessions.map((id) =>
    judge(
      `claim of ${id}`,
      operationsOf(calls, (call) => claimUse(call, id)),
      claimModel,
    ),
  );
  return summed(lives, all);
}

interface Judged {
  readonly problem: string | null;
  readonly asked: readonly Operation<{ readonly op: string }>[];
}

function judge<State, What extends { readonly op: string }>(
  name: string,
  operations: readonly Operation<What>[],
  model: Model<State, What>,
): Judged {
  const asked = operations.filter(({ what }) => what.op !== "gone");
  const found = firstImpossible(operations, model);
  return {
    problem: found && `${name}: no order explains ${JSON.stringify(found)}`,
    asked,
  };
}

function summed(lives: readonly Life[], all: readonly Judged[]): Judgement {
  const calls = lives.flatMap(callsOf);
  const said = [...lives.map(({ problem }) => problem), ...calls.map(({ problem }) => problem)];
  const problems = [...said, ...all.map(({ problem }) => problem)].filter((problem) => problem !== null);
  const asked = all.flatMap((one) => one.asked);
  const kinds = Object.groupBy(asked, ({ what }) => kindOf(what));
  const times = Object.fromEntries(Object.entries(kinds).map(([kind, found]) => [kind, found?.length ?? 0]));
  return {
    problems,
    operations: asked.length,
    unknown: asked.filter(({ to }) => to === null).length,
    kills: lives.filter(({ killed }) => killed).length,
    times,
  };
}

/** The name of what was done, and of what came of it where that makes it another thing. */
function kindOf(what: { readonly op: string }): string {
  const { op, answer, as, done } = what as {
    op: string;
    answer?: { conflict: boolean } | null;
    as?: Ended;
    done?: boolean | null;
  };
  return answer?.conflict ? "conflict" : as ? `${done === false ? "not " : ""}${as}` : op;
}

/** What a run prints of itself. */
export function judgementLine({ operations, unknown, kills, times }: Judgement): string {
  const counts = Object.entries(times).map(([kind, count]) => `${kind} ${count}`);
  return `${operations} operations (${counts.join(", ")}), ${unknown} of unknown outcome, ${kills} kills`;
}

/** What calls were to one key; none where they say nothing of it. */
function operationsOf<What>(calls: readonly Call[], use: (call: Call) => What | null): Operation<What>[] {
  return calls.flatMap((call) => {
    const what = use(call);
    return what === null ? [] : [{ by: call.agent, from: call.from, to: call.to, what }];
  });
}

function lockUse({ agent, verb, input, to, answer, error, facts }: Call, path: string): LockUse | null {
  const heldOf = (list: unknown): Held[] =>
    (list as readonly (Held & { readonly path: string })[])
      .filter((hold) => hold.path === path)
      .map((hold) => ({ agent: hold.agent, mode: hold.mode, fence: hold.fence }));
  if (verb === "status") return answer && { op: "looked", holds: heldOf(answer["locks"]) };
  const paths = input["all"] === true ? LOCKED : ((input["paths"] ?? []) as readonly string[]);
  if (!paths.includes(path)) return null;
  if (verb === "unlock")
    return error ? null : { op: "unlock", agent, released: answer && heldOf(answer["released"]).length > 0 };
  if (verb !== "lock") return null;
  const mode = String(input["mode"]);
  // Of several, those that nobody held say nothing.
  const by = error === "LOCK_HELD" ? heldOf(facts["holders"]) : [];
  if (error) return by.length > 0 || paths.length === 1 ? { op: "refused", agent, mode, by } : null;
  if (to === null) return { op: "granted", agent, mode, fence: null };
  const [own] = heldOf(answer?.["locks"]);
  if (!own) throw new Error(`${agent} was told of no lock on ${path}: ${JSON.stringify(answer)}`);
  return { op: "granted", agent, mode: own.mode, fence: own.fence };
}

function keyUse({ verb, input, answer, error }: Call, key: string): KeyUse | null {
  if (verb === "sharedGet") {
    const value = (answer?.["value"] ?? {}) as Readonly<Record<string, unknown>>;
    return answer && { op: "read", version: Number(answer["version"]), value: value[key] ?? null };
  }
  if (verb !== "sharedSet" || input["path"] !== `${ROOT}.${key}` || error) return null;
  const conflict = (answer?.["conflict"] ?? null) !== null;
  const told = answer && { version: Number(answer["version"]), conflict };
  return { op: "write", base: Number(input["base"]), value: input["value"], answer: told };
}

/** Who gives a claim back says of which epoch it is. */
function withEpochs(calls: readonly Call[]): Call[] {
  return calls.map((call) => {
    const epoch = /^epoch (\d+)$/.exec(String(call.input["reason"] ?? call.input["notes"]))?.[1];
    return epoch === undefined ? call : { ...call, input: { ...call.input, epoch: Number(epoch) } };
  });
}

const ENDS: Readonly<Record<string, Ended>> = { release: "planned", complete: "completed", abandon: "abandoned" };

function claimUse({ agent, verb, input, answer, error, facts }: Call, id: string): ClaimUse | null {
  if (input["id"] !== id) return null;
  if (verb === "show") return answer && lookedAt(answer);
  const winner = facts["winner"] as Holder | undefined;
  if (error === "CLAIM_LOST" && winner) return { op: "lost", winner: { agent: winner.agent, epoch: winner.epoch } };
  if (verb === "claim" || verb === "recover") {
    const epoch = (answer?.["claim"] as Holder | undefined)?.epoch ?? null;
    // What is not planned can be active, which is lost, or given up; what was given up stays so.
    if (error) return verb === "recover" && error === "WRONG_STATE" ? { op: "not-active" } : null;
    return { op: verb === "claim" ? "claim" : "take-over", agent, epoch };
  }
  const as = ENDS[verb];
  if (as === undefined) return null;
  const done = answer ? true : error ? false : null;
  return { op: "end", as, by: { agent, epoch: Number(input["epoch"]) }, done };
}

function lookedAt(answer: Readonly<Record<string, unknown>>): ClaimUse {
  const { state, agent, epoch } = answer["session"] as { state: string; agent: string | null; epoch: number | null };
  const holder = state === "active" && agent !== null && epoch !== null ? { agent, epoch } : null;
  return { op: "looked", state, holder };
}
