import type { JoinedHistory } from "../git/joined-histories.ts";
import { sha256 } from "../hash.ts";
import type { Side } from "./side.ts";

/** A side with what a comparison rests on. */
export interface Compared {
  readonly side: Side;
  /** What it would land: its tree without `.session/`. */
  readonly code: string;
  readonly history: JoinedHistory;
}

/** Two sides to compare; `b` is null for the base branch. */
export interface PlannedPair {
  readonly a: number;
  readonly b: number | null;
  /** Equal only where the comparison comes out the same. */
  readonly key: string;
}

/** Which pairs are compared: plain data, in the order of the sessions' ids. */
export function planPairs(
  sides: readonly Compared[],
  base: { readonly commit: string; readonly tree: string } | null,
  wanted: { readonly ids: readonly string[]; readonly baseOnly: boolean },
): PlannedPair[] {
  const asked = (at: number): boolean => {
    const id = sides[at]?.side.id;
    return wanted.ids.length === 0 || (id !== undefined && wanted.ids.includes(id));
  };
  const planned: PlannedPair[] = [];
  for (const [a, one] of sides.entries()) {
    if (base && asked(a)) planned.push({ a, b: null, key: baseKey(one, base) });
    if (wanted.baseOnly) continue;
    for (let b = a + 1; b < sides.length; b++) {
      const other = sides[b];
      if (other && (asked(a) || asked(b))) planned.push({ a, b, key: pairKey(one, other) });
    }
  }
  return planned;
}

/**
 * What two sides merge from follows from where each joins the base, as long as that is one place and they have nothing
 * else in common; then a commit that changes no code changes no key. Else it follows from their commits.
 */
function pairKey(a: Compared, b: Compared): string {
  const plain = a.history.group !== b.history.group && isPlain(a) && isPlain(b);
  return sha256(plain ? `${placeOf(a)} ${placeOf(b)}` : `${commitsOf(a)} ${commitsOf(b)}`);
}

function baseKey(a: Compared, base: { readonly commit: string; readonly tree: string }): string {
  return sha256(isPlain(a) ? `${placeOf(a)} base ${base.tree}` : `${commitsOf(a)} base ${base.commit}`);
}

function isPlain({ history }: Compared): boolean {
  return history.joins.length === 1;
}

function placeOf({ code, history }: Compared): string {
  return `${code}@${history.joins[0] ?? ""}`;
}

function commitsOf({ code, side }: Compared): string {
  return `${code}:${side.parents.join(",")}`;
}
