import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { planned, program, sandbox } from "../support/sandbox.ts";

/** The protocol's quick start, as printed there, between its comments. */
function quickStart(id: string): string {
  return `
set -eu
./sessions/_bin/claim-session ${id}
cd .sessions/${id}
source ../../sessions/active/${id}/.session-env
test "$SESSION_ID" = ${id}
echo "from the session" > src/new.txt
git add src/new.txt && git commit --quiet -m "[$SESSION_ID] feat: add a file"
cd ../..
./sessions/_bin/complete-session ${id}
`;
}

describe("the quick start of the protocol", () => {
  for (const shell of ["bash", "zsh"]) {
    test(`[ASP-24] gives what it promises in ${shell}, at the paths it prints`, async ({ skip }) => {
      if (spawnSync(shell, ["-c", "true"]).status !== 0) skip(`${shell} is not installed`);
      const box = sandbox();
      const clone = box.clone("one");
      const berth = await box.open(clone);
      await berth.init({ ledger: { path: "sessions" }, workspace: { kind: "clone" } });
      const again = await box.open(clone);
      const id = await planned(again, "Feature X");
      const env = {
        ...process.env,
        BERTH_BIN: program.at(-1),
        PATH: `${join(process.execPath, "..")}:${process.env["PATH"]}`,
      };
      const said = execFileSync(shell, ["-c", quickStart(id)], {
        cwd: clone,
        env,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        timeout: 60_000,
      });
      expect(said).toContain(`Completed ${id}`);
      expect(box.git(box.hub, "show", "main:src/new.txt")).toBe("from the session");
      expect(box.git(box.hub, "ls-tree", "--name-only", "berth/ledger:completed")).toContain(id);
      expect(box.git(box.hub, "show", "berth/ledger:sessions.lock")).toBe("");
      expect(existsSync(join(clone, ".sessions", id))).toBe(false);
      expect(statSync(join(clone, "sessions/completed", id, "SESSION.md")).mode & 0o777).toBe(0o444);
    });
  }

  test("[ASP-24] [ASP-09] the scripts work from any folder of the repository; the plan is read-only from the claim on", async () => {
    const box = sandbox();
    const clone = box.clone("one");
    const berth = await box.open(clone);
    await berth.init({});
    const id = await planned(berth, "Feature Y");
    const env = {
      ...process.env,
      BERTH_BIN: program.at(-1),
      PATH: `${join(process.execPath, "..")}:${process.env["PATH"]}`,
    };
    const plan = join(clone, "_AGENTS/sessions/planned", id, "SESSION.md");
    expect(statSync(plan).mode & 0o777).toBe(0o644);
    execFileSync(join(clone, "_AGENTS/sessions/_bin/claim-session"), [id], {
      cwd: join(clone, "_AGENTS/sessions/planned"),
      env,
      stdio: "pipe",
      timeout: 60_000,
    });
    expect(statSync(join(clone, "_AGENTS/sessions/active", id, "SESSION.md")).mode & 0o777).toBe(0o444);
    expect(statSync(join(clone, ".worktrees", id, ".session/SESSION.md")).mode & 0o777).toBe(0o444);
    execFileSync(join(clone, "_AGENTS/sessions/_bin/complete-session"), [id], {
      cwd: join(clone, "src"),
      env,
      stdio: "pipe",
      timeout: 60_000,
    });
    expect(box.git(box.hub, "ls-tree", "--name-only", "berth/ledger:completed")).toContain(id);
  });
});
