import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { consolidate } from "../../src/brain/consolidate/consolidate.ts";
import type { NoteStore } from "../../src/brain/notes/note-store.ts";
import { BRAIN_STORES } from "../support/brain-worlds.ts";

/** A session of before, as its note had it. */
function session(id: string, updatedAt: string, more: object = {}): Record<string, unknown> {
  return {
    sessionId: id,
    currentMode: "coding",
    activeTask: `task of ${id}`,
    modeHistory: [{ mode: "analysis", timestamp: "2026-01-01T00:00:00.000Z" }],
    version: 4,
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt,
    ...more,
  };
}

const record = (agent: string, prompt: string): object => ({
  agent,
  startedAt: "2026-01-19T10:00:00Z",
  completedAt: null,
  status: "in_progress",
  input: { prompt, context: {}, artifacts: [] },
  output: null,
  handoffFrom: null,
  handoffTo: null,
  handoffReason: null,
});

async function put(notes: NoteStore, all: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [path, value] of Object.entries(all))
    await notes.write(path, typeof value === "string" ? value : JSON.stringify(value, null, 2));
}

/** What is left of the time of many sessions. */
async function leftovers(notes: NoteStore): Promise<readonly string[]> {
  return (await notes.list("**")).filter((path) => /session-|current-session/.test(path));
}

async function archived(notes: NoteStore): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const path of await notes.list("archive/*"))
    Object.assign(found, (JSON.parse((await notes.read(path))?.text ?? "") as { notes: object }).notes);
  return found;
}

