import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as library from "../../src/index.ts";
import type { AgentInvocation, SessionUpdates } from "../../src/brain/state/session-state.ts";
import { BRAIN_STORES, type BrainWorld } from "../support/brain-worlds.ts";
import { invocation } from "../support/invocation.ts";

const NOTE = "sessions/session";

describe.each(BRAIN_STORES)("the session state in %s", (_, world) => {
  describe("getSession", () => {
    test("[SIR-01] [SIR-04] loads the state from the note sessions/session", async () => {
      const { berth, notes } = await world();
      const made = await berth.getSession();
      const note = await notes.read(NOTE);
      expect(JSON.parse(note?.text ?? "")).toEqual(made);
      await notes.write(NOTE, JSON.stringify({ ...made, currentMode: "coding", version: 41 }));
      expect(await berth.getSession()).toMatchObject({ currentMode: "coding", version: 41 });
    });

    test("[SIR-10] loadSession is null when the note does not exist, and makes none", async () => {
      const { berth, notes } = await world();
      expect(await berth.loadSession()).toBeNull();
      expect(await notes.list("**")).toEqual([]);
    });

    test("[SIR-04] creates the default state when there is none", async () => {
      const { berth } = await world();
      const state = await berth.getSession();
      expect(state).toEqual({
        currentMode: "analysis",
        modeHistory: [{ mode: "analysis", timestamp: state.createdAt }],
        protocolStartComplete: false,
        protocolEndComplete: false,
        protocolStartEvidence: {},
        protocolEndEvidence: {},
        orchestratorWorkflow: null,
        version: 1,
        createdAt: state.createdAt,
        updatedAt: state.createdAt,
      });
      expect(await berth.getSession()).toEqual(state);
    });
  });

  describe("setSession", () => {
    test("[SIR-05] applies updates and raises the version by one", async () => {
      const { berth } = await world();
      expect(await berth.setSession({ mode: "coding", task: "Sign", feature: "Login" })).toMatchObject({
        currentMode: "coding",
        activeTask: "Sign",
        activeFeature: "Login",
        version: 2,
      });
      expect(await berth.setSession({ task: "" })).toMatchObject({ activeFeature: "Login", version: 3 });
      expect((await berth.getSession()).activeTask).toBeUndefined();
      // Another feature keeps the task.
      await berth.setSession({ task: "Verify" });
      expect(await berth.setSession({ feature: "Logout" })).toMatchObject({ activeTask: "Verify", version: 5 });
      expect(await berth.setSession({ feature: "" })).not.toHaveProperty("activeFeature", "Logout");
    });

    test("[SIR-05] the mode history grows with each change of the mode alone, and keeps what it had", async () => {
      const { berth } = await world();
      const { modeHistory } = await berth.getSession();
      await berth.setSession({ mode: "coding" });
      await berth.setSession({ mode: "coding", task: "the same mode" });
      const state = await berth.setSession({ mode: "planning" });
      expect(state.modeHistory.map(({ mode }) => mode)).toEqual(["analysis", "coding", "planning"]);
      expect(state.modeHistory[0]).toEqual(modeHistory[0]);
    });

    test("[SIR-06] of two writes at once the last one stands, the other is kept and counted", async () => {
      const made = await world();
      const { berth } = made;
      await berth.setSession({ mode: "coding" });
      const { base, conflict } = await raced(made, { task: "theirs" });
      const state = await berth.getSession();
      expect(state).toMatchObject({ activeFeature: "ours", version: base + 2 });
      expect(state.activeTask).toBeUndefined();
      expect(conflict).toEqual({ resolution: "lww", overwritten: base + 1 });
      const kept = (await berth.stateHistory()).versions.map((one) => one.state);
      expect(kept).toContainEqual(expect.objectContaining({ version: base + 1, activeTask: "theirs" }));
      expect((await berth.stateMetrics()).text).toContain('brain_session_conflicts_total{resolution="lww"} 1\n');
      writeFileSync(join(berth.project.repository.commonDir, "berth", "brain", "conflicts.json"), "damaged");
      expect((await berth.stateMetrics()).text).toContain('{resolution="lww"} 0\n');
      expect((await berth.stateRestore({ version: base + 1 })).state).toMatchObject({
        activeTask: "theirs",
        version: base + 3,
      });
    });

    test("[SIR-06] where the settings say merge, both changes stand", async () => {
      const made = await world({ settings: ["conflicts: merge"] });
      const { berth } = made;
      const { base, conflict } = await raced(made, { task: "theirs" });
      expect(await berth.getSession()).toMatchObject({
        activeTask: "theirs",
        activeFeature: "ours",
        version: base + 2,
      });
      expect(conflict?.resolution).toBe("merge");
      expect((await berth.stateMetrics()).text).toContain('{resolution="merge"} 1\n');
    });

    test("[SIR-03] refuses what a state does not have, and an id above all", async () => {
      const { berth } = await world();
      const refused = async (updates: object, message: RegExp): Promise<void> => {
        await expect(berth.setSession(updates)).rejects.toThrow(message);
      };
      await refused({ sessionId: "abc" }, /no sessionId/);
      await refused({ version: 3 }, /no "version"/);
      await refused({ mode: "testing" }, /no mode "testing"/);
      await refused({ task: 7 }, /must be a text/);
      await refused({}, /nothing to set/);
      expect(await berth.loadSession()).toBeNull();
    });
  });

  describe("what a note may hold", () => {
    test("[SIR-03] a damaged state is an error, and never replaced", async () => {
      const { berth, notes } = await world();
      const state = await berth.getSession();
      const wrong = [
        "",
        "not json",
        "[]",
        JSON.stringify({ ...state, sessionId: "abc" }),
        JSON.stringify({ ...state, extra: 1 }),
        JSON.stringify({ ...state, currentMode: "testing" }),
        JSON.stringify({ ...state, modeHistory: "none" }),
        JSON.stringify({ ...state, updatedAt: "yesterday" }),
        JSON.stringify({ deleted: true, deletedAt: state.updatedAt }),
      ];
      for (const text of wrong) {
        await notes.write(NOTE, text);
        for (const call of [() => berth.getSession(), () => berth.loadSession(), () => berth.setSession({ task: "x" })])
          await expect(call(), text).rejects.toMatchObject({ code: "UNREADABLE" });
        expect(await notes.read(NOTE)).toMatchObject({ text });
      }
      await notes.write(NOTE, JSON.stringify({ ...state, sessionId: "abc" }));
      await expect(berth.getSession()).rejects.toMatchObject({
        message: expect.stringContaining("brain migrate") as string,
        hint: expect.stringContaining("berth state restore VERSION") as string,
      });
    });

    test("[SIR-05] a version that is none counts as 0, with a warning", async () => {
      const { berth, notes } = await world();
      const { version: _, ...state } = await berth.getSession();
      for (const version of [undefined, "7", -1, 1.5, null]) {
        await notes.write(NOTE, JSON.stringify({ ...state, version }));
        const shown = await berth.stateGet();
        expect(shown.state.version).toBe(0);
        expect(shown.warnings).toHaveLength(1);
      }
      expect(await berth.setSession({ task: "x" })).toMatchObject({ version: 1 });
    });
  });

  describe("lifecycle", () => {
    test("[SIR-10] initSession gives no id and makes no folder for a session", async () => {
      const { berth, box } = await world();
      const before = readdirSync(box.dir);
      expect(await berth.initSession()).toBeUndefined();
      expect(readdirSync(box.dir)).toEqual(before);
      expect(existsSync(join(box.dir, "brain"))).toBe(false);
    });

    test("[SIR-10] cleanupSession removes the note; what it said stays among its versions", async () => {
      const { berth, notes } = await world();
      await berth.setSession({ task: "kept" });
      await berth.cleanupSession();
      expect(await notes.list("sessions/**")).toEqual([]);
      expect(await berth.loadSession()).toBeNull();
      await berth.cleanupSession();
      expect((await berth.stateHistory()).versions[0]?.state).toMatchObject({ activeTask: "kept" });
      expect(await berth.getSession()).toMatchObject({ version: 1 });
    });
  });

  describe("agents", () => {
    test("[SIR-02] a record is saved without an id in its path, and read from there", async () => {
      const { berth, notes } = await world();
      for (const agent of library.AGENT_TYPES) {
        await berth.saveAgentContext(agent, invocation(agent));
        expect(await berth.loadAgentContext(agent)).toEqual(invocation(agent));
      }
      await berth.saveAgentContext("our-own", invocation("our-own"));
      expect(await notes.list("sessions/agent-*")).toEqual(
        [...library.AGENT_TYPES, "our-own"].map((agent) => `sessions/agent-${agent}`).toSorted(),
      );
      expect(library.AGENT_TYPES).toHaveLength(17);
    });

    test("[SIR-02] a record overwrites the one before; there is one for each agent", async () => {
      const { berth, notes } = await world();
      await berth.saveAgentContext("qa", invocation("qa"));
      const done = invocation("qa", {
        status: "completed",
        completedAt: "2026-01-19T11:00:00Z",
        output: { artifacts: [], summary: "done", recommendations: [], blockers: [] },
      });
      await berth.saveAgentContext("qa", done);
      expect(await berth.loadAgentContext("qa")).toEqual(done);
      expect(await notes.list("**")).toEqual(["sessions/agent-qa"]);
      expect((await notes.versions("sessions/agent-qa")).map(({ text }) => JSON.parse(text) as unknown)).toEqual([
        invocation("qa"),
        done,
      ]);
    });

    test("[SIR-02] without a record there is none, and what is no record is refused", async () => {
      const { berth, notes } = await world();
      expect(await berth.loadAgentContext("planner")).toBeNull();
      const wrong: [string, object][] = [
        ["planner", { ...invocation("planner"), extra: 1 }],
        ["planner", invocation("qa")],
        ["planner", { agent: "planner" }],
        ["../planner", invocation("../planner")],
      ];
      for (const [agent, value] of wrong)
        await expect(berth.saveAgentContext(agent, value as AgentInvocation)).rejects.toMatchObject({
          code: "INVALID",
        });
      expect(await notes.list("**")).toEqual([]);
      await notes.write("sessions/agent-planner", "{}");
      await expect(berth.loadAgentContext("planner")).rejects.toMatchObject({ code: "UNREADABLE" });
    });
  });

  test("[SIR-04] [SIR-05] [SIR-10] a whole life: begin, work, change modes, end", async () => {
    const { berth, again } = await world();
    await berth.initSession();
    await berth.setSession({ mode: "planning", feature: "Login" });
    await (await again()).setSession({ mode: "coding", task: "Sign" });
    expect(await berth.getSession()).toMatchObject({ currentMode: "coding", activeFeature: "Login", version: 3 });
    await berth.cleanupSession();
    expect(await berth.getSession()).toMatchObject({ currentMode: "analysis", version: 1 });
  });

  test("[SIR-15] rapid updates in a row each count", async () => {
    const { berth } = await world();
    for (let n = 0; n < 30; n++) await berth.setSession({ task: `task ${n}` });
    expect(await berth.getSession()).toMatchObject({ version: 31, activeTask: "task 29" });
  });
});

/** Lets somebody write between the reading and the writing of ours. */
async function raced(
  { berth, again }: BrainWorld,
  theirs: SessionUpdates,
): Promise<{ base: number; conflict: { resolution: string; overwritten: number } | null }> {
  const { version: base } = await berth.getSession();
  const other = await again();
  let due = true;
  const ours = await again({
    progress: async ({ name }) => {
      if (name !== "state.read" || !due) return;
      due = false;
      await other.setSession(theirs);
    },
  });
  const { conflict } = await ours.changeSession({ feature: "ours" });
  return { base, conflict };
}
