import type { Json } from "./json.ts";

/**
 * How concurrent changes of both sides become one value. None of them touches a change that only one side made: that is
 * taken as it is.
 *
 * - `three-way`: maps by key, lists by item, text by line; a conflict where both changed the same.
 * - `union`: as three-way, but what one side removed stays where the other has it.
 * - `maximum`: the larger number, or the later text by UTF-16 code units, as ISO dates want it; else three-way.
 * - `last-write`: where both changed the same, `theirs` stands, and what it replaced is reported.
 * - `manual`: any change of both sides is a conflict, even of different places, unless both made the same one.
 */
export type Policy = "three-way" | "union" | "maximum" | "last-write" | "manual";

/** The three values of one place. `undefined`: there is none on that side, which `null` does not mean. */
export interface Sides {
  readonly base: Json | undefined;
  readonly ours: Json | undefined;
  readonly theirs: Json | undefined;
}

/** A place where both sides changed something and one value has to stand. */
export interface ValueConflict extends Sides {
  /** Keys of maps and identities of lists' items, from the whole inwards. */
  readonly path: readonly string[];
  readonly reason: ConflictReason;
}

/**
 * `both-changed`; `both-added` differing values where there was none; `deleted-and-changed`, either side; `order`: both
 * moved the same item of a list (their contents are merged); `manual`: the policy leaves it to a person.
 */
export type ConflictReason = "both-changed" | "both-added" | "deleted-and-changed" | "order" | "manual";

/** A value of `ours` that gave way to `theirs` by the policy `last-write`. */
export interface Overwritten extends Sides {
  readonly path: readonly string[];
}

/** What a caller decides about a merge. */
export interface MergeOptions {
  /** The policy in force at a path; asked where both sides changed something, and for the outermost maps. */
  readonly policyAt: (path: readonly string[]) => Policy;
}

/** The outcome of a merge of values. Unchanged parts are those of the inputs, not copies. */
export interface ValueMerge {
  /** `undefined` where nothing is left. */
  readonly value: Json | undefined;
  /** In the order of their paths. */
  readonly conflicts: readonly ValueConflict[];
  /** In the order of their paths. */
  readonly overwritten: readonly Overwritten[];
}
