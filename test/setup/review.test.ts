import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import type { BerthError } from "../../src/errors.ts";
import { gitEnvironment } from "../../src/git/environment.ts";
import { planned, sandbox } from "../support/sandbox.ts";
import { commit, refs, refusal, team, working } from "../support/session.ts";

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

test("a branch that leaves no room for ours is named before anything is made, and by doctor", async () => {
  for (const [branch, remote] of [
    ["session", true],
    ["berth", true],
    ["session", false],
    ["berth", false],
  ] as const) {
    const box = sandbox({ remote });
    box.git(box.hub, "branch", branch, "main");
    const home = remote ? box.clone("home") : box.hub;
    const error = await refusal((await box.open(home, "agent one")).init({ base: "main" }), "HUB_REFUSED");
    expect([error.message, error.hint].join(), `${branch} ${remote}`).toMatch(
      new RegExp(`branch "${branch}".*Rename`, "s"),
    );
    expect(existsSync(join(home, ".berth"))).toBe(false);
    const found = (await (await box.open(home)).doctor({})).checks.find((check) => check.name === "hub-branches");
    expect(found?.ok).toBe(false);
  }
});

test("a branch named session stops a claim before it is published", async () => {
  const { box, home, berth } = await team();
  const id = await planned(berth, "No room");
  box.git(home, "branch", "session");
  const before = refs(box);
  expect((await refusal(berth.claim({ id }), "FAILED")).hint).toContain("git branch -m session");
  expect(refs(box)).toBe(before);
  box.git(home, "branch", "-D", "session");
  box.git(box.hub, "branch", "session", "main");
  const afterwards = refs(box);
  expect((await refusal(berth.claim({ id }), "HUB_REFUSED")).message).toContain('branch "session"');
  expect(refs(box)).toBe(afterwards);
});

test("uninit keeps settings that hold edits no commit has", async () => {
  const { box, home, berth } = await team();
  box.git(home, "add", "--all");
  box.git(home, "commit", "--quiet", "-m", "Set up Berth");
  const file = join(home, ".berth/config.yaml");
  appendFileSync(file, "knowledge: docs\n");
  const done = await berth.uninit({});
  expect(done.kept.join()).toContain(`${file} (it holds edits`);
  expect(readFileSync(file, "utf8")).toContain("knowledge: docs");
});

test("the way to an ended session's workspace is not a claim", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Soon over");
  commit(box, dir, `[${id}] feat: work`, { "work.txt": "work\n" });
  await berth.complete({ id, tick: ["all"] });
  expect((await refusal(berth.path({ id }), "NOT_FOUND")).hint).toContain(
    `It is completed; look at it with: berth show`,
  );
});

test("a sync takes a subject and a command that must pass before the workspace moves", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Behind");
  commit(box, home, "Elsewhere", { "else.txt": "else\n" });
  box.git(home, "push", "--quiet", "origin", "HEAD:main");
  const before = box.git(dir, "rev-parse", "HEAD");
  await refusal(berth.sync({ id, message: "no type" }), "USAGE");
  await refusal(berth.sync({ id, verify: "test ! -e else.txt" }), "VERIFY_FAILED");
  expect(box.git(dir, "rev-parse", "HEAD")).toBe(before);
  await berth.sync({ id, message: "chore: take the others' work in", verify: "test -e else.txt" });
  expect(box.git(dir, "log", "-1", "--format=%s")).toBe(`[${id}] chore: take the others' work in`);
});

test("settings of git in the environment reach it where they say how a remote is reached", () => {
  const caller: Record<string, string> = { GIT_CONFIG_COUNT: "3", GIT_DIR: "/elsewhere" };
  for (const [i, key] of ["core.worktree", "safe.directory", "core.hooksPath"].entries()) {
    caller[`GIT_CONFIG_KEY_${i}`] = key;
    caller[`GIT_CONFIG_VALUE_${i}`] = "*";
  }
  const { GIT_CONFIG_COUNT, GIT_CONFIG_KEY_0, GIT_CONFIG_KEY_1, GIT_DIR } = gitEnvironment(caller);
  expect([GIT_CONFIG_COUNT, GIT_CONFIG_KEY_0, GIT_CONFIG_KEY_1, GIT_DIR]).toEqual([
    "1",
    "safe.directory",
    undefined,
    undefined,
  ]);
});
