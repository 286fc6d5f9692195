import { expect, test } from "vitest";
import type { NoteStore } from "../../src/brain/notes/note-store.ts";
import { openNotes } from "../../src/brain/notes/open-notes.ts";
import { STEPS } from "../../src/progress.ts";
import { systemClock } from "../../src/clock.ts";
import { once } from "../support/processes.ts";
import { startStateWorker } from "../support/state-workers.ts";
import { sandbox } from "../support/sandbox.ts";
import { longCount } from "../support/long-count.ts";

const KILLS = longCount("kills at any moment of updates of a state", { small: 20, full: 200 });
const reached = new Set<string>();

const OLD = {
  "sessions/session-a": state("a", "2026-01-01T00:00:00.000Z"),
  "sessions/session-b": state("b", "2026-01-02T00:00:00.000Z"),
  "sessions/current-session": "b",
};

function state(id: string, updatedAt: string): string {
  return JSON.stringify({
    sessionId: id,
    currentMode: "coding",
    activeTask: `task of ${id}`,
    modeHistory: [],
    version: 4,
    createdAt: updatedAt,
    updatedAt,
  });
}

async function put(notes: NoteStore): Promise<void> {
  for (const [path, text] of Object.entries(OLD)) await notes.write(path, text);
}

test("[SIR-07] [SIR-15] killed with SIGKILL at every step, the next access ends in the same state", async () => {
  for (const step of STEPS.filter((name) => name.startsWith("brain.") || name.startsWith("state."))) {
    for (let occurrence = 1; ; occurrence++) {
      const box = sandbox({ remote: false });
      const berth = await box.open(box.hub);
      const notes = await openNotes(berth.project);
      await put(notes);
      const kill = { step, occurrence, group: false } as const;
      const { killed } = await once(box, { dir: box.hub, agent: "w" }, "setSession", { feature: "Login" }, { kill });
      const after = await berth.setSession({ task: "after" });
      expect(after, step).toMatchObject({ currentMode: "coding", activeTask: "after" });
      expect(after.version).toBe(killed && step !== "state.written" ? 6 : 7);
      expect((await notes.list("**")).filter((path) => /session-|current/.test(path))).toEqual([]);
      if (!killed) break;
      reached.add(step);
    }
  }
  expect(reached).toEqual(new Set(["state.read", "state.written", "brain.archived", "brain.written", "brain.removed"]));
});

test("[SIR-06] [SIR-15] killed at any moment, a state is whole, and versions go on without a gap", async () => {
  const box = sandbox({ remote: false });
  const berth = await box.open(box.hub);
  let { version } = await berth.getSession();
  for (let n = 0; n < KILLS; n++) {
    const worker = startStateWorker(box.hub, `w${n}`, 60);
    await worker.ready;
    worker.go().catch(() => undefined);
    // It is at work; where in it, chance says.
    await expect.poll(async () => (await berth.getSession()).version, { interval: 1 }).toBeGreaterThan(version);
    await systemClock.sleep(Math.random() * 8);
    await worker.kill();
    ({ version } = await berth.getSession());
    expect((await berth.setSession({ feature: `after ${n}` })).version).toBe(++version);
  }
  const { versions, warnings } = await berth.stateHistory({ limit: Number.MAX_SAFE_INTEGER });
  expect(warnings).toEqual([]);
  const numbers = versions.map(({ state: { version: number } }) => number).toReversed();
  expect(numbers).toEqual(Array.from({ length: version }, (_, i) => i + 1));
});
