import { BerthError, isBerthError } from "../../errors.ts";
import { randomId, sha256 } from "../../hash.ts";
import type { Project } from "../../project.ts";
import { openNotes } from "../notes/open-notes.ts";
import { writeAgentContext } from "../state/agent-context.ts";
import { changeState } from "../state/change-state.ts";
import { readState } from "../state/ensure-state.ts";
import { isoNow } from "../state/iso-now.ts";
import {
  type AgentInvocation,
  defaultState,
  type OrchestratorWorkflow,
  raised,
  type SessionState,
} from "../state/session-state.ts";
import type { sessionStateSchema as schema } from "../state/schema-state.ts";
import { problemsOf } from "../state/state-note.ts";
import {
  compacted,
  completed,
  type Completed,
  handedOver,
  type Invoked,
  invoked,
  type NewDecision,
  type NewHandoff,
  newWorkflow,
  type NewVerdict,
  overflow,
  type WorkflowPhase,
} from "./workflow.ts";

/** What can be added to the record of the orchestrator, by kind. */
export interface RecordEntries {
  readonly invoked: Invoked;
  readonly completed: Completed;
  readonly decision: NewDecision;
  readonly verdict: NewVerdict;
  readonly handoff: NewHandoff;
  readonly phase: { readonly phase: WorkflowPhase };
}

type Kind = keyof RecordEntries;
type Next = (workflow: OrchestratorWorkflow, now: string) => OrchestratorWorkflow;

/** What each makes of the record as it is at that moment. */
const NEXT: { readonly [K in Kind]: (input: RecordEntries[K]) => Next } = {
  invoked: (input) => (now, at) => invoked(now, input, at),
  completed: (input) => (now, at) => {
    const next = completed(now, input, at);
    if (next) return next;
    throw new BerthError("NOT_FOUND", `${input.agent} has nothing in progress.`, {
      hint: "See who was called for what: berth state get --json",
      facts: { agent: input.agent },
    });
  },
  decision: (input) => {
    const id = randomId();
    return (now, timestamp) => ({
      ...now,
      decisions: [...now.decisions, { id, approvedBy: [], rejectedBy: [], ...input, timestamp }],
    });
  },
  verdict: (input) => (now, timestamp) => ({ ...now, verdicts: [...now.verdicts, { ...input, timestamp }] }),
  handoff: (input) => (now, at) => handedOver(now, input, at),
  phase:
    ({ phase }) =>
    (now) => ({ ...now, workflowPhase: phase }),
};

/**
 * The record of the orchestrator: each verb adds to it, by what it is at that moment, and keeps the older part in notes
 * of its own. [SIR-17]
 */
type Recorded = Promise<{ workflow: OrchestratorWorkflow }>;

/** An agent is called. Its own note says so too. @throws BerthError INVALID, BrainUnavailableError */
export async function agentInvoked(project: Project, input: Invoked): Recorded {
  return add(project, "invoked", input, input.agent);
}

/** An agent has ended. @throws BerthError NOT_FOUND when it has nothing in progress, INVALID, BrainUnavailableError */
export async function agentCompleted(project: Project, input: Completed): Recorded {
  return add(project, "completed", input, input.agent);
}

/** Adds a decision. @throws BerthError INVALID, BrainUnavailableError */
export async function decisionMade(project: Project, input: NewDecision): Recorded {
  return add(project, "decision", input);
}

/** Adds a verdict. @throws BerthError INVALID, BrainUnavailableError */
export async function verdictGiven(project: Project, input: NewVerdict): Recorded {
  return add(project, "verdict", input);
}

/** Hands work from one agent to another, pending until that one is called. @throws BerthError INVALID */
export async function handoffMade(project: Project, input: NewHandoff): Recorded {
  return add(project, "handoff", input);
}

/** Goes to another phase. @throws BerthError INVALID */
export async function workflowPhase(project: Project, input: RecordEntries["phase"]): Recorded {
  return add(project, "phase", input);
}

