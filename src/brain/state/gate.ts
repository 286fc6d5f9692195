import { messageOf } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { openNotes } from "../notes/open-notes.ts";
import { type Gated, gateTool } from "./mode-gate.ts";
import { STATE_NOTE } from "./state-note.ts";

/**
 * Whether the mode of this project lets a tool be used. Whatever hinders the answer refuses all tools but those that
 * read. [SIR-14]
 */
export async function stateGate(
  project: Project,
  { tool }: { readonly tool: string },
): Promise<Gated & { readonly mode: string | null; readonly warnings: readonly string[] }> {
  const { blocks } = project.config.brain;
  try {
    const note = await (await openNotes(project)).read(STATE_NOTE);
    const mode = note && modeIn(note.text);
    return { ...gateTool(mode, tool, blocks), mode, warnings: [] };
  } catch (error) {
    return { ...gateTool(null, tool, blocks), mode: null, warnings: [messageOf(error)] };
  }
}

/** The mode alone: who asks before each tool cannot wait for the whole schema. Damage is no mode. */
function modeIn(text: string): string | null {
  try {
    const mode = (JSON.parse(text) as { currentMode?: unknown } | null)?.currentMode;
    return typeof mode === "string" ? mode : null;
  } catch {
    return null;
  }
}
