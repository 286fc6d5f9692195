import { z } from "zod";
import type { AgentInvocation, OrchestratorWorkflow, SessionState } from "./session-state.ts";

const MODES = ["analysis", "planning", "coding", "disabled"] as const;
const time = z.iso.datetime({ offset: true });
const text = z.string();
const texts = z.array(text);
const agent = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, "must be a word of lower-case letters, digits and dashes");

const invocation = z.strictObject({
  agent,
  startedAt: time,
  completedAt: time.nullable(),
  status: z.enum(["in_progress", "completed", "failed", "blocked"]),
  input: z.strictObject({ prompt: text, context: z.record(z.string(), z.unknown()), artifacts: texts }),
  output: z.strictObject({ artifacts: texts, summary: text, recommendations: texts, blockers: texts }).nullable(),
  handoffFrom: agent.nullable(),
  handoffTo: agent.nullable(),
  handoffReason: text.nullable(),
});

const decision = z.strictObject({
  id: z.uuid(),
  type: z.enum(["architectural", "technical", "process", "scope"]),
  description: text,
  rationale: text,
  decidedBy: agent,
  approvedBy: z.array(agent),
  rejectedBy: z.array(agent),
  timestamp: time,
});

const verdict = z.strictObject({
  agent,
  decision: z.enum(["approve", "reject", "conditional", "needs_revision"]),
  confidence: z.number().min(0).max(1),
  reasoning: text,
  conditions: texts.optional(),
  blockers: texts.optional(),
  timestamp: time,
});

const handoff = z.strictObject({
  fromAgent: agent,
  toAgent: agent,
  reason: text,
  context: text,
  artifacts: texts,
  preservedContext: z.record(z.string(), z.unknown()).optional(),
  createdAt: time,
});

const workflow: z.ZodType<OrchestratorWorkflow> = z.strictObject({
  activeAgent: agent.nullable(),
  workflowPhase: z.enum(["planning", "implementation", "validation", "complete"]),
  agentHistory: z.array(invocation),
  decisions: z.array(decision),
  verdicts: z.array(verdict),
  pendingHandoffs: z.array(handoff),
  compactionHistory: z.array(
    z.strictObject({ notePath: text.min(1), compactedAt: time, count: z.number().int().min(1) }),
  ),
  startedAt: time,
  lastAgentChange: time,
});

/**
 * The session state as it stands in its note. Keys that it does not have are refused; those that came later have their
 * default, so that a state of before is read. [SIR-03]
 */
export const sessionStateSchema: z.ZodType<SessionState> = z.strictObject({
  currentMode: z.enum(MODES).default("analysis"),
  modeHistory: z.array(z.strictObject({ mode: z.enum(MODES), timestamp: time })),
  protocolStartComplete: z.boolean().default(false),
  protocolEndComplete: z.boolean().default(false),
  protocolStartEvidence: z.record(z.string(), text).default({}),
  protocolEndEvidence: z.record(z.string(), text).default({}),
  orchestratorWorkflow: workflow.nullable().default(null),
  activeFeature: text.min(1).optional(),
  activeTask: text.min(1).optional(),
  version: z.number().int().min(0),
  createdAt: time,
  updatedAt: time,
});

/** One agent's work, as its note and the orchestrator's record have it. [SIR-02] */
export const invocationSchema: z.ZodType<AgentInvocation> = invocation;
