import { type DocumentMerge, mergeFrontMatter, type Versions } from "../document/merge-front-matter.ts";
import type { Policy } from "../document/merge-policy.ts";
import { isBerthError } from "../errors.ts";
import { ANCHORS } from "./read.ts";
import { withSameTodos } from "./same-todos.ts";

/** What git and Berth fill in by themselves is no matter of opinion. */
const POLICIES: Readonly<Record<string, Policy>> = {
  last_updated: "maximum",
  assistant: "last-write",
  current_branch: "last-write",
  last_commit: "last-write",
  uncommitted_changes: "last-write",
  working_directory: "last-write",
  session_state: "last-write",
};

/**
 * Merges two versions of a context by key, item and line; everything that only one of them changed is in the result.
 * [CTX-12] [TKT-12]
 * @returns null where a version cannot be read
 */
export function mergeContexts(versions: Versions, file: string): DocumentMerge | null {
  const policyAt = ([key = ""]: readonly string[]): Policy => POLICIES[key] ?? "three-way";
  try {
    return mergeFrontMatter(withSameTodos(versions, file), file, { ...ANCHORS, policyAt });
  } catch (error) {
    if (isBerthError(error) && error.code === "INVALID") return null;
    throw error;
  }
}
