import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cleanEnvironment, runBerth, runShell } from "../cli/run-berth.ts";
import { program } from "../support/sandbox.ts";

interface Summary {
  readonly ok: boolean;
  readonly hub: string;
  readonly kept: string | null;
  readonly agents: readonly { readonly agent: string; readonly clone: string; readonly killed: boolean }[];
  readonly sessions: readonly {
    readonly id: string;
    readonly outcome: string;
    readonly agent: string;
    readonly along: readonly string[];
  }[];
  readonly checks: readonly {
    readonly says: string;
    readonly command: string;
    readonly ok: boolean;
    readonly shown?: string;
  }[];
}

const LIMIT_MS = 120_000;

test("the demo's summary says what plain git says", { timeout: LIMIT_MS }, async () => {
  const folder = emptyFolder();
  const run = await runBerth(["demo", "--json", "--keep"], { cwd: folder, env: temporary(folder) });
  expect(run.code, run.stderr).toBe(0);
  const { summary } = JSON.parse(run.stdout) as { readonly summary: Summary };
  expect(processesIn(folder)).toEqual([]);

  const git = async (...args: string[]): Promise<string[]> => {
    const said = await runShell('git -C "$@"', [summary.hub, ...args]);
    expect(said.code, said.stderr).toBe(0);
    return said.stdout.split("\n").filter((line) => line !== "");
  };
  const sessions = (outcome: string): string[] =>
    summary.sessions.flatMap((session) => (session.outcome === outcome ? [session.id] : [])).toSorted();
  expect(await git("ls-tree", "-d", "--name-only", "berth/ledger:completed")).toEqual(sessions("completed"));
  expect(await git("ls-tree", "-d", "--name-only", "berth/ledger:abandoned")).toEqual(sessions("abandoned"));
  expect(sessions("completed")).toHaveLength(8);
  expect(sessions("abandoned")).toHaveLength(1);

  // Who did what is in the commits as the summary has it, in as many clones as agents were to have.
  for (const { id, agent, outcome, along } of summary.sessions) {
    const landed = await git("log", "--format=%an", `--grep=^Berth-Session: ${id}$`, "main");
    const times = outcome === "completed" ? 1 + along.filter((what) => what === "landed").length : 0;
    expect(landed, id).toEqual(Array.from({ length: times }, () => agent));
  }
  expect(new Set(summary.agents.map(({ clone }) => clone)).size).toBe(3);
  const along = summary.sessions.flatMap((session) => session.along);
  const once = ["conflict", "landed", "learned", "resolved", "restored", "took over"];
  expect(along.toSorted()).toEqual([...once, "killed", "killed"].toSorted());
  expect(summary.agents.filter(({ killed }) => killed)).toHaveLength(2);
  await expectRescued(summary, git);

  // The printed commands are commands, and the tests of the little project pass on what landed.
  expect(summary.ok).toBe(true);
  for (const { command, says, ok } of summary.checks) {
    expect(ok, says).toBe(true);
    expect((await runShell(command, [])).code, command).toBe(0);
  }
  const tested = await runShell('git clone -q "$1" "$2" && cd "$2" && "$3" --test', [
    summary.hub,
    join(folder, "fresh"),
    process.execPath,
  ]);
  expect(tested.code, tested.stdout).toBe(0);
});

test(
  "the demo leaves nothing behind, works on a copy of a repository, and does not touch it",
  {
    timeout: LIMIT_MS,
  },
  async () => {
    const folder = emptyFolder();
    const repository = emptyFolder();
    const made = await runShell(
      'cd "$1" && git init -q -b trunk && echo one > file && git add file && git commit -q -m one',
      [repository],
    );
    expect(made.code, made.stderr).toBe(0);
    const before = filesOf(repository);
    const run = await runBerth(["demo", "--agents", "2", "--repo", repository], {
      cwd: folder,
      env: temporary(folder),
    });
    expect(run.code, run.stdout + run.stderr).toBe(0);
    expect(run.stdout).toContain("23 of 23 statements hold.");
    // What README.md shows of it, but for who it was and what the commit is called.
    for (const line of shownInReadme()) expect(nameless(run.stdout)).toContain(nameless(line));
    expect(readdirSync(folder)).toEqual([]);
    expect(processesIn(folder)).toEqual([]);
    expect(filesOf(repository)).toEqual(before);
  },
);

