import { messageOf } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { openNotes } from "../notes/open-notes.ts";
import { readState } from "./ensure-state.ts";
import { type Gated, gateTool } from "./mode-gate.ts";

/**
 * Whether the mode of this project lets a tool be used. Whatever hinders the answer, a damaged state too, refuses all
 * tools but those that read. [SIR-14]
 */
export async function stateGate(
  project: Project,
  { tool }: { readonly tool: string },
): Promise<Gated & { readonly mode: string | null; readonly warnings: readonly string[] }> {
  const { blocks } = project.config.brain;
  try {
    const found = await readState(await openNotes(project));
    const mode = found?.state.currentMode ?? null;
    return { ...gateTool(mode, tool, blocks), mode, warnings: found?.warnings ?? [] };
  } catch (error) {
    return { ...gateTool(null, tool, blocks), mode: null, warnings: [messageOf(error)] };
  }
}
