import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { changesBetween } from "../../src/git/diff.ts";
import { gitEnvironment } from "../../src/git/environment.ts";
import { commitsBetween } from "../../src/git/history.ts";
import { oid } from "../../src/git/names.ts";
import type { Git } from "../../src/git/run.ts";
import { readStatus } from "../../src/git/status.ts";
import { openBerth } from "../../src/open.ts";
import { planned, program, sandbox } from "../support/sandbox.ts";
import { claimed, commit, refusal, team } from "../support/session.ts";

const odd = ["new\nline", "tab\there", 'quote"d', "-dash", "back\\slash", "ünï", " lead", "trail ", ":(top)x", "star*"];

test("[INV-3] status and differences name files with line breaks, quotes and signs as they are", async () => {
  const box = sandbox({ files: Object.fromEntries(odd.map((name) => [name, "one\n"])) });
  const dir = join(box.dir, "first");
  const git: Git = { dir, env: gitEnvironment(process.env) };
  const before = oid(box.git(dir, "rev-parse", "HEAD"));
  box.write(dir, Object.fromEntries(odd.map((name) => [name, "two\n"])));
  box.write(dir, { "un\ntracked/ä": "x", ".gitignore": "ig*\n", "ig\nnored": "x" });
  const status = await readStatus(git, dir, { ignored: true });
  expect([...status.changed].sort()).toEqual([...odd].sort());
  expect([...status.untracked].sort()).toEqual([".gitignore", "un\ntracked/ä"]);
  expect(status).toMatchObject({ ignored: ["ig\nnored"], branch: "main", head: before });
  commit(box, dir, "two");
  const after = oid(box.git(dir, "rev-parse", "HEAD"));
  const changes = await changesBetween(git, before, after);
  expect(changes.map((c) => c.path).sort()).toEqual([...odd, ".gitignore", "un\ntracked/ä"].sort());
  for (const name of odd) expect(await changesBetween(git, before, after, name)).toHaveLength(1);
  box.git(dir, "checkout", "--quiet", "--detach");
  expect((await readStatus(git, dir)).branch).toBeNull();
});

test("[INV-3] settings of the user's that change what git prints change nothing of what is read", async () => {
  const { box, home, berth } = await team();
  for (const [key, value] of Object.entries({
    "log.showSignature": "true",
    "log.decorate": "full",
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.external": "false",
    "format.attach": "yes",
    "format.signOff": "true",
    "status.showUntrackedFiles": "no",
    "status.renames": "copies",
    "color.ui": "always",
    "merge.ff": "false",
    "commit.verbose": "true",
    "clone.defaultRemoteName": "hub",
    "push.default": "nothing",
    "fetch.prune": "true",
  })) {
    box.git(home, "config", key, value);
  }
  const id = await planned(berth, "Odd settings");
  const dir = await claimed(berth, id);
  commit(box, dir, `[${id}] feat: c`, { "src/c.txt": "new\n" });
  box.write(dir, { "left over": "x" });
  await refusal(berth.land({ id }), "DIRTY");
  const done = await berth.complete({ id, commit: true, message: "chore: all" });
  expect(done).toMatchObject({ workspaceRemoved: true });
  box.write(box.dir, { "final.patch": `${box.git(box.hub, "show", `berth/ledger:completed/${id}/${id}.patch`)}\n` });
  box.git(home, "-c", "diff.noprefix=false", "apply", "--check", join(box.dir, "final.patch"));
  const seen = await berth.trace({ target: "src/c.txt" });
  expect(seen.entries).toHaveLength(1);
  const git: Git = { dir: home, env: gitEnvironment(process.env) };
  const [newest] = await commitsBetween(git, [], oid(box.git(box.hub, "rev-parse", "main")), { limit: 1 });
  expect(newest?.author.name).toBe("agent one");
});

test("[INV-3] what a hook's environment says of repository, index and identity does not reach git", async () => {
  const { box, home } = await team();
  const elsewhere = join(box.dir, "elsewhere");
  box.git(box.dir, "init", "--quiet", elsewhere);
  const berth = await openBerth(home, {
    env: {
      ...process.env,
      GIT_DIR: join(elsewhere, ".git"),
      GIT_WORK_TREE: elsewhere,
      GIT_INDEX_FILE: join(elsewhere, ".git", "other-index"),
      GIT_OBJECT_DIRECTORY: join(elsewhere, ".git", "objects"),
      GIT_AUTHOR_NAME: "Mallory",
      GIT_AUTHOR_EMAIL: "mallory@berth.test",
      GIT_COMMITTER_NAME: "Mallory",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "user.name",
      GIT_CONFIG_VALUE_0: "Mallory",
      GIT_NAMESPACE: "other",
      GIT_EXTERNAL_DIFF: "false",
      GIT_LITERAL_PATHSPECS: "1",
    },
    agent: "agent one",
    program,
    machineDir: join(box.dir, "machine"),
  });
  try {
    const id = await planned(berth, "From a hook");
    const dir = await claimed(berth, id);
    await berth.log({ text: "Noted", session: id });
    commit(box, dir, `[${id}] feat: c`, { "src/c.txt": "new\n" });
    await berth.complete({ id });
    expect(box.git(box.hub, "log", "--format=%an%n%cn", "main", "berth/ledger")).not.toContain("Mallory");
    expect(box.git(elsewhere, "count-objects")).toBe("0 objects, 0 kilobytes");
  } finally {
    berth.close();
  }
});

test("the library opens a repository without being told anything, and reads no environment for it", async () => {
  const { home } = await team();
  vi.stubEnv("BERTH_DATABASE_URL", "nonsense");
  vi.stubEnv("BERTH_HOME", "/nowhere");
  vi.stubEnv("GIT_DIR", "/nowhere");
  const berth = await openBerth(home);
  try {
    expect(await berth.list({})).toMatchObject({ sessions: [] });
    expect((await berth.status({})).store.place).toContain(home);
    expect(berth.project.program.map((file) => existsSync(file))).toEqual([true, true]);
    expect(berth.project.machineDir).toContain(homedir());
  } finally {
    berth.close();
    vi.unstubAllEnvs();
  }
});

for (const [said, ok] of [
  ["git version 2.38.9", false],
  ["git version 1.9", false],
  ["git version 2.39.0.windows.1", true],
  ["what?", false],
] as const) {
  test(`[INV-8] a git that says "${said}" is ${ok ? "taken" : "refused with what is needed"}`, async () => {
    const box = sandbox();
    const bin = join(box.dir, "bin");
    mkdirSync(bin);
    symlinkSync(box.git(box.dir, "--exec-path"), join(bin, "core"));
    const real = join(bin, "core", "git");
    writeFileSync(
      join(bin, "git"),
      `#!/bin/sh\nfor a in "$@"; do [ "$a" = version ] && echo "${said}" && exit 0; done\nexec "${real}" "$@"\n`,
    );
    chmodSync(join(bin, "git"), 0o755);
    const opening = openBerth(join(box.dir, "first"), {
      env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}` },
      program,
      machineDir: join(box.dir, "machine"),
    });
    if (ok) return (await opening).close();
    const error = await refusal(opening, "GIT_TOO_OLD");
    expect(error.message).toContain("2.39");
    expect(error.message).toContain(said);
  });
}
