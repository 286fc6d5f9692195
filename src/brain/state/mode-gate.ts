import type { WorkflowMode } from "./session-state.ts";

/** Tools that each mode refuses unless the settings say otherwise (`brain.blocks`). */
const MODE_BLOCKS: Readonly<Record<WorkflowMode, readonly string[]>> = {
  analysis: ["Edit", "Write", "Bash", "NotebookEdit"],
  planning: ["Edit", "Write", "NotebookEdit"],
  coding: [],
  disabled: [],
};

/** What a mode is for, in a line. */
export const MODE_WORDS: Readonly<Record<WorkflowMode, string>> = {
  analysis: "reading and finding out: nothing is edited or run",
  planning: "working out what to do: nothing is edited",
  coding: "doing it: every tool",
  disabled: "no rules: every tool",
};

/** Tools that read, and pass whatever the mode. */
const READERS: readonly string[] = ["Read", "Glob", "Grep", "LSP", "WebFetch", "WebSearch"];

export interface Gated {
  readonly allowed: boolean;
  /** Why it is refused; null where it is allowed. */
  readonly reason: string | null;
}

/**
 * Whether a tool may be used in a mode. Without a mode, or in one that is not known, only tools that read may: the gate
 * fails closed. [SIR-14]
 * @param mode as the state has it; null where there is none or it cannot be read
 * @param blocks what the settings say instead of the defaults; `*` at an end stands for any rest
 */
export function gateTool(
  mode: string | null,
  tool: string,
  blocks: Readonly<Partial<Record<string, readonly string[]>>> = {},
): Gated {
  if (mode === null || !isMode(mode)) {
    const why = mode === null ? "There is no session state to go by" : `The mode ${JSON.stringify(mode)} is not known`;
    return READERS.includes(tool)
      ? { allowed: true, reason: null }
      : { allowed: false, reason: `${why}: only tools that read may be used (${READERS.join(", ")}).` };
  }
  const refused = (blocks[mode] ?? MODE_BLOCKS[mode]).some((pattern) => matches(pattern, tool));
  return refused
    ? { allowed: false, reason: `${tool} is refused in the mode ${mode} (${MODE_WORDS[mode]}).` }
    : { allowed: true, reason: null };
}

function isMode(mode: string): mode is WorkflowMode {
  return Object.hasOwn(MODE_BLOCKS, mode);
}

function matches(pattern: string, tool: string): boolean {
  return pattern.endsWith("*") ? tool.startsWith(pattern.slice(0, -1)) : tool === pattern;
}
