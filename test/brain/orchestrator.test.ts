import { describe, expect, test } from "vitest";
import { gateTool } from "../../src/brain/state/mode-gate.ts";
import { BRAIN_STORES } from "../support/brain-worlds.ts";

describe.each(BRAIN_STORES)("the orchestrator's record in %s", (_, world) => {
  test("[SIR-17] tells who was called for what, with which outcome, and keeps it with the agent too", async () => {
    const { berth } = await world();
    await berth.agentInvoked({
      agent: "planner",
      prompt: "Plan the login",
      context: { ticket: 7 },
      artifacts: ["a.md"],
    });
    await berth.handoffMade({
      fromAgent: "planner",
      toAgent: "implementer",
      reason: "planned",
      context: "See the plan",
      artifacts: ["plan.md"],
    });
    await berth.agentCompleted({ agent: "planner", summary: "Three steps", recommendations: ["begin with tokens"] });
    expect((await berth.getSession()).orchestratorWorkflow).toMatchObject({
      activeAgent: null,
      workflowPhase: "planning",
      pendingHandoffs: [{ toAgent: "implementer", context: "See the plan" }],
      agentHistory: [{ agent: "planner", status: "completed", handoffTo: "implementer", handoffReason: "planned" }],
    });
    await berth.workflowPhase({ phase: "implementation" });
    await berth.agentInvoked({ agent: "implementer", prompt: "Build it" });
    const { workflow } = await berth.agentCompleted({ agent: "implementer", summary: "", blockers: ["no key"] });
    expect(workflow).toMatchObject({ workflowPhase: "implementation", pendingHandoffs: [] });
    expect(workflow.agentHistory[1]).toMatchObject({
      status: "blocked",
      handoffFrom: "planner",
      handoffReason: "planned",
      input: { artifacts: ["plan.md"], context: { handoff: { context: "See the plan" } } },
    });
    expect(await berth.loadAgentContext("implementer")).toEqual(workflow.agentHistory[1]);
  });

  test("[SIR-17] keeps decisions and verdicts, and refuses what is none", async () => {
    const { berth } = await world();
    const decision = {
      type: "technical",
      description: "Tokens",
      rationale: "short lived",
      decidedBy: "architect",
    } as const;
    await berth.decisionMade(decision);
    await berth.verdictGiven({
      agent: "critic",
      decision: "conditional",
      confidence: 0.7,
      reasoning: "r",
      conditions: ["c"],
    });
    const { orchestratorWorkflow, version } = await berth.getSession();
    expect(orchestratorWorkflow?.decisions).toMatchObject([{ ...decision, approvedBy: [] }]);
    expect(orchestratorWorkflow?.verdicts).toMatchObject([{ agent: "critic", confidence: 0.7 }]);
    const wrong: (() => Promise<unknown>)[] = [
      () => berth.decisionMade({ ...decision, type: "other" as never }),
      () => berth.decisionMade({ ...decision, extra: 1 } as never),
      () => berth.decisionMade("text" as never),
      () => berth.verdictGiven({ agent: "critic", decision: "approve", confidence: 1.1, reasoning: "r" }),
      () => berth.agentInvoked({ agent: "Q A", prompt: "x" }),
      () => berth.agentInvoked({ agent: "qa", prompt: "x", artifacts: 5 as never }),
      () => berth.workflowPhase({ phase: "lunch" as never }),
    ];
    for (const call of wrong) await expect(call()).rejects.toMatchObject({ code: "INVALID" });
    await expect(berth.agentCompleted({ agent: "qa", summary: "" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect((await berth.getSession()).version).toBe(version);
  });

  test("[SIR-17] past ten entries all but the last three move to a note, and nothing is lost", async () => {
    const { berth, notes } = await world();
    await berth.agentInvoked({ agent: "orchestrator", prompt: "lead" });
    for (let n = 0; n < 25; n++) {
      await berth.agentInvoked({ agent: "qa", prompt: `run ${n}` });
      await berth.agentCompleted({ agent: "qa", summary: `ran ${n}` });
      await berth.verdictGiven({ agent: "qa", decision: "approve", confidence: 1, reasoning: `verdict ${n}` });
    }
    const now = (await berth.getSession()).orchestratorWorkflow;
    expect(now?.agentHistory.length).toBeLessThanOrEqual(11);
    // Who is still at work stays in sight.
    expect(now?.agentHistory[0]).toMatchObject({ agent: "orchestrator", status: "in_progress" });
    const moved: { agentHistory: { input: { prompt: string } }[]; verdicts: { reasoning: string }[] }[] = [];
    for (const { notePath, count } of now?.compactionHistory ?? []) {
      const note = JSON.parse((await notes.read(notePath))?.text ?? "") as (typeof moved)[0] & { decisions: [] };
      expect(note.agentHistory.length + note.verdicts.length + note.decisions.length).toBe(count);
      moved.push(note);
    }
    const all = [...moved.flatMap((note) => note.agentHistory), ...(now?.agentHistory ?? [])];
    const runs = Array.from({ length: 25 }, (__, n) => `run ${n}`);
    expect(all.map(({ input }) => input.prompt).filter((prompt) => prompt !== "lead")).toEqual(runs);
    const verdicts = [...moved.flatMap((note) => note.verdicts), ...(now?.verdicts ?? [])];
    expect(verdicts.map(({ reasoning }) => reasoning)).toEqual(runs.map((run) => run.replace("run", "verdict")));
  });

  test("[SIR-17] what several add at once is there once, also past ten entries, and whatever is set meanwhile", async () => {
    const { berth, notes, again } = await world();
    const all = await Promise.all(Array.from({ length: 4 }, () => again()));
    const each = 9;
    await Promise.all(
      all.map(async (one, who) => {
        for (let n = 0; n < each; n++) {
          if (who === 0) await one.setSession({ task: `task ${n}` });
          else await one.verdictGiven({ agent: "qa", decision: "approve", confidence: 1, reasoning: `${who} ${n}` });
        }
      }),
    );
    const now = (await berth.getSession()).orchestratorWorkflow;
    const kept: string[] = (now?.verdicts ?? []).map(({ reasoning }) => reasoning);
    const named = (now?.compactionHistory ?? []).map(({ notePath }) => notePath);
    for (const path of named) {
      const moved = JSON.parse((await notes.read(path))?.text ?? "") as { verdicts: { reasoning: string }[] };
      kept.push(...moved.verdicts.map(({ reasoning }) => reasoning));
    }
    const made = [1, 2, 3].flatMap((who) => Array.from({ length: each }, (__, n) => `${who} ${n}`));
    expect(kept.toSorted()).toEqual(made.toSorted());
    expect(await notes.list("sessions/history/*")).toEqual(named.toSorted());
  });

  test("[SIR-17] additions of several at once all count", async () => {
    const { berth, again } = await world();
    const all = await Promise.all(Array.from({ length: 5 }, () => again()));
    await Promise.all(
      all.map((one, n) => one.verdictGiven({ agent: "qa", decision: "approve", confidence: 1, reasoning: `${n}` })),
    );
    const { orchestratorWorkflow } = await berth.getSession();
    expect(orchestratorWorkflow?.verdicts.map(({ reasoning }) => reasoning).toSorted()).toEqual([
      "0",
      "1",
      "2",
      "3",
      "4",
    ]);
  });
});

describe("the mode gate", () => {
  const tools = [
    "Read",
    "Glob",
    "Grep",
    "LSP",
    "WebFetch",
    "WebSearch",
    "Edit",
    "Write",
    "Bash",
    "NotebookEdit",
    "Task",
  ];
  const refused = (mode: string | null): string[] => tools.filter((tool) => !gateTool(mode, tool).allowed);

  test("[SIR-14] each mode refuses what it should, and without a known mode only reading is allowed", () => {
    expect(refused("analysis")).toEqual(["Edit", "Write", "Bash", "NotebookEdit"]);
    expect(refused("planning")).toEqual(["Edit", "Write", "NotebookEdit"]);
    expect(refused("coding")).toEqual([]);
    expect(refused("disabled")).toEqual([]);
    for (const mode of [null, "", "testing", "constructor", "__proto__"])
      expect(refused(mode), String(mode)).toEqual(["Edit", "Write", "Bash", "NotebookEdit", "Task"]);
    expect(gateTool("analysis", "Edit").reason).toContain("refused in the mode analysis");
  });

  test("[SIR-14] the settings say what a mode refuses", async () => {
    const [, world] = BRAIN_STORES[0]!;
    const { berth, notes } = await world({ settings: ["blocks: { coding: [Bash, mcp__*], analysis: [] }"] });
    expect(await berth.stateGate({ tool: "Edit" })).toMatchObject({ allowed: false, mode: null });
    await berth.getSession();
    expect(await berth.stateGate({ tool: "Edit" })).toMatchObject({ allowed: true, mode: "analysis" });
    await berth.setSession({ mode: "coding" });
    for (const [tool, allowed] of [
      ["Bash", false],
      ["mcp__x", false],
      ["Edit", true],
    ] as const)
      expect(await berth.stateGate({ tool })).toMatchObject({ allowed });
    await berth.setSession({ mode: "planning" });
    expect(await berth.stateGate({ tool: "Edit" })).toMatchObject({ allowed: false });
    await notes.write("sessions/session", "damaged");
    expect(await berth.stateGate({ tool: "Edit" })).toMatchObject({ allowed: false, mode: null });
    expect(await berth.stateGate({ tool: "Read" })).toMatchObject({ allowed: true });
  });
});
