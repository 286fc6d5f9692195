import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import * as entry from "../../src/session-state.ts";
import * as library from "../../src/index.ts";
import { BRAIN_STORES } from "../support/brain-worlds.ts";
import { invocation } from "../support/invocation.ts";
import { serverWorld } from "../support/server-world.ts";

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

test("[SIR-01] a workspace that gets the name of one that is gone begins anew", async () => {
  const [, make] = BRAIN_STORES[0] ?? [];
  const { box, dir } = await make!();
  const [first, second] = [join(box.dir, "one/feat"), join(box.dir, "two/feat")];
  box.git(dir, "worktree", "add", "--quiet", first, "-b", "f1");
  await (await box.open(first)).setSession({ mode: "coding", task: "secret" });
  box.git(dir, "worktree", "remove", "--force", first);
  box.git(dir, "worktree", "add", "--quiet", second, "-b", "f2");
  expect(await (await box.open(second)).loadSession()).toBeNull();
});

test("[SIR-01] a name of a project that leads elsewhere is refused", async () => {
  const [, make] = BRAIN_STORES[0] ?? [];
  for (const name of ["../../..", "a/b", ".", "..", "x".repeat(300), "a.", " a"])
    await expect(make!({ settings: [`project: ${JSON.stringify(name)}`] }), name).rejects.toMatchObject({
      code: "INVALID",
    });
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
  const { box, dir, berth } = await make!();
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
    // A repository that comes to be around the folder is the project from then on.
    await entry.setSession({ task: "outer" });
    mkdirSync(join(dir, "inner"));
    process.chdir(join(dir, "inner"));
    expect(await entry.loadSession()).toMatchObject({ activeTask: "outer" });
    box.git(join(dir, "inner"), "init", "--quiet");
    expect(await entry.loadSession()).toBeNull();
  } finally {
    process.chdir(home);
  }
});

test("[SIR-10] [SIR-11] a program that keeps its notes on a server ends by itself", async () => {
  const { box } = await serverWorld({ timeout: 10 });
  const source = pathToFileURL(join(import.meta.dirname, "../../src/session-state.ts")).href;
  const script = `import { getSession, setSession } from ${JSON.stringify(source)};
    await setSession({ task: "Sign" });
    console.log((await getSession()).activeTask);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], { cwd: box.hub, stdio: "pipe" });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
  expect(await once(child, "close")).toEqual([0, null]);
  expect(Buffer.concat(said).toString()).toBe("Sign\n");
});