describe.each(BRAIN_STORES)("historic sessions in %s", (_, world) => {
  test("[SIR-07] of five, the newest becomes the state, by time and not by the text of it", async () => {
    const { berth, notes } = await world();
    await put(notes, {
      "sessions/session-a": session("a", "2026-01-19T10:00:00.000Z"),
      "sessions/session-b": session("b", "2026-01-19T12:00:00.000+05:00"),
      "sessions/session-c": session("c", "2026-01-19T11:00:00.000Z", { activeFeature: "Login" }),
      "sessions/session-d": session("d", "2026-01-18T23:00:00.000Z"),
      "sessions/session-e": session("e", "2025-12-31T23:59:59.999Z"),
    });
    expect(await berth.getSession()).toMatchObject({ activeTask: "task of c", activeFeature: "Login", version: 5 });
    expect(await leftovers(notes)).toEqual([]);
  });

  test("[SIR-07] of equally new ones the first by id", async () => {
    const { berth, notes } = await world();
    const at = "2026-01-19T10:00:00.000Z";
    await put(notes, {
      "sessions/session-b": session("b", at),
      "sessions/session-B": session("B", at),
      "sessions/session-a": session("a", at),
    });
    expect(await berth.getSession()).toMatchObject({ activeTask: "task of B" });
  });

  test("[SIR-07] a valid pointer goes before the newest; one that names none sound does not", async () => {
    for (const [pointer, winner] of [
      ["a", "a"],
      ['"a"', "a"],
      ['{"sessionId":"a"}', "a"],
      ["12e5", "12e5"],
      ["gone", "b"],
      ["c", "b"],
      ["", "b"],
    ] as const) {
      const { berth, notes } = await world();
      await put(notes, {
        "sessions/session-a": session("a", "2026-01-01T00:00:00.000Z"),
        "sessions/session-b": session("b", "2026-01-02T00:00:00.000Z"),
        "sessions/session-12e5": session("12e5", "2025-01-02T00:00:00.000Z"),
        "sessions/session-c": { deleted: true, deletedAt: "2026-01-03T00:00:00.000Z" },
        "sessions/current-session": pointer,
      });
      const { report } = await berth.brainMigrate();
      expect(report.winner, pointer).toEqual({ id: winner, because: winner === "b" ? "newest" : "pointer" });
      expect(await leftovers(notes)).toEqual([]);
      expect(report.warnings.some((warning) => warning.includes("names no sound session"))).toBe(winner === "b");
    }
  });

  test("[SIR-07] damaged and deleted ones are skipped with a warning, and archived as they are", async () => {
    const { berth, notes } = await world();
    const old = {
      "sessions/session-a": session("a", "2026-01-01T00:00:00.000Z"),
      "sessions/session-b": "{ not json",
      "sessions/session-c": session("c", "yesterday"),
      "sessions/session-d": { ...session("d", "2026-05-01T00:00:00.000Z"), deleted: true },
      "sessions/session-e": session("e", "2026-05-01T00:00:00.000Z", { currentMode: "testing" }),
    };
    await put(notes, old);
    const { report } = await berth.brainMigrate();
    expect(report.winner?.id).toBe("a");
    for (const id of ["b", "c", "d", "e"])
      expect(report.warnings.filter((warning) => warning.includes(`sessions/session-${id} was skipped`))).toHaveLength(
        1,
      );
    expect(await archived(notes)).toEqual(
      Object.fromEntries(
        Object.entries(old).map(([path, value]) => [
          path,
          typeof value === "string" ? value : JSON.stringify(value, null, 2),
        ]),
      ),
    );
  });

  test("[SIR-07] without any sound one there is the default, and what there was is archived", async () => {
    const { berth, notes } = await world();
    await put(notes, { "sessions/session-a": "", "sessions/session-b": { deleted: true } });
    expect(await berth.getSession()).toMatchObject({ currentMode: "analysis", version: 1 });
    expect(Object.keys(await archived(notes))).toEqual(["sessions/session-a", "sessions/session-b"]);
  });

  test("[SIR-07] the state has no sessionId any more, and one version more", async () => {
    const { berth, notes } = await world();
    await put(notes, { "sessions/session-a": session("a", "2026-01-01T00:00:00.000Z") });
    const state = await berth.setSession({ feature: "Login" });
    expect(state).not.toHaveProperty("sessionId");
    expect(state).toMatchObject({ version: 6, activeTask: "task of a", activeFeature: "Login" });
    expect((await notes.read("sessions/session"))?.text).not.toContain("sessionId");
  });

  test("[SIR-08] the winner's agents move, those of the others are archived", async () => {
    const { berth, notes } = await world();
    await put(notes, {
      "sessions/session-a-1": session("a-1", "2026-01-02T00:00:00.000Z"),
      "sessions/session-a": session("a", "2026-01-01T00:00:00.000Z"),
      "session-a-1-agent-qa": record("qa", "of the winner"),
      "session-a-1-agent-independent-thinker": record("independent-thinker", "of the winner"),
      "session-a-1-agent-planner": "damaged",
      "session-a-agent-qa": record("qa", "of the loser"),
      "session-x-agent-qa": record("qa", "of nobody"),
    });
    const { report } = await berth.brainMigrate();
    expect(await berth.loadAgentContext("qa")).toMatchObject({ input: { prompt: "of the winner" } });
    expect(await berth.loadAgentContext("independent-thinker")).toMatchObject({ agent: "independent-thinker" });
    expect(await berth.loadAgentContext("planner")).toBeNull();
    expect(await leftovers(notes)).toEqual([]);
    expect(await notes.list("sessions/agent-*")).toEqual(["sessions/agent-independent-thinker", "sessions/agent-qa"]);
    const kept = await archived(notes);
    expect(kept["session-a-agent-qa"]).toContain("of the loser");
    expect(kept["session-a-1-agent-planner"]).toBe("damaged");
    expect(kept["session-x-agent-qa"]).toContain("of nobody");
    expect(report.warnings.filter((warning) => warning.includes("archived, not moved"))).toHaveLength(2);
  });

  test("[SIR-12] a dry run says all of it and changes nothing; a second run finds nothing to do", async () => {
    const { berth, notes } = await world();
    await put(notes, {
      "sessions/session-a": session("a", "2026-01-01T00:00:00.000Z"),
      "session-a-agent-qa": record("qa", "x"),
    });
    const before = await notes.list("**");
    const { plan } = await berth.brainMigratePlan();
    expect(plan.writes.map(({ path }) => path)).toEqual(["sessions/agent-qa", "sessions/session"]);
    expect(await notes.list("**")).toEqual(before);
    const { report } = await berth.brainMigrate();
    expect(report.written).toEqual(plan.writes.map(({ path }) => path));
    expect(report.removed).toEqual(plan.removes.map(({ path }) => path));
    expect((await berth.brainMigrate()).report).toMatchObject({
      winner: null,
      written: [],
      removed: [],
      archive: null,
    });
  });

  test("[SIR-07] where there is a state already it stands, and what is historic is archived", async () => {
    const { berth, notes } = await world();
    await berth.setSession({ task: "of today" });
    await put(notes, { "sessions/session-a": session("a", "2027-01-01T00:00:00.000Z") });
    expect((await berth.brainMigrate()).report.winner).toBeNull();
    expect(await berth.getSession()).toMatchObject({ activeTask: "of today", version: 2 });
    expect(Object.keys(await archived(notes))).toEqual(["sessions/session-a"]);
  });

  test("[SIR-09] folders of those sessions go to the archive of the repository", async () => {
    const { berth, notes } = await world();
    const old = join(dirname(berth.project.machineDir), "brain", "sessions", "a");
    mkdirSync(old, { recursive: true });
    writeFileSync(join(old, "notes.txt"), "kept");
    await put(notes, { "sessions/session-a": session("a", "2026-01-01T00:00:00.000Z") });
    const { report } = await berth.brainMigrate();
    expect(existsSync(old)).toBe(false);
    expect(readFileSync(join(report.folders[0] ?? "", "notes.txt"), "utf8")).toBe("kept");
    expect(readdirSync(dirname(report.folders[0] ?? ""))).toEqual(["a"]);
  });

  test("[SIR-07] killed after any step, the next access ends in the same result", async () => {
    const steps: string[] = [];
    for (let at = 0; at === 0 || at < steps.length; at++) {
      const { berth, notes, again } = await world();
      const old = {
        "sessions/session-a": session("a", "2026-01-01T00:00:00.000Z"),
        "sessions/session-b": session("b", "2026-01-02T00:00:00.000Z"),
        "session-a-agent-qa": record("qa", "of the loser"),
        "session-b-agent-qa": record("qa", "of the winner"),
        "sessions/current-session": "a",
      };
      await put(notes, old);
      let seen = 0;
      const dies = await again({
        progress: ({ name }) => {
          if (at === 0) steps.push(name);
          if (seen++ === at && at > 0) throw new Error("killed");
        },
      });
      await dies.getSession().catch((error: Error) => expect(error.message).toBe("killed"));
      expect(await berth.getSession(), steps[at]).toMatchObject({ activeTask: "task of a", version: 5 });
      expect(await berth.loadAgentContext("qa")).toMatchObject({ input: { prompt: "of the loser" } });
      expect(await leftovers(notes), steps[at]).toEqual([]);
      expect(Object.keys(await archived(notes)).toSorted()).toEqual(Object.keys(old).toSorted());
    }
    expect(new Set(steps)).toEqual(new Set(["brain.archived", "brain.written", "brain.removed"]));
  });

  test("[SIR-07] two at once end in one result", async () => {
    const { notes, again } = await world();
    await put(
      notes,
      Object.fromEntries(
        Array.from({ length: 20 }, (_, n) => [
          `sessions/session-${n}`,
          session(`${n}`, new Date(Date.UTC(2026, 0, 1 + n)).toISOString()),
        ]),
      ),
    );
    const all = await Promise.all(Array.from({ length: 6 }, again));
    const states = await Promise.all(all.map((berth) => berth.getSession()));
    for (const state of states) expect(state).toEqual(states[0]);
    expect(states[0]).toMatchObject({ activeTask: "task of 19", version: 5 });
    expect(await leftovers(notes)).toEqual([]);
  });
});

test("[SIR-07] [SIR-09] where the store does not keep what was written, nothing of before is removed", async () => {
  const [, world] = BRAIN_STORES[0]!;
  const { berth, notes } = await world();
  await put(notes, { "sessions/session-a": session("a", "2026-01-01T00:00:00.000Z") });
  for (const forgets of ["archive/", "sessions/session"]) {
    const read: NoteStore["read"] = async (path) => {
      const note = await notes.read(path);
      return note && path.startsWith(forgets) && path !== "sessions/session-a" ? { ...note, text: "{}" } : note;
    };
    const state = await notes.read("sessions/session");
    if (state) await notes.delete("sessions/session");
    for (const path of await notes.list("archive/*")) await notes.delete(path);
    await expect(consolidate(berth.project, { ...notes, read })).rejects.toMatchObject({ code: "FAILED" });
    expect(await leftovers(notes)).toEqual(["sessions/session-a"]);
  }
  expect(await berth.getSession()).toMatchObject({ activeTask: "task of a" });
});
