import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planned, sandbox } from "../support/sandbox.ts";

test("[SIR-01] [CTX-14] [CTX-15] a workspace's context shows its session state, which has one place, and a commit tells it", async () => {
  const box = sandbox({});
  const home = box.clone("home");
  const berth = await box.open(home, "worker");
  await berth.init({});
  const id = await planned(berth, "Number the lines");
  const claimed = await berth.claim({ id });
  const dir = "workspace" in claimed ? (claimed.workspace?.path ?? "") : "";
  const there = await box.open(dir, "worker");
  expect(await there.contextShow({})).toMatchObject({ state: null, warnings: [] });
  await there.setSession({ mode: "coding", task: "Sign tokens", feature: "Login" });
  const state = { mode: "coding", task: "Sign tokens", feature: "Login", version: 2 };
  expect(await there.contextShow({})).toMatchObject({ state, context: { session_state: state } });
  const handoff = await there.contextHandoff({});
  expect(handoff).toMatchObject({ state });
  expect(handoff.markdown).toContain("- At work on: coding mode, Sign tokens, Login\n");
  const file = join(dir, ".session/ACTIVE_SESSION.md");
  expect(readFileSync(file, "utf8")).not.toContain("session_state");
  box.write(dir, { "src/new.txt": "new\n" });
  box.git(dir, "add", "src/new.txt");
  box.git(dir, "commit", "-q", "-m", `[${id}] feat: Work`);
  expect(box.git(dir, "show", "HEAD:.session/ACTIVE_SESSION.md")).toContain("task: Sign tokens\n");
  // The base checkout has a state of its own.
  await expect(there.contextSet({ key: "session_state.task", value: "other" })).rejects.toMatchObject({
    code: "INVALID",
  });
  expect(await berth.loadSession()).toBeNull();
  await there.setSession({ task: "" });
  expect((await there.contextShow({})).context["session_state"]).toMatchObject({ task: null, version: 3 });
  await there.noteWrite({ path: "sessions/session", text: "damaged" });
  expect(await there.contextShow({})).toMatchObject({ state: null, context: { session_state: { version: 2 } } });
  expect((await there.contextShow({})).warnings).toHaveLength(1);
});