test("an interrupted demo takes its agents and its folder away", { timeout: LIMIT_MS }, async () => {
  const folder = emptyFolder();
  const [file = "", ...leading] = program;
  const child = spawn(file, [...leading, "demo"], { env: cleanEnvironment(temporary(folder)) });
  let shown = "";
  let asked = false;
  child.stdout.resume();
  child.stderr.on("data", (chunk: Buffer) => {
    shown += chunk.toString("utf8");
    if (shown.includes("worked") && !asked) asked = child.kill("SIGINT");
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(code, shown).toBe(130);
  expect(readdirSync(folder)).toEqual([]);
  expect(processesIn(folder)).toEqual([]);
});

test("a repository that is not there ends the demo at once", async () => {
  const folder = emptyFolder();
  const run = await runBerth(["demo", "--json", "--repo", join(folder, "none")], { env: temporary(folder) });
  expect(run.code).toBe(3);
  expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: "NOT_A_REPOSITORY" } });
  expect(readdirSync(folder)).toEqual([]);
});

/** The agent that was killed in an edit had the line in no commit, and the other one landed it: asked of git anew. */
async function expectRescued(summary: Summary, git: (...args: string[]) => Promise<string[]>): Promise<void> {
  const saved = summary.sessions.find(({ along }) => along.includes("took over"));
  const dead = summary.agents.filter(({ killed }) => killed).map(({ agent }) => agent);
  expect(saved).toMatchObject({ outcome: "completed", along: ["killed", "took over", "restored"] });
  expect(dead).not.toContain(saved?.agent);
  const line = "export const astern = (degrees) => wind(degrees + 180);";
  const commits = await git("log", "--format=%H %an", "-S", line, "main");
  expect(commits).toEqual([expect.stringMatching(new RegExp(`^[0-9a-f]{40} ${saved?.agent}$`))]);
  const [commit = ""] = commits[0]?.split(" ") ?? [];
  expect(summary.checks.flatMap(({ shown }) => shown ?? [])).toEqual([
    expect.stringMatching(new RegExp(`^${commit} \\d+\\) .*wind\\(degrees \\+ 180\\);$`)),
    `${commit} ${saved?.id} ${saved?.agent}`,
  ]);
}

function shownInReadme(): string[] {
  const text = readFileSync(join(import.meta.dirname, "..", "..", "README.md"), "utf8");
  const lines = /^```text\n([\s\S]*?)^```$/m.exec(text)?.[1]?.split("\n").filter(Boolean) ?? [];
  expect(lines).toHaveLength(4);
  return lines;
}

function nameless(text: string): string {
  return text.replaceAll(/\b[0-9a-f]{40}\b/g, "COMMIT").replaceAll(/\b(?:anna|bo)\b/g, "NAME");
}

/** Programs put temporary files into the folder; Node's cache of compiled code, which is nobody's rest, stays out of it. */
function temporary(folder: string): Record<string, string> {
  return { TMPDIR: folder, NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") };
}

function emptyFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "berth-demo-test-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Every file with its contents: also what git itself would have written. */
function filesOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, readFileSync(path, "latin1")];
    }),
  );
}

/** Processes that were started in a folder or with it in their arguments. Linux only: elsewhere none are found. */
function processesIn(folder: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      const at = realpathSync(`/proc/${pid}/cwd`);
      if (words.includes(folder) || at.startsWith(folder)) found.push(words.replaceAll("\0", " "));
    } catch {
      // It ended while it was looked at.
    }
  }
  return found;
}
