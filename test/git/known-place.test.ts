import { chmodSync, chownSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { gitEnvironment } from "../../src/git/environment.ts";
import { findPlace, type Place } from "../../src/git/known-place.ts";
import { sandbox } from "../support/sandbox.ts";
import { refusal } from "../support/session.ts";

interface Folder {
  readonly top: string;
  readonly box: ReturnType<typeof sandbox>;
  readonly env: Record<string, string>;
  readonly memory: string;
  /** What is found there, and how often git was run for it. */
  readonly find: (dir?: string) => Promise<Place & { readonly runs: number }>;
}

/** A clone, a home of its own, and a git that counts how often it is run. */
function folder(): Folder {
  const box = sandbox();
  const top = box.clone("one");
  const [bin, home, log] = [join(box.dir, "bin"), join(box.dir, "home"), join(box.dir, "log")];
  mkdirSync(bin);
  mkdirSync(home);
  writeFileSync(join(home, ".gitconfig"), "[user]\n\tname = First\n");
  const path = process.env["PATH"] ?? "";
  writeFileSync(join(bin, "git"), `#!/bin/sh\necho run >>'${log}'\nPATH='${path}' exec git "$@"\n`);
  chmodSync(join(bin, "git"), 0o755);
  const { GIT_CONFIG_GLOBAL: _, ...rest } = gitEnvironment(process.env);
  const env = { ...rest, PATH: `${bin}:${path}`, HOME: home, XDG_CONFIG_HOME: join(home, "xdg") };
  const memory = join(box.dir, "memory");
  const find: Folder["find"] = async (dir = top) => {
    writeFileSync(log, "");
    const found = await findPlace({ dir, env }, () => memory);
    return { ...found, runs: readFileSync(log, "utf8").split("\n").length - 1 };
  };
  return { top, box, env, memory, find };
}

function valueOf({ settings }: Place, name: string): string | undefined {
  return settings?.findLast((setting) => setting.name === name)?.value;
}

test("git is asked once where a folder is, and not again while nothing changed", async () => {
  const { top, box, find } = folder();
  const first = await find();
  expect(first).toMatchObject({ here: { top, gitDir: join(top, ".git"), mainTop: top }, runs: 2 });
  expect(await find()).toEqual({ ...first, runs: 0 });
  mkdirSync(join(top, "deep/er"), { recursive: true });
  expect(await find(join(top, "deep/er"))).toEqual({ ...first, runs: 0 });
  box.git(top, "commit", "--quiet", "--allow-empty", "-m", "More");
  expect(await find()).toMatchObject({ runs: 0 });
});

test("what git would say otherwise by now is asked again", async () => {
  const { top, box, env, memory, find } = folder();
  const home = env["HOME"] ?? "";
  const changed = async (name: string, value: string | undefined): Promise<void> => {
    const found = await find();
    expect([found.runs > 0, valueOf(found, name)], name).toEqual([true, value]);
    expect(await find()).toEqual({ ...found, runs: 0 });
  };
  await changed("user.name", "First");
  writeFileSync(join(home, ".gitconfig"), "[user]\n\tname = Other\n");
  await changed("user.name", "Other");
  mkdirSync(join(home, "xdg/git"), { recursive: true });
  writeFileSync(join(home, "xdg/git/config"), "[user]\n\temail = other@berth.test\n");
  await changed("user.email", "other@berth.test");
  box.git(top, "config", "user.name", "Here");
  await changed("user.name", "Here");
  box.git(top, "config", "core.bare", "true");
  expect(await find()).toMatchObject({ here: { top: null } });
  box.git(top, "config", "core.bare", "false");
  await changed("remote.origin.url", box.hub);
  utimesSync(memory, 0, 0);
  await changed("user.name", "Here");
  writeFileSync(memory, "{");
  await changed("user.name", "Here");
  env["GIT_CONFIG_GLOBAL"] = join(home, "none");
  await changed("user.email", undefined);
});

test("another repository within one, a linked work tree, and what is no repository any more are told apart", async () => {
  const { top, box, find } = folder();
  await find();
  const inner = join(top, "inner");
  mkdirSync(inner);
  expect(await find(inner)).toMatchObject({ here: { top }, runs: 0 });
  box.git(inner, "init", "--quiet");
  expect(await find(inner)).toMatchObject({ here: { top: inner }, runs: 2 });
  expect(await find()).toMatchObject({ here: { top } });
  const bare = join(top, "bare.git");
  box.git(top, "init", "--quiet", "--bare", bare);
  expect(await find(join(bare, "refs"))).toMatchObject({ here: { top: null, gitDir: bare } });
  expect(await find(join(top, ".git"))).toMatchObject({ here: { top: null, gitDir: join(top, ".git") } });
  const linked = join(box.dir, "linked");
  box.git(top, "worktree", "add", "--quiet", "--detach", linked);
  const first = await find(linked);
  expect(first).toMatchObject({ here: { top: linked, mainTop: top, commonDir: join(top, ".git") } });
  expect(await find(linked)).toEqual({ ...first, runs: 0 });
  renameSync(join(top, ".git/HEAD"), join(top, ".git/HEAD.aside"));
  await refusal(find(), "NOT_A_REPOSITORY");
  rmSync(join(top, ".git"), { recursive: true });
  await refusal(find(), "NOT_A_REPOSITORY");
});

test("nothing is remembered where settings include others, or come from variables", async () => {
  const { env, find } = folder();
  env["GIT_CONFIG_COUNT"] = "1";
  env["GIT_CONFIG_KEY_0"] = "http.extraHeader";
  env["GIT_CONFIG_VALUE_0"] = "Authorization: secret";
  for (const _ of [1, 2]) expect((await find()).runs).toBeGreaterThan(0);
  delete env["GIT_CONFIG_COUNT"];
  writeFileSync(join(env["HOME"] ?? "", ".gitconfig"), '[includeIf "onbranch:main"]\n\tpath = more\n');
  for (const _ of [1, 2]) expect((await find()).runs).toBeGreaterThan(0);
});

test.runIf(process.getuid?.() === 0)(
  "what another user could have written is asked of git, which may refuse it",
  async () => {
    const { top, memory, find } = folder();
    await find();
    chownSync(memory, 65_534, 65_534);
    expect(await find()).toMatchObject({ runs: 2 });
    chownSync(memory, 0, 0);
    for (const path of [join(top, ".git"), top]) {
      expect(await find()).toMatchObject({ runs: 0 });
      chownSync(path, 65_534, 65_534);
      onTestFinished(() => chownSync(path, 0, 0));
      const found = await find().catch(() => ({ runs: 2 }));
      expect(found).toMatchObject({ runs: 2 });
      chownSync(path, 0, 0);
    }
  },
);
