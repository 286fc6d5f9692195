import type { Oid } from "../git/names.ts";
import type { Mode } from "../git/tree.ts";
import type { Nested } from "./nested.ts";

/**
 * What the trees of a checkpoint cannot say. Of the files those are listed whose bytes the index does not have; all
 * others are in the commit's tree as the index has them. Paths are texts as `textOf` makes them.
 */
export interface Manifest {
  readonly version: 1;
  readonly session: string;
  readonly at: string;
  readonly message: string;
  readonly agent: string;
  readonly head: Oid;
  readonly branch: string | null;
  /** The work tree's files. */
  readonly tree: Oid;
  /** What is staged; the tree of HEAD where nothing is. */
  readonly staged: Oid;
  readonly index: { readonly oid: Oid; readonly size: number; readonly mtimeMs: number } | null;
  /** Paths that differ from the last commit. */
  readonly changed: number;
  readonly files: readonly KeptFile[];
  /** Those of the files that changed all the time while they were read: what is kept was read in one go. */
  readonly unsteady: readonly string[];
  /** Files that were left out of this copy before it was pushed. It cannot be restored. */
  readonly heldBack: readonly HeldBack[];
  /** Tracked files that are not there. */
  readonly gone: readonly string[];
  readonly folders: readonly string[];
  readonly nested: readonly Nested[];
  /** Files of the work tree's git directory. */
  readonly operation: readonly { readonly path: string; readonly oid: Oid }[];
  /** The session's state of that moment, for people to look at; null where none is kept. */
  readonly state: unknown;
}

/** A file that looks like a secret, and why. */
export interface HeldBack {
  readonly path: string;
  readonly why: string;
}

export interface KeptFile {
  readonly path: string;
  readonly mode: Mode;
  readonly permissions: number;
  readonly size: number;
  readonly oid: Oid;
}

/** Where the parts of a checkpoint lie in its second parent. */
export const PART = {
  manifest: "manifest.json",
  index: "index",
  staged: "staged",
  operation: "operation",
  kept: "kept",
} as const;
