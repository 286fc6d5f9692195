import type { Model } from "./linear.ts";

/** A use of the lock on one path. Where an agent or a fence is null, its process died before it was told. */
export type LockUse =
  | { readonly op: "granted"; readonly agent: string; readonly mode: string; readonly fence: number | null }
  | { readonly op: "refused"; readonly agent: string; readonly mode: string; readonly by: readonly Held[] }
  | { readonly op: "unlock"; readonly agent: string; readonly released: boolean | null }
  /** Its process is dead: what it held may be taken back at any time. */
  | { readonly op: "gone"; readonly agent: string }
  | { readonly op: "looked"; readonly holds: readonly Held[] };

export interface Held {
  readonly agent: string;
  readonly mode: string;
  readonly fence: number | null;
}

interface LockState {
  /** The highest fence that is known. */
  readonly last: number;
  readonly holds: readonly Held[];
}

/** One path: held by one, or shared by several; each grant has a higher fence than those before. [XCS-06] */
export const lockModel: Model<LockState, LockUse> = {
  start: { last: 0, holds: [] },
  after: (state, use) => {
    if (use.op === "looked") return isSameHolds(state.holds, use.holds) ? known(state, use.holds) : [];
    const { agent } = use;
    const own = state.holds.find((hold) => hold.agent === agent);
    const others = state.holds.filter((hold) => hold.agent !== agent);
    if (use.op === "gone") return own ? [{ ...state, holds: others }] : [];
    if (use.op === "unlock")
      return use.released !== null && use.released !== (own !== undefined) ? [] : [{ ...state, holds: others }];
    const inTheWay = others.filter(({ mode }) => mode === "exclusive" || use.mode === "exclusive");
    if (use.op === "refused") return inTheWay.length > 0 && isSameHolds(inTheWay, use.by) ? known(state, use.by) : [];
    return inTheWay.length > 0 ? [] : granted({ last: state.last, holds: others }, own, use);
  },
};

function granted(others: LockState, own: Held | undefined, { agent, mode, fence }: Held): LockState[] {
  const { last, holds } = others;
  // What is held already is renewed, and keeps its fence.
  const same = own?.mode === mode;
  if (same && (fence === null || own.fence === fence)) return [{ last, holds: ordered([...holds, own]) }];
  if (same && own.fence !== null) return [];
  if (fence !== null && fence <= last) return [];
  return [{ last: fence ?? last, holds: ordered([...holds, { agent, mode, fence }]) }];
}

/** What was seen of fences that nobody had been told. */
function known(state: LockState, seen: readonly Held[]): LockState[] {
  const holds = state.holds.map((hold) => seen.find(({ agent }) => agent === hold.agent) ?? hold);
  const isNew = (hold: Held): boolean => !state.holds.some(({ fence }) => fence === hold.fence);
  const fresh = holds.filter(isNew).map(({ fence }) => fence ?? 0);
  if (fresh.some((fence) => fence <= state.last)) return [];
  return [{ last: Math.max(state.last, ...fresh), holds }];
}

/** Fences that nobody was told fit any. */
function isSameHolds(holds: readonly Held[], seen: readonly Held[]): boolean {
  const fits = (hold: Held, other: Held): boolean =>
    hold.agent === other.agent && hold.mode === other.mode && (hold.fence === null || hold.fence === other.fence);
  return holds.length === seen.length && holds.every((hold) => seen.some((other) => fits(hold, other)));
}

function ordered(holds: readonly Held[]): Held[] {
  return holds.toSorted((a, b) => (a.agent < b.agent ? -1 : 1));
}

/** A use of one key of the shared context. Values are unlike each other; null is none. */
export type KeyUse =
  | { readonly op: "read"; readonly version: number; readonly value: unknown }
  | {
      readonly op: "write";
      readonly base: number;
      readonly value: unknown;
      /** `conflict`: the value that stood there stands; null: nobody was told. */
      readonly answer: { readonly version: number; readonly conflict: boolean } | null;
    };

interface KeyState {
  readonly value: unknown;
  /** The newest version that was seen. */
  readonly seen: number;
  /** The version that brought the value, as far as it is known: it lies in between. */
  readonly from: number;
  readonly to: number | null;
}

/** One key: a write goes through where nobody wrote since its base, and is a conflict otherwise. [XCS-08] [XCS-09] */
export const keyModel: Model<KeyState, KeyUse> = {
  start: { value: null, seen: 0, from: 0, to: 0 },
  after: (state, use) => {
    const { value, seen, from } = state;
    if (use.op === "read") {
      if (use.version < seen || JSON.stringify(use.value) !== JSON.stringify(value)) return [];
      return between({ ...state, seen: use.version }, { to: use.version });
    }
    const { base, answer } = use;
    const goesThrough = from <= base;
    if (answer === null) return goesThrough ? [{ value: use.value, seen, from: seen + 1, to: null }] : [];
    const { version, conflict } = answer;
    if (!conflict)
      return goesThrough && version > seen ? [{ value: use.value, seen: version, from: version, to: version }] : [];
    return version < seen ? [] : between({ ...state, seen: version }, { from: base + 1, to: version });
  },
};

function between(state: KeyState, bounds: { readonly from?: number; readonly to: number }): KeyState[] {
  const from = Math.max(state.from, bounds.from ?? 0);
  const to = Math.min(state.to ?? bounds.to, bounds.to);
  return from <= to ? [{ ...state, from, to }] : [];
}

/** A use of the claim on one session. */
export type ClaimUse =
  | { readonly op: "claim"; readonly agent: string; readonly epoch: number | null }
  | { readonly op: "take-over"; readonly agent: string; readonly epoch: number | null }
  /** Refused, because another one has it. */
  | { readonly op: "lost"; readonly winner: Holder }
  /** Taken over it can be from a holder only. */
  | { readonly op: "not-active" }
  /** Given back, or up; refused where `done` is false, because it was not (any more) its holder's. */
  | { readonly op: "end"; readonly as: Ended; readonly by: Holder; readonly done: boolean | null }
  | { readonly op: "looked"; readonly state: string; readonly holder: Holder | null };

/** What becomes of a session that its holder gives back, or up. */
export type Ended = "planned" | "completed" | "abandoned";

export interface Holder {
  readonly agent: string;
  readonly epoch: number;
}

interface ClaimState {
  readonly state: Ended | "active";
  readonly epoch: number;
  /** Nobody, where it is not active. */
  readonly agent: string | null;
}

/** One session: claimed while it is free, taken over while it is held, at a higher epoch each time. [INV-1] [INV-2] */
export const claimModel: Model<ClaimState, ClaimUse> = {
  start: { state: "planned", epoch: 0, agent: null },
  after: (now, use) => {
    const is = ({ agent, epoch }: Holder): boolean => now.agent === agent && now.epoch === epoch;
    if (use.op === "lost") return is(use.winner) ? [now] : [];
    if (use.op === "not-active") return now.state === "active" ? [] : [now];
    if (use.op === "looked")
      return now.state === use.state && (use.holder === null ? now.agent === null : is(use.holder)) ? [now] : [];
    if (use.op === "claim" || use.op === "take-over") {
      const from = use.op === "claim" ? "planned" : "active";
      const epoch = now.epoch + 1;
      if (now.state !== from || (use.epoch !== null && use.epoch !== epoch)) return [];
      return [{ state: "active", epoch, agent: use.agent }];
    }
    if (use.done === false) return is(use.by) ? [] : [now];
    return is(use.by) ? [{ state: use.as, epoch: now.epoch, agent: null }] : [];
  },
};
