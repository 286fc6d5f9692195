import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { VERBS } from "../../src/cli/registry.ts";
import { bundledLedger } from "../../src/ledger/template.ts";
import { complaint, missing } from "./shells.ts";

const id = "2025-10-14-feature-x";
let dir = "";
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "berth-bundled-")));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function git(cwd: string, ...args: string[]): string {
  const { stdout, stderr, status } = spawnSync("git", args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** A hub with a code branch and a ledger that has one planned session. */
async function makeHub(): Promise<string> {
  const hub = join(dir, "hub.git");
  git(dir, "init", "--quiet", "--bare", hub);
  const seed = join(dir, "seed");
  git(dir, "clone", "--quiet", hub, seed);
  git(seed, "commit", "--quiet", "--allow-empty", "-m", "start");
  git(seed, "push", "--quiet", "origin", "HEAD:main");
  git(seed, "switch", "--quiet", "--orphan", "berth/ledger");
  for (const { path, mode, content } of [
    ...(await bundledLedger()),
    { path: `planned/${id}/SESSION.md`, mode: "100644", content: "# X\n" },
  ]) {
    mkdirSync(dirname(join(seed, path)), { recursive: true });
    writeFileSync(join(seed, path), content);
    if (mode === "100755") chmodSync(join(seed, path), 0o755);
  }
  git(seed, "add", ".");
  git(seed, "commit", "--quiet", "-m", "ledger");
  git(seed, "push", "--quiet", "origin", "berth/ledger");
  return hub;
}

function makeClone(hub: string, name: string): string {
  const clone = join(dir, name);
  git(dir, "clone", "--quiet", "--branch", "main", hub, clone);
  git(clone, "worktree", "add", "--quiet", "--detach", "_AGENTS/sessions", "origin/berth/ledger");
  return clone;
}

async function textOf(path: string): Promise<string> {
  const file = (await bundledLedger()).find((entry) => entry.path === path);
  if (!file) throw new Error(`${path} is missing`);
  return file.content.toString("utf8");
}

/** Fenced blocks whose first line begins with this language and label. */
async function blocks(path: string, info: RegExp): Promise<string[]> {
  const text = await textOf(path);
  return [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)]
    .filter((match) => info.test(match[1] ?? ""))
    .map((match) => match[2] ?? "");
}

describe("[ASP-28] what a new ledger holds", () => {
  test("is the folder of the protocol: states, lock, templates, scripts, documents", async () => {
    const files = await bundledLedger();
    expect(files.map((file) => `${file.mode} ${file.path}`)).toEqual([
      "100644 SESSIONS-README.md",
      "100644 SESSIONS-REFERENCE.md",
      "100755 _bin/claim-session",
      "100755 _bin/complete-session",
      "100755 _bin/run-berth",
      "100644 _templates/SESSION.md.j2",
      "100644 _templates/kb-merge-SESSION.md.j2",
      "100644 _templates/session-env.template.j2",
      ...["abandoned", "active", "completed", "drafting", "planned"].map((state) => `100644 ${state}/.gitkeep`),
      "100644 sessions.lock",
    ]);
    expect(files.filter((file) => file.content.length === 0).map((file) => file.path)).toContain("sessions.lock");
  });

  const documents = ["SESSIONS-README.md", "SESSIONS-REFERENCE.md"];

  test.each(documents)("%s names only verbs that exist", async (path) => {
    const text = await textOf(path);
    const named = [...text.matchAll(/(?:^|[`(]|\$\(|eval "\$\()berth ([a-z]+)/gm)].map((match) => match[1] ?? "");
    expect(named.length).toBeGreaterThan(5);
    const known = new Set(VERBS.map((verb) => verb.name.split(" ")[0]));
    expect(named.filter((verb) => !known.has(verb))).toEqual([]);
  });

  test.each(documents)("%s has examples that shells can read", async (path) => {
    for (const shell of ["bash", "fish"]) {
      if (missing(shell)) continue;
      for (const [at, block] of (await blocks(path, new RegExp(`^${shell}`))).entries()) {
        const file = join(dir, `${at}.${shell}`);
        writeFileSync(file, block);
        expect(complaint(shell, file)).toBe("");
      }
    }
  });

  test.each(documents)("%s links to headings and files that exist", async (path) => {
    const headings = new Set(
      [...(await textOf("SESSIONS-REFERENCE.md")).matchAll(/^#+ (.*)$/gm)].map(
        (match) =>
          `#${(match[1] ?? "")
            .toLowerCase()
            .replaceAll(/[^a-z0-9 -]/g, "")
            .replaceAll(" ", "-")}`,
      ),
    );
    const links = [...(await textOf(path)).matchAll(/\]\(([^)]*)\)/g)].map((match) => match[1] ?? "");
    for (const link of links) {
      if (link.startsWith("#")) expect([...headings]).toContain(link);
      else expect(documents).toContain(link);
    }
  });
});

describe("[ASP-29] the claim by hand, as the reference prints it", () => {
  const claim = async (clone: string, change: (block: string) => string = (block) => block): Promise<number | null> => {
    const [block = ""] = await blocks("SESSIONS-REFERENCE.md", /^bash manual-claim$/);
    return spawnSync("bash", ["-e", "-c", change(block)], { cwd: clone }).status;
  };

  test("claims the session on the hub, once", async () => {
    const hub = await makeHub();
    const [first, second] = [makeClone(hub, "first"), makeClone(hub, "second")];
    expect(await claim(first)).toBe(0);
    expect(git(hub, "ls-tree", "-r", "--name-only", "berth/ledger", "active/", "planned/")).toBe(
      `active/.gitkeep\nactive/${id}/SESSION.md\nplanned/.gitkeep\n`,
    );
    expect(git(hub, "show", "berth/ledger:sessions.lock")).toMatch(new RegExp(`^${id}:\\d{10}\\n$`));
    expect(git(hub, "log", "-1", "--format=%s", "berth/ledger")).toBe(`[${id}] Claim session\n`);
    expect(await claim(second)).not.toBe(0);
    const late = (block: string): string => block.replace(/git fetch origin\ngit switch.*\n/, "");
    expect(await claim(second, late)).not.toBe(0);
    expect(git(hub, "rev-list", "--count", "berth/ledger")).toBe("2\n");
  });

  test("works without a remote", async () => {
    const clone = makeClone(await makeHub(), "alone");
    git(clone, "branch", "berth/ledger", "origin/berth/ledger");
    git(clone, "remote", "remove", "origin");
    const local = (block: string): string =>
      block
        .replace(/git fetch origin\ngit switch.*\n/, "")
        .replace("git push origin HEAD:berth/ledger", "git push . HEAD:berth/ledger");
    expect(await claim(clone, local)).toBe(0);
    expect(git(clone, "ls-tree", "-r", "--name-only", "berth/ledger", "active/")).toContain(`active/${id}/SESSION.md`);
  });
});

describe("[ASP-24] the scripts in _bin", () => {
  /** A program that says how it was called. */
  function fake(path: string, name: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\necho "${name}|$(pwd -P)|$*"\nexit 4\n`, { mode: 0o755 });
  }

  /** A PATH with what the scripts need, and neither berth nor npx. */
  function tools(): string {
    const bin = join(dir, "bin");
    mkdirSync(bin);
    for (const tool of ["git", "sed", "dirname", "sh"]) {
      symlinkSync(spawnSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).stdout.trim(), join(bin, tool));
    }
    return bin;
  }

  test("start Berth from any folder, wherever it is, and pass on its answer", async () => {
    const clone = makeClone(await makeHub(), "clone dir");
    git(clone, "worktree", "add", "--quiet", "-b", `session/${id}`, `.worktrees/${id}`);
    const path = tools();
    const script = join(clone, "_AGENTS/sessions/_bin/claim-session");
    const run = (
      cwd: string,
      env: Record<string, string>,
      program = script,
    ): { out: string; err: string; status: number | null } => {
      const { stdout, stderr, status } = spawnSync(program, [id, "--json"], {
        cwd,
        env: { PATH: path, HOME: dir, ...env },
        encoding: "utf8",
      });
      return { out: stdout.trim(), err: stderr, status };
    };

    const none = run(clone, {});
    expect(none).toMatchObject({ out: "", status: 1 });
    expect(none.err).toMatch(/not found: not in BERTH_BIN, not on PATH, not in .*clone dir\/node_modules/);

    fake(join(clone, "node_modules/.bin/berth"), "local");
    expect(run(clone, {})).toMatchObject({ out: `local|${clone}|claim ${id} --json`, status: 4 });
    fake(join(path, "berth"), "path");
    expect(run(clone, {})).toMatchObject({ out: `path|${clone}|claim ${id} --json`, status: 4 });
    fake(join(dir, "own/berth"), "own");
    expect(run(clone, { BERTH_BIN: join(dir, "own/berth") })).toMatchObject({
      out: `own|${clone}|claim ${id} --json`,
      status: 4,
    });

    const workspace = join(clone, ".worktrees", id);
    expect(run(workspace, {}).out).toBe(`path|${workspace}|claim ${id} --json`);
    expect(run(join(clone, "_AGENTS/sessions"), {}, "./_bin/claim-session").out).toBe(
      `path|${clone}|claim ${id} --json`,
    );
    expect(run(join(clone, "_AGENTS/sessions/_bin"), {}, "./complete-session").out).toBe(
      `path|${clone}|complete ${id} --json`,
    );
    expect(run(join(clone, "_AGENTS"), {}, "sessions/_bin/complete-session").out).toBe(
      `path|${join(clone, "_AGENTS")}|complete ${id} --json`,
    );
  });
});
