import type { Berth } from "../open.ts";

/** Our own tools, by which the mode is set: a gate that held them shut could never be opened. */
const OWN = /^mcp__(?:plugin_)?berth/;

/**
 * Why the mode of the session state refuses a tool; null where it does not. What cannot be found out refuses; where
 * nobody has begun a state there is no mode, and no rule. [SIR-14]
 */
export async function modeRefusal(berth: Berth, tool: string): Promise<string | null> {
  if (OWN.test(tool)) return null;
  const { allowed, reason, mode, warnings } = await berth.stateGate({ tool });
  if (allowed || (mode === null && warnings.length === 0)) return null;
  const why = warnings.length > 0 && mode === null ? ` (${warnings.join(" ")})` : "";
  const next = "See the mode with: berth state get; change it with: berth state set --mode coding";
  return `${reason ?? `${tool} is refused.`}${why} ${next}`;
}
