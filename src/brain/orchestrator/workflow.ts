import type { AgentInvocation, Decision, Handoff, OrchestratorWorkflow, Verdict } from "../state/session-state.ts";

/** An agent is called: for what, and by whom. */
export interface Invoked {
  readonly agent: string;
  readonly prompt: string;
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  readonly artifacts?: readonly string[] | undefined;
}

/** An agent has ended: with blockers it is blocked, whatever else is said. */
export interface Completed {
  readonly agent: string;
  readonly summary: string;
  readonly status?: "completed" | "failed" | "blocked" | undefined;
  readonly artifacts?: readonly string[] | undefined;
  readonly recommendations?: readonly string[] | undefined;
  readonly blockers?: readonly string[] | undefined;
}

/** What is said of it without the time, which the record adds. */
export type NewDecision = Omit<Decision, "timestamp" | "id" | "approvedBy" | "rejectedBy"> &
  Partial<Pick<Decision, "id" | "approvedBy" | "rejectedBy">>;
export type NewVerdict = Omit<Verdict, "timestamp">;
export type NewHandoff = Omit<Handoff, "createdAt" | "artifacts"> & Partial<Pick<Handoff, "artifacts">>;

export type WorkflowPhase = OrchestratorWorkflow["workflowPhase"];

export function newWorkflow(now: string): OrchestratorWorkflow {
  return {
    activeAgent: null,
    workflowPhase: "planning",
    agentHistory: [],
    decisions: [],
    verdicts: [],
    pendingHandoffs: [],
    compactionHistory: [],
    startedAt: now,
    lastAgentChange: now,
  };
}

/** The newest handoff to the agent is its reason to work, and is pending no more. */
export function invoked(workflow: OrchestratorWorkflow, input: Invoked, now: string): OrchestratorWorkflow {
  const { agent, prompt, context = {}, artifacts = [] } = input;
  const handoff = workflow.pendingHandoffs.findLast(({ toAgent }) => toAgent === agent);
  const invocation: AgentInvocation = {
    agent,
    startedAt: now,
    completedAt: null,
    status: "in_progress",
    input: {
      prompt,
      context: handoff ? { ...context, handoff } : context,
      artifacts: [...new Set([...artifacts, ...(handoff?.artifacts ?? [])])],
    },
    output: null,
    handoffFrom: handoff?.fromAgent ?? null,
    handoffTo: null,
    handoffReason: handoff?.reason ?? null,
  };
  return {
    ...workflow,
    activeAgent: agent,
    agentHistory: [...workflow.agentHistory, invocation],
    pendingHandoffs: workflow.pendingHandoffs.filter((one) => one !== handoff),
    lastAgentChange: now,
  };
}

/** @returns null when the agent has nothing in progress */
export function completed(workflow: OrchestratorWorkflow, input: Completed, now: string): OrchestratorWorkflow | null {
  const { agent, summary, artifacts = [], recommendations = [], blockers = [] } = input;
  const at = workflow.agentHistory.findLastIndex((one) => one.agent === agent && one.status === "in_progress");
  const open = workflow.agentHistory[at];
  if (!open) return null;
  const done: AgentInvocation = {
    ...open,
    completedAt: now,
    status: blockers.length > 0 ? "blocked" : (input.status ?? "completed"),
    output: { artifacts, summary, recommendations, blockers },
  };
  return {
    ...workflow,
    activeAgent: workflow.activeAgent === agent ? null : workflow.activeAgent,
    agentHistory: workflow.agentHistory.with(at, done),
    lastAgentChange: now,
  };
}

/** A handoff stays pending until its agent is called; who hands over says so in its own record. */
export function handedOver(workflow: OrchestratorWorkflow, input: NewHandoff, now: string): OrchestratorWorkflow {
  const at = workflow.agentHistory.findLastIndex(({ agent }) => agent === input.fromAgent);
  const from = workflow.agentHistory[at];
  return {
    ...workflow,
    agentHistory: from
      ? workflow.agentHistory.with(at, { ...from, handoffTo: input.toAgent, handoffReason: input.reason })
      : workflow.agentHistory,
    pendingHandoffs: [...workflow.pendingHandoffs, { artifacts: [], ...input, createdAt: now }],
  };
}

/** Lists that grow, and of which the older part moves to a note. */
const LISTS = ["agentHistory", "decisions", "verdicts"] as const;
type Lists = Pick<OrchestratorWorkflow, (typeof LISTS)[number]>;

const MOST = 10;
const KEPT = 3;

/** Past ten entries all but the last three of a list are to move; null where none is that long. Work in progress stays. */
export function overflow(workflow: OrchestratorWorkflow): Lists | null {
  const old = <T>(list: readonly T[]): readonly T[] => (list.length > MOST ? list.slice(0, -KEPT) : []);
  const { agentHistory, decisions, verdicts } = workflow;
  const moved = {
    agentHistory: old(agentHistory).filter(({ status }) => status !== "in_progress"),
    decisions: old(decisions),
    verdicts: old(verdicts),
  };
  return countOf(moved) > 0 ? moved : null;
}

/** The record without what has moved to a note; the same one where somebody else has moved some of it already. */
export function compacted(
  workflow: OrchestratorWorkflow,
  moved: Lists,
  notePath: string,
  now: string,
): OrchestratorWorkflow {
  const agentHistory = without(workflow.agentHistory, moved.agentHistory);
  const decisions = without(workflow.decisions, moved.decisions);
  const verdicts = without(workflow.verdicts, moved.verdicts);
  if (!agentHistory || !decisions || !verdicts) return workflow;
  return {
    ...workflow,
    agentHistory,
    decisions,
    verdicts,
    compactionHistory: [...workflow.compactionHistory, { notePath, compactedAt: now, count: countOf(moved) }],
  };
}

/** Each of the entries is taken away once; null where one of them is not there any more. */
function without<T>(entries: readonly T[], moved: readonly T[]): readonly T[] | null {
  const left = [...entries];
  for (const one of moved) {
    const text = JSON.stringify(one);
    const at = left.findIndex((entry) => JSON.stringify(entry) === text);
    if (at < 0) return null;
    left.splice(at, 1);
  }
  return left;
}

function countOf(lists: Lists): number {
  return LISTS.reduce((sum, list) => sum + lists[list].length, 0);
}
