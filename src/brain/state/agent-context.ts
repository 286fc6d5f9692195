import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import type { NoteStore } from "../notes/note-store.ts";
import { openNotes } from "../notes/open-notes.ts";
import type { AgentInvocation } from "./session-state.ts";
import { agentNote, invocationOf, printed, problemsOf } from "./state-note.ts";

/**
 * Keeps what an agent was called for and with which outcome; the record before is among the versions of its note.
 * [SIR-02] [SIR-10]
 * @throws BerthError INVALID for a record that is not as its schema says, BrainUnavailableError
 */
export async function saveAgentContext(project: Project, agent: string, invocation: AgentInvocation): Promise<void> {
  await writeAgentContext(await openNotes(project), agent, invocation);
}

/** The record of an agent; null where there is none. @throws BerthError UNREADABLE, INVALID, BrainUnavailableError */
export async function loadAgentContext(project: Project, agent: string): Promise<AgentInvocation | null> {
  const note = await (await openNotes(project)).read(agentNote(agent));
  return note && invocationOf(note);
}

export async function writeAgentContext(notes: NoteStore, agent: string, invocation: AgentInvocation): Promise<void> {
  const path = agentNote(agent);
  const { invocationSchema } = await import("./schema-state.ts");
  const parsed = invocationSchema.safeParse(invocation);
  const wrong = parsed.success ? "" : problemsOf(parsed.error.issues);
  const other = parsed.success && invocation.agent !== agent ? `agent: is ${invocation.agent}` : "";
  if (wrong || other)
    throw new BerthError("INVALID", `This is no record of ${agent}: ${wrong || other}.`, {
      hint: "It needs agent, startedAt, completedAt, status, input, output, handoffFrom, handoffTo and handoffReason.",
      facts: { agent },
    });
  await notes.update(path, async (found) => {
    if (found) await notes.keep(found);
    return printed(invocation);
  });
}
