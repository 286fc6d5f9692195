import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planned, sandbox } from "../support/sandbox.ts";

test("[ASP-01] [ASP-13] [ASP-17] [ASP-27] a session goes from draft to completed through git alone", async () => {
  const box = sandbox();
  const clone = box.clone("one");
  const berth = await box.open(clone, "agent one");
  await berth.init({});
  const id = await planned(berth, "Number the lines");
  const claimed = await berth.claim({ id });
  if (!("workspace" in claimed) || !claimed.workspace) throw new Error("no workspace");
  const workspace = claimed.workspace.path;
  box.write(workspace, { "src/c.txt": "new\n" });
  box.git(workspace, "add", "src/c.txt");
  box.git(workspace, "commit", "-q", "-m", `[${id}] feat: add c`);
  const landed = await berth.land({ id });
  expect(landed).toMatchObject({ landed: { base: "main" } });
  box.write(workspace, { "src/c.txt": "newer\n" });
  box.git(workspace, "commit", "-q", "-a", "-m", `[${id}] feat: change c`);
  const done = await berth.complete({ id, tick: ["all"], notes: "Done." });
  expect(done).toMatchObject({ workspaceRemoved: true, session: { state: "completed" } });
  expect(box.git(box.hub, "show", "main:src/c.txt")).toBe("newer");
  expect(box.git(box.hub, "ls-tree", "--name-only", "main")).not.toContain(".session");
  expect(box.git(box.hub, "show", `berth/ledger:completed/${id}/SESSION.md`)).toContain("- [x] It works");
  expect(box.git(box.hub, "branch", "--list", "session/*")).toBe("");
  expect(readFileSync(join(clone, "_AGENTS/sessions/sessions.lock"), "utf8")).toBe("");
});