/** What an entry would make of the record, which stays as it is. @throws as the verb that adds it */
export async function recordPlan<K extends Kind>(
  project: Project,
  { kind, entry }: { readonly kind: K; readonly entry: RecordEntries[K] },
): Recorded {
  requireEntry(entry);
  const now = isoNow(project);
  const state = (await readState(await openNotes(project)))?.state ?? defaultState(now);
  const next = recorded(state, NEXT[kind](entry), now, await import("../state/schema-state.ts"));
  return { workflow: next.orchestratorWorkflow ?? newWorkflow(now) };
}

async function add<K extends Kind>(project: Project, kind: K, entry: RecordEntries[K], agent?: string): Recorded {
  requireEntry(entry);
  const workflow = await change(project, NEXT[kind](entry));
  if (agent !== undefined) await keepAgent(project, workflow, agent);
  return { workflow: await compact(project, workflow) };
}

/** What programs and people hand over is a map, and its lists are lists; the rest is judged as what it becomes. */
function requireEntry(input: object): void {
  const given = typeof input === "object" && input !== null && !Array.isArray(input) ? Object.entries(input) : null;
  const lists = ["artifacts", "recommendations", "blockers", "conditions", "approvedBy", "rejectedBy"];
  const wrong = given?.find(([key, value]) => value !== undefined && lists.includes(key) && !Array.isArray(value));
  if (given && !wrong) return;
  throw new BerthError("INVALID", wrong ? `${wrong[0]} must be a list of texts.` : "An entry is a map of JSON.", {
    hint: "See what an entry needs: berth state record --help",
  });
}

/** Changes the record by what it is at that moment, whatever the settings say: additions of two at once both count. */
async function change(project: Project, next: Next): Promise<OrchestratorWorkflow> {
  const { sessionStateSchema } = await import("../state/schema-state.ts");
  let workflow = newWorkflow("");
  await changeState(
    project,
    (state, now) => {
      const after = recorded(state, next, now, { sessionStateSchema });
      workflow = after.orchestratorWorkflow ?? newWorkflow(now);
      return after;
    },
    "merge",
  );
  return workflow;
}

/** The state with another record; the same one where that does not change. @throws BerthError INVALID */
function recorded(
  state: SessionState,
  next: Next,
  now: string,
  { sessionStateSchema }: { readonly sessionStateSchema: typeof schema },
): SessionState {
  const before = state.orchestratorWorkflow ?? newWorkflow(now);
  const workflow = next(before, now);
  if (workflow === before) return state;
  const parsed = sessionStateSchema.safeParse(raised({ ...state, orchestratorWorkflow: workflow }, state.version, now));
  if (parsed.success) return parsed.data;
  throw new BerthError("INVALID", `This cannot be recorded: ${problemsOf(parsed.error.issues)}.`, {
    hint: "See what an entry needs: berth state record --help",
  });
}

async function keepAgent(project: Project, workflow: OrchestratorWorkflow, agent: string): Promise<void> {
  const last: AgentInvocation | undefined = workflow.agentHistory.findLast((one) => one.agent === agent);
  if (last) await writeAgentContext(await openNotes(project), agent, last);
}

/**
 * Moves the older part of the record to a note: first the note, then the record. Its name is made of what it holds, so
 * that two who do it at once, or a run after one that was killed, make the same one.
 */
async function compact(project: Project, workflow: OrchestratorWorkflow): Promise<OrchestratorWorkflow> {
  const moved = overflow(workflow);
  if (!moved) return workflow;
  const text = JSON.stringify(moved, null, 2);
  const path = `sessions/history/${sha256(text).slice(0, 16)}`;
  const notes = await openNotes(project);
  try {
    await notes.write(path, text, { expected: null });
  } catch (error) {
    if (!isBerthError(error) || error.code !== "NOTE_CHANGED") throw error;
  }
  const after = await change(project, (now, at) => compacted(now, moved, path, at));
  // Somebody else has moved some of it to another note: what no record names is in it twice.
  if (!after.compactionHistory.some(({ notePath }) => notePath === path)) await notes.delete(path);
  return after;
}
