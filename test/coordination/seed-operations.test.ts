import { expect, test } from "vitest";
import { type Berth, type SeedOperations, seedOperations } from "../../src/index.ts";
import { team } from "../support/session.ts";

async function operations(): Promise<SeedOperations & { berth: Berth }> {
  const { berth } = await team({ remote: false });
  return { ...seedOperations(berth), berth };
}

/** A context that can be changed, as its reader has it. */
async function read(seed: SeedOperations, agent: string): Promise<{ shared_knowledge: Record<string, unknown> }> {
  return structuredClone(await seed.syncContext(agent)) as never;
}

test("[XCS-21] the seed's coordinator: sessions register, beat, are found by role, get tasks, and leave", async () => {
  const seed = await operations();
  expect(await seed.registerSession("session1_frontend", "frontend", "claude_code_1")).toBe(true);
  expect(await seed.registerSession("session2_backend", "backend", "claude_code_2")).toBe(true);
  const racing = ["a", "b", "c"].map((role) => seed.registerSession("same", role, role));
  expect((await Promise.all(racing)).filter(Boolean)).toHaveLength(1);
  expect(await seed.registerSession("session1_frontend", "frontend", "claude_code_1")).toBe(false);
  expect(await seed.deregisterSession("same")).toBe(true);
  expect(await seed.updateHeartbeat("session1_frontend")).toBe(true);
  expect(await seed.updateHeartbeat("nobody")).toBe(false);
  expect((await seed.getActiveSessions()).map((session) => session["session_id"])).toEqual([
    "session1_frontend",
    "session2_backend",
  ]);
  expect(await seed.getSessionByRole("backend")).toMatchObject({
    agent_id: "claude_code_2",
    role: "backend",
    status: "active",
  });
  expect(await seed.getSessionByRole("testing")).toBeNull();
  expect(await seed.assignTask("FEAT-1", "backend")).toBe("session2_backend");
  expect(await seed.getSessionByRole("backend")).toMatchObject({ current_task: "FEAT-1" });
  expect(await seed.assignTask("FEAT-2", "testing")).toBe("session1_frontend");
  expect(await seed.assignTask("feat/3: a table of users", "backend")).toBe("session2_backend");
  await expect(seed.assignTask("feat/3: a table of users", "backend")).rejects.toMatchObject({ code: "NOTHING_FITS" });
  expect(await seed.detectDeadSessions()).toEqual([]);
  expect(await seed.deregisterSession("session1_frontend")).toBe(true);
  expect(await seed.deregisterSession("session1_frontend")).toBe(false);
});

test("[XCS-21] the seed's context manager: a write starts from what its session last read; conflicts are found and merged", async () => {
  const seed = await operations();
  expect(await seed.writeSharedContext({ shared_knowledge: { feature: "A", done: ["x"] } }, "one")).toBe(true);
  await seed.syncContext("two");
  expect(await seed.writeSharedContext({ shared_knowledge: { feature: "B", done: ["x"] } }, "one")).toBe(true);
  expect(await seed.writeSharedContext({ shared_knowledge: { feature: "A", done: ["x", "y"] } }, "two")).toBe(true);
  expect((await seed.readSharedContext())["shared_knowledge"]).toMatchObject({ feature: "B", done: ["x", "y"] });
  await seed.syncContext("two");
  const hash = await seed.createContextSnapshot();
  expect(hash).toMatch(/^sha256:/);
  expect(await seed.writeSharedContext({ shared_knowledge: { feature: "C", done: ["x", "y"] } }, "one")).toBe(true);
  expect(await seed.writeSharedContext({ shared_knowledge: { feature: "D", done: ["x", "y"] } }, "two")).toBe(false);
  expect((await seed.syncContext("one"))["shared_knowledge"]).toMatchObject({
    feature: "C",
    open_conflicts: ["feature"],
  });
  expect(await seed.rollbackContext(hash)).toBe(true);
  expect((await seed.readSharedContext())["shared_knowledge"]).toMatchObject({ feature: "B" });
  expect(await seed.rollbackContext("sha256:none")).toBe(false);
  const found = seed.detectConflicts(
    { shared_knowledge: { same: 1, list: [1], word: "a", own: 1 } },
    { shared_knowledge: { same: 1, list: [2], word: "b", other: 1 } },
  );
  expect(found.map(({ path, type }) => [path, type])).toEqual([
    ["list", "overlapping"],
    ["word", "contradiction"],
  ]);
  expect(seed.autoMerge(found)).toEqual({ list: [1, 2] });
});

test("[XCS-21] [XCS-08] a context is written from the version that it was read at, whatever its session has read since", async () => {
  const seed = await operations();
  expect(await seed.writeSharedContext({ shared_knowledge: { k: 1, gone: 1 } }, "one")).toBe(true);
  const stale = await read(seed, "one");
  const theirs = await read(seed, "two");
  theirs.shared_knowledge["k"] = 99;
  theirs.shared_knowledge["other"] = "important";
  expect(await seed.writeSharedContext(theirs as never, "two")).toBe(true);
  await seed.syncContext("one");
  stale.shared_knowledge["mine"] = 1;
  delete stale.shared_knowledge["gone"];
  expect(await seed.writeSharedContext(stale as never, "one")).toBe(true);
  const { shared_knowledge: now } = await read(seed, "one");
  expect(now).toEqual({ k: 99, other: "important", mine: 1, open_conflicts: [] });
  const [mine, other] = [await read(seed, "one"), await read(seed, "two")];
  mine.shared_knowledge["k"] = 5;
  other.shared_knowledge["k"] = 6;
  for (const agent of ["one", "two"]) await seed.berth.inbox({ agent });
  expect(await seed.writeSharedContext(mine as never, "one")).toBe(true);
  expect(await seed.writeSharedContext(other as never, "two")).toBe(false);
  for (const agent of ["one", "two"])
    expect((await seed.berth.inbox({ agent })).messages).toMatchObject([{ kind: "context.conflict" }]);
});
