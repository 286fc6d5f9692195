import type { NodePath } from "@babel/traverse";
import type { Node } from "@babel/types";
import type { Change } from "./edit.ts";
import type { Left } from "./left.ts";
import type { Declaration, Uses } from "./slots.ts";
import type { Source } from "./syntax.ts";

/** One file as it is judged: its tree, and what of it means the old module. */
export interface View {
  readonly source: Source;
  readonly declarations: readonly Declaration[];
  readonly uses: Uses;
  /** Whether a type mentions the state. */
  readonly isStateType: (type: Node | null | undefined) => boolean;
  /** The same for what a state is changed by. */
  readonly isUpdatesType: (type: Node | null | undefined) => boolean;
}

/** A call, which may be optional. */
export type Call = NodePath & { readonly node: { readonly arguments: readonly Node[] } };

/** The call of the function that stands at a place. */
export function callOf(place: NodePath): Call | undefined {
  const parent = place.parentPath;
  const isCall = parent?.isCallExpression() || parent?.isOptionalCallExpression();
  return isCall && place.key === "callee" ? parent : undefined;
}

/** What becomes of one use. */
export type Verdict =
  | { readonly kind: "fine" }
  | { readonly kind: "edit"; readonly edits: readonly Change[] }
  | { readonly kind: "left"; readonly left: Left };

export const FINE: Verdict = { kind: "fine" };

/** Leaves a place to a person. */
export function leave({ loc }: Node, what: string, why: string, todo: string): Verdict & { readonly kind: "left" } {
  return { kind: "left", left: { line: loc?.start.line ?? 1, column: (loc?.start.column ?? 0) + 1, what, why, todo } };
}

/** The line of a place, for people. */
export function lineOf(place: NodePath): number {
  return place.node.loc?.start.line ?? 1;
}
