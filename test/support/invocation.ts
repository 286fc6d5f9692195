import type { AgentInvocation } from "../../src/brain/state/session-state.ts";

/** A record as the original has it. */
export function invocation(agent: string, more: Partial<AgentInvocation> = {}): AgentInvocation {
  return {
    agent,
    startedAt: "2026-01-19T10:00:00Z",
    completedAt: null,
    status: "in_progress",
    input: { prompt: "Look at the login", context: { ticket: 7 }, artifacts: ["src/login.ts"] },
    output: null,
    handoffFrom: null,
    handoffTo: null,
    handoffReason: null,
    ...more,
  };
}
