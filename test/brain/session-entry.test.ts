import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as entry from "../../src/session-state.ts";
import * as library from "../../src/index.ts";
import { BRAIN_STORES } from "../support/brain-worlds.ts";
import { invocation } from "../support/invocation.ts";

test("[SIR-01] each workspace has a state of its own, and the settings may give all of them one", async () => {
  for (const [shared, expected] of [
    [false, "Sign"],
    [true, "Verify"],
  ] as const) {
    const [, make] = BRAIN_STORES[0] ?? [];
    const { box, dir, berth } = await make!(shared ? { settings: ["project: team"] } : {});
    box.git(dir, "worktree", "add", "--quiet", "../linked", "-b", "other");
    box.write(join(box.dir, "linked"), { ".berth/config.yaml": readFileSync(join(dir, ".berth/config.yaml"), "utf8") });
    const linked = await box.open(join(box.dir, "linked"));
    await berth.setSession({ task: "Sign" });
    await linked.setSession({ task: "Verify" });
    expect((await berth.getSession()).activeTask).toBe(expected);
    box.git(dir, "worktree", "move", "../linked", "../moved");
    expect((await (await box.open(join(box.dir, "moved"))).getSession()).activeTask).toBe("Verify");
  }
});

test("[SIR-10] the removed functions are gone, from the library and from its entry of the same style", () => {
  const gone = ["getCurrentSessionId", "getSessionId", "setCurrentSessionId", "cleanupOrphanSessions"];
  for (const name of gone) {
    expect(entry).not.toHaveProperty(name);
    expect(library).not.toHaveProperty(name);
  }
  expect(Object.keys(entry).toSorted()).toEqual([
    "BrainUnavailableError",
    "cleanupSession",
    "getSession",
    "initSession",
    "loadAgentContext",
    "loadSession",
    "saveAgentContext",
    "setSession",
  ]);
  expect([entry.getSession.length, entry.setSession.length, entry.initSession.length]).toEqual([0, 1, 0]);
});

test("[SIR-10] the entry's functions belong to the current folder", async () => {
  const [, make] = BRAIN_STORES[0] ?? [];
  const { dir, berth } = await make!();
  const home = process.cwd();
  process.chdir(dir);
  try {
    expect(entry.initSession()).toBeUndefined();
    await entry.setSession({ mode: "coding", task: "Sign" });
    expect(await entry.getSession()).toEqual(await berth.getSession());
    expect(await entry.loadSession()).toMatchObject({ activeTask: "Sign" });
    await entry.saveAgentContext("qa", invocation("qa"));
    expect(await entry.loadAgentContext("qa")).toEqual(invocation("qa"));
    await entry.cleanupSession();
    expect(await entry.loadSession()).toBeNull();
  } finally {
    process.chdir(home);
  }
});
