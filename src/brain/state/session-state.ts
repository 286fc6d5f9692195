/** The kinds of agents that the original knows; a team may have its own. [SIR-02] */
export const AGENT_TYPES: readonly string[] = [
  "orchestrator",
  "analyst",
  "architect",
  "planner",
  "implementer",
  "critic",
  "qa",
  "security",
  "devops",
  "retrospective",
  "memory",
  "skillbook",
  "independent-thinker",
  "high-level-advisor",
  "explainer",
  "task-generator",
  "pr-comment-responder",
];

/** What an agent may do now. */
export type WorkflowMode = "analysis" | "planning" | "coding" | "disabled";

/** The working state of one project: small, written by programs, found by where one stands and never by an id. */
export interface SessionState {
  readonly currentMode: WorkflowMode;
  /** Every change of the mode, oldest first. */
  readonly modeHistory: readonly { readonly mode: WorkflowMode; readonly timestamp: string }[];
  readonly protocolStartComplete: boolean;
  readonly protocolEndComplete: boolean;
  readonly protocolStartEvidence: Readonly<Record<string, string>>;
  readonly protocolEndEvidence: Readonly<Record<string, string>>;
  readonly orchestratorWorkflow: OrchestratorWorkflow | null;
  readonly activeFeature?: string | undefined;
  readonly activeTask?: string | undefined;
  /** Raised by one with each update; what is newer is told by it, and never by a clock. */
  readonly version: number;
  /** ISO 8601, as `updatedAt`. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Who was called for what, with which outcome. */
export interface OrchestratorWorkflow {
  readonly activeAgent: string | null;
  readonly workflowPhase: "planning" | "implementation" | "validation" | "complete";
  readonly agentHistory: readonly AgentInvocation[];
  readonly decisions: readonly Decision[];
  readonly verdicts: readonly Verdict[];
  readonly pendingHandoffs: readonly Handoff[];
  /** Where older entries went. */
  readonly compactionHistory: readonly {
    readonly notePath: string;
    readonly compactedAt: string;
    readonly count: number;
  }[];
  readonly startedAt: string;
  readonly lastAgentChange: string;
}

export interface AgentInvocation {
  readonly agent: string;
  readonly startedAt: string;
  readonly completedAt: string | null;
  readonly status: "in_progress" | "completed" | "failed" | "blocked";
  readonly input: {
    readonly prompt: string;
    readonly context: Readonly<Record<string, unknown>>;
    readonly artifacts: readonly string[];
  };
  readonly output: {
    readonly artifacts: readonly string[];
    readonly summary: string;
    readonly recommendations: readonly string[];
    readonly blockers: readonly string[];
  } | null;
  readonly handoffFrom: string | null;
  readonly handoffTo: string | null;
  readonly handoffReason: string | null;
}

export interface Decision {
  readonly id: string;
  readonly type: "architectural" | "technical" | "process" | "scope";
  readonly description: string;
  readonly rationale: string;
  readonly decidedBy: string;
  readonly approvedBy: readonly string[];
  readonly rejectedBy: readonly string[];
  readonly timestamp: string;
}

export interface Verdict {
  readonly agent: string;
  readonly decision: "approve" | "reject" | "conditional" | "needs_revision";
  /** From 0 to 1. */
  readonly confidence: number;
  readonly reasoning: string;
  readonly conditions?: readonly string[] | undefined;
  readonly blockers?: readonly string[] | undefined;
  readonly timestamp: string;
}

export interface Handoff {
  readonly fromAgent: string;
  readonly toAgent: string;
  readonly reason: string;
  readonly context: string;
  readonly artifacts: readonly string[];
  readonly preservedContext?: Readonly<Record<string, unknown>> | undefined;
  readonly createdAt: string;
}

/** What `setSession` takes: what is left out stays, an empty text clears. */
export interface SessionUpdates {
  readonly mode?: WorkflowMode | undefined;
  readonly task?: string | undefined;
  readonly feature?: string | undefined;
}

/** The state of a project that has none. @param now ISO 8601 */
export function defaultState(now: string): SessionState {
  return {
    currentMode: "analysis",
    modeHistory: [{ mode: "analysis", timestamp: now }],
    protocolStartComplete: false,
    protocolEndComplete: false,
    protocolStartEvidence: {},
    protocolEndEvidence: {},
    orchestratorWorkflow: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
}

/**
 * A state with updates applied, one version later. The history grows when the mode changes, and only then; the task
 * stays when the feature changes. [SIR-05]
 */
export function updated(state: SessionState, updates: SessionUpdates, now: string): SessionState {
  const { mode, task, feature } = updates;
  const changes = mode !== undefined && mode !== state.currentMode;
  return raised(
    {
      ...state,
      ...(changes && { currentMode: mode, modeHistory: [...state.modeHistory, { mode, timestamp: now }] }),
      ...(task !== undefined && { activeTask: task || undefined }),
      ...(feature !== undefined && { activeFeature: feature || undefined }),
    },
    state.version,
    now,
  );
}

/** A state as the version after another one. */
export function raised(state: SessionState, after: number, now: string): SessionState {
  return { ...state, version: after + 1, updatedAt: now };
}
