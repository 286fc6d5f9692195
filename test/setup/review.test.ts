import { expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import type { BerthError } from "../../src/errors.ts";

function problems(settings: unknown): string[] {
  try {
    parseConfig(settings, "config.yaml");
    return [];
  } catch (error) {
    return (error as BerthError).facts["problems"] as string[];
  }
}

test("folders of the settings are compared and stored without needless parts", () => {
  expect(parseConfig({ knowledge: "./docs//learnt/" }, "config.yaml").knowledge).toBe("docs/learnt");
});

test.each([
  [{ ledger: { path: "." } }, /^ledger\.path: must be a folder below/],
  [{ ledger: { path: ".git/x" } }, /^ledger\.path: must be a folder below/],
  [{ ledger: { path: "/etc" } }, /^ledger\.path: must be a path inside/],
  [{ workspace: { worktrees: "./" } }, /^workspace\.worktrees: must be a folder below/],
  [{ base: "HEAD" }, /^base: must be a branch name/],
  [{ base: "main\n" }, /^base: must be a branch name/],
  [{ base: "a.lock/b" }, /^base: must be a branch name/],
  [{ ledger: { branch: "a..b" } }, /^ledger\.branch: must be a branch name/],
  [{ ledger: { branch: "session/x" } }, /^ledger\.branch: must not be session/],
  [{ base: "session" }, /^base: must not be session/],
  [{ base: "berth/ledger" }, /^ledger\.branch: must not be the base/],
  [{ base: "berth" }, /^ledger\.branch: git cannot have it beside base/],
  [{ workspace: { clones: "_AGENTS/sessions/clones" } }, /^workspace\.clones: overlaps ledger\.path/],
  [{ workspace: { worktrees: "x", clones: "./x" } }, /^workspace\.clones: overlaps workspace\.worktrees/],
  [{ knowledge: "_AGENTS" }, /^knowledge: overlaps ledger\.path/],
])("settings that would break the repository are refused: %j", (settings, problem) => {
  const found = problems(settings);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(problem);
});

test("branch names that git allows are settings, and all problems are named at once", () => {
  expect(problems({ base: "release/1.0+größer" })).toEqual([]);
  expect(problems({ base: "HEAD", knowledge: ".worktrees", ledger: { path: "." } })).toHaveLength(3);
});
