import { join } from "node:path";
import { messageOf } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { CONTEXT_FILE } from "../locate.ts";
import { type ContextText, readContext } from "../read.ts";
import { textAt } from "./here.ts";
import { isMap, word } from "./read.ts";

/** What a new ticket takes over of a context that was before it. */
export interface Carried {
  /** Keys of the context. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Markdown for the end of the context; empty for none. */
  readonly body: string;
}

export const NOTHING: Carried = { context: {}, body: "" };

/** What goes from a phase to the next one. [TKT-06] */
const HANDED = [
  "decisions",
  "blockers",
  "next_steps",
  "handoff_requirements",
  "parent_crd",
  "parent_prd",
  "project",
] as const;

/** What a new context says of itself, whatever an earlier one said. */
const OWN = new Set([
  "session_id",
  "started_at",
  "last_updated",
  "assistant",
  "status",
  "mode",
  "phase",
  "agent",
  "task",
  "branch",
  "repository",
  "current_branch",
  "working_directory",
  "uncommitted_changes",
  "last_commit",
  "session_state",
  "allowed_tools",
]);

/** What the next phase's ticket takes over. */
export function handedOn({ data }: Pick<ContextText, "data">): Carried {
  const kept = HANDED.flatMap((key) => (data[key] === undefined || data[key] === null ? [] : [[key, data[key]]]));
  return { context: Object.fromEntries(kept) as Carried["context"], body: "" };
}

/** What the central context says of an issue, where it is about that one. [TKT-13] */
export interface Central extends Carried {
  readonly task: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

/**
 * Reads the central context of the checkout the caller stands in.
 * @returns null where there is none, or it is about something else; a damaged one is told of, and stays as it is
 */
export async function centralOf(project: Project, issue: string): Promise<Central | { warning: string } | null> {
  const path = `${project.config.context.central}/${CONTEXT_FILE}`;
  const { top } = project.here;
  const text = top === null ? null : await textAt(join(top, path));
  if (text === null) return null;
  let read: ContextText;
  try {
    read = readContext(text, path);
  } catch (error) {
    return { warning: `Nothing was taken over from ${path}, which cannot be read: ${messageOf(error)}` };
  }
  const { task } = read.data;
  if (!isMap(task) || word(task["issue_number"]) !== issue) return null;
  const kept = Object.entries(read.data).filter(([key, value]) => !OWN.has(key) && value !== null);
  const warning =
    `${path} is about this issue: what it says was taken over. ` +
    "One context for a whole repository is deprecated, and goes on working: berth migrate --to tickets";
  const body = read.format === "front-matter" ? read.body.replace(/^\s*# .*\n/, "").trim() : "";
  return { context: Object.fromEntries(kept), body, task, warnings: [warning] };
}
