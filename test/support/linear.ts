/** One operation of a history, from its invocation to its answer, by a clock that all processes share. */
export interface Operation<What> {
  readonly by: string;
  readonly from: number;
  /** Null for one whose process died before the answer: it took effect at some time after its invocation, or never. */
  readonly to: number | null;
  /** What was asked, and what was answered where that is known. */
  readonly what: What;
}

/** What a thing does when it is used by one process at a time. States are plain data. */
export interface Model<State, What> {
  readonly start: State;
  /** Where an operation with its answer leads from a state: nowhere, where that answer would be wrong. */
  after(state: State, what: What): readonly State[];
}

/** Why a history is not linearisable: the first answer that no order explains. */
export interface Impossible<State, What> {
  readonly operation: Operation<What>;
  /** What could have been before it, by all answers until then. */
  readonly states: readonly State[];
  /** What was under way then, or may still take effect. */
  readonly open: readonly Operation<What>[];
}

/** One way in which all may have gone so far. */
interface Way<State> {
  readonly state: State;
  /** Those under way that took effect already. */
  readonly done: ReadonlySet<number>;
}

/**
 * Whether each operation can have taken effect at one moment between invocation and answer, so that all answers are
 * those of one process at a time (Herlihy and Wing; searched as Wing and Gong do, with the states that were seen
 * remembered, and answer by answer, so that only what is under way is ever tried in several orders).
 * @returns null for a linearisable history
 */
export function firstImpossible<State, What>(
  operations: readonly Operation<What>[],
  model: Model<State, What>,
): Impossible<State, What> | null {
  const open = new Set<number>();
  let ways: readonly Way<State>[] = [{ state: model.start, done: new Set() }];
  for (const { index, ends } of moments(operations)) {
    open.add(index);
    if (!ends) continue;
    const next = waysPast(index, { operations, model, open, ways });
    if (next.length === 0) return impossible(index, { operations, model, open, ways });
    open.delete(index);
    ways = next;
  }
  return null;
}

/** Invocations and answers in their order; at the same time, both sides of that count as meeting. */
function moments(operations: readonly Operation<unknown>[]): { readonly index: number; readonly ends: boolean }[] {
  const all = operations.flatMap(({ from, to }, index) => [
    { index, at: from, ends: false },
    ...(to === null ? [] : [{ index, at: to, ends: true }]),
  ]);
  return all.toSorted((a, b) => a.at - b.at || Number(a.ends) - Number(b.ends));
}

interface Search<State, What> {
  readonly operations: readonly Operation<What>[];
  readonly model: Model<State, What>;
  readonly open: ReadonlySet<number>;
  readonly ways: readonly Way<State>[];
}

/** The ways in which an operation has taken effect by the time of its answer, others that are under way before it. */
function waysPast<State, What>(index: number, search: Search<State, What>): Way<State>[] {
  const { operations, model, open } = search;
  const known = memory<State>(operations);
  const past = memory<State>(operations);
  const found: Way<State>[] = [];
  const todo = search.ways.filter((way) => known.isNew(way));
  for (let way = todo.pop(); way; way = todo.pop()) {
    if (way.done.has(index)) {
      const rest = { state: way.state, done: new Set([...way.done].filter((other) => other !== index)) };
      if (past.isNew(rest)) found.push(rest);
      continue;
    }
    for (const other of open) {
      const operation = operations[other];
      if (!operation || way.done.has(other)) continue;
      for (const state of model.after(way.state, operation.what)) {
        // What nobody was told of, and changes nothing, need not have happened.
        if (operation.to === null && JSON.stringify(state) === JSON.stringify(way.state)) continue;
        const next = { state, done: new Set([...way.done, other]) };
        if (known.isNew(next)) todo.push(next);
      }
    }
  }
  return found;
}

/**
 * The ways that were seen. One is not new where another one is at the same state, and has less behind it of what nobody
 * need ever be told of: whatever follows from the one follows from the other.
 */
function memory<State>(operations: readonly Operation<unknown>[]): { isNew(way: Way<State>): boolean } {
  const seen = new Map<string, ReadonlySet<number>[]>();
  return {
    isNew: ({ state, done }) => {
      const all = [...done].toSorted((a, b) => a - b);
      const told = all.filter((index) => operations[index]?.to !== null);
      const untold = new Set(all.filter((index) => operations[index]?.to === null));
      const key = JSON.stringify([state, told]);
      const before = seen.get(key) ?? [];
      if (before.some((other) => isWithin(other, untold))) return false;
      seen.set(key, [...before.filter((other) => !isWithin(untold, other)), untold]);
      return true;
    },
  };
}

function isWithin(part: ReadonlySet<number>, whole: ReadonlySet<number>): boolean {
  return [...part].every((one) => whole.has(one));
}

function impossible<State, What>(index: number, search: Search<State, What>): Impossible<State, What> {
  const { operations, open, ways } = search;
  const at = (one: number): Operation<What>[] => operations.slice(one, one + 1);
  const [operation] = at(index);
  if (!operation) throw new Error(`there is no operation ${index}`);
  const others = [...open].filter((one) => one !== index);
  return { operation, states: ways.map(({ state }) => state), open: others.flatMap(at) };
}
