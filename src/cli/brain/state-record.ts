import type { Verbs } from "../../verbs.ts";
import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, report } from "../report.ts";
import { plain } from "../text.ts";
import { jsonArgument } from "./json-argument.ts";

const KINDS = ["invoked", "completed", "decision", "verdict", "handoff", "phase"] as const;

export const command: Command = defineCommand({
  arguments: {
    kind: { summary: "What happened", required: true, choices: KINDS },
    entry: { summary: "It, as JSON", required: true, prose: true },
  },
  writes: true,
  details: [
    "The orchestrator's record: who was called for what with which outcome, decisions, verdicts, handoffs. Times are added; past ten entries the older ones move to notes of their own.",
    'invoked: {"agent", "prompt", "context"?, "artifacts"?}; completed: {"agent", "summary", "status"?, "artifacts"?, "recommendations"?, "blockers"?}; decision: {"type", "description", "rationale", "decidedBy", "approvedBy"?, "rejectedBy"?}; verdict: {"agent", "decision", "confidence", "reasoning", "conditions"?, "blockers"?}; handoff: {"fromAgent", "toAgent", "reason", "context", "artifacts"?}; phase: {"phase"}.',
  ],
  examples: [
    { says: "an agent begins", line: `berth state record invoked '{"agent":"qa","prompt":"Test the login"}'` },
    { says: "another phase", line: `berth state record phase '{"phase":"validation"}'` },
  ],
  run: async ({ args, dryRun, open }) => {
    const entry = (await jsonArgument(
      args.entry,
      "entry",
      `berth state record phase '{"phase":"validation"}'`,
    )) as never;
    const berth = await open();
    if (dryRun) {
      const { workflow } = await berth.recordPlan({ kind: args.kind, entry });
      return dryRunResult({ plan: { kind: args.kind, becomes: workflow } });
    }
    const { workflow } = await RECORD[args.kind](berth, entry);
    return {
      data: { workflow },
      text: (page) =>
        report(page, {
          headline: plain(`Recorded: ${args.kind}`),
          facts: [
            ["phase", workflow.workflowPhase],
            ["at work", workflow.activeAgent],
            ["pending", workflow.pendingHandoffs.map(({ toAgent }) => toAgent).join(", ")],
          ],
        }),
      brief: args.kind,
    };
  },
});

const RECORD: Readonly<
  Record<(typeof KINDS)[number], (berth: Verbs, entry: never) => ReturnType<Verbs["agentInvoked"]>>
> = {
  invoked: (berth, entry) => berth.agentInvoked(entry),
  completed: (berth, entry) => berth.agentCompleted(entry),
  decision: (berth, entry) => berth.decisionMade(entry),
  verdict: (berth, entry) => berth.verdictGiven(entry),
  handoff: (berth, entry) => berth.handoffMade(entry),
  phase: (berth, entry) => berth.workflowPhase(entry),
};
