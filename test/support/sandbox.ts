import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Clock } from "../../src/clock.ts";
import { type Berth, openBerth } from "../../src/open.ts";
import type { Progress } from "../../src/progress.ts";

/** A folder of its own for one test: repositories, machine-wide state, and what was opened in it. */
export interface Sandbox {
  readonly dir: string;
  /** A bare hub with one commit on main, or a repository without a remote. */
  readonly hub: string;
  /** Runs git in a folder of the sandbox and returns what it prints. */
  git(where: string, ...args: string[]): string;
  /** Clones the hub. */
  clone(name: string): string;
  /** Opens a repository for an agent; closed with the test. */
  open(
    where: string,
    agent?: string,
    options?: {
      clock?: Clock;
      env?: Readonly<Record<string, string | undefined>>;
      progress?: Progress;
      signal?: AbortSignal;
      beats?: boolean;
      /** The machine that it is opened on, as far as a folder makes one. */
      machineDir?: string;
    },
  ): Promise<Berth>;
  write(where: string, files: Readonly<Record<string, string>>): void;
}

/** The program as scripts and hooks start it. */
export const program: readonly string[] = [process.execPath, join(import.meta.dirname, "..", "..", "bin", "berth.js")];

/**
 * @param name appears in every path of the sandbox: tests put spaces and other letters there
 */
export function sandbox(
  options: { name?: string; files?: Readonly<Record<string, string>>; remote?: boolean } = {},
): Sandbox {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), `${options.name ?? "berth"}-`)));
  const opened: Berth[] = [];
  onTestFinished(() => {
    for (const berth of opened) berth.close();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  const git = (where: string, ...args: string[]): string =>
    execFileSync("git", args, { cwd: where, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).replace(/\n$/, "");
  const write = (where: string, files: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(where, path)), { recursive: true });
      writeFileSync(join(where, path), text);
    }
  };
  const remote = options.remote ?? true;
  const hub = join(dir, remote ? "hub.git" : "repo");
  const first = remote ? join(dir, "first") : hub;
  git(dir, "init", "--quiet", "-b", "main", first);
  write(first, options.files ?? { "README.md": "# Project\n", "src/a.txt": lines(20), "src/b.txt": lines(20) });
  git(first, "add", "--all");
  git(first, "commit", "--quiet", "-m", "Start");
  if (remote) git(dir, "clone", "--quiet", "--bare", first, hub);
  return {
    dir,
    hub,
    git,
    write,
    clone: (name) => {
      git(dir, "clone", "--quiet", hub, join(dir, name));
      return join(dir, name);
    },
    open: async (where, agent, more = {}) => {
      const berth = await openBerth(where, {
        env: process.env,
        program,
        machineDir: join(dir, "machine"),
        ...(agent === undefined ? {} : { agent }),
        ...more,
      });
      opened.push(berth);
      return berth;
    },
  };
}

/** Numbered lines, so that edits far apart merge and edits of one line conflict. */
export function lines(count: number): string {
  return Array.from({ length: count }, (_, i) => `line ${i + 1}\n`).join("");
}

/** Drafts and readies a session in one go, and returns its id. */
export async function planned(
  berth: Berth,
  title: string,
  more: Partial<Parameters<Berth["draft"]>[0]> = {},
): Promise<string> {
  const drafted = await berth.draft({ title, context: "It is needed.", criteria: ["It works"], ...more });
  if (!("session" in drafted)) throw new Error("a dry run was not asked for");
  await berth.ready({ id: drafted.session.id });
  return drafted.session.id;
}
