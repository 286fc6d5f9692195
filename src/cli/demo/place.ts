import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { BerthError } from "../../errors.ts";
import { type Files, LIBRARY } from "./library.ts";
import { git, type PlainGit } from "./plain-git.ts";

/** The throw-away folder of one demo: a hub, clones of it, and all that would otherwise be the user's own. */
export interface Place {
  readonly dir: string;
  readonly hub: string;
  /** Where the project is inside the repository: nothing, or a folder with a slash at its end. */
  readonly prefix: string;
  readonly plain: PlainGit;
}

/** git's settings during the demo: none of the user's, so that no signing key, hook or template of his takes part. */
const SETTINGS = `[user]
	name = Harbour Master
	email = master@harbour.example
[init]
	defaultBranch = main
[core]
	autocrlf = false
[advice]
	detachedHead = false
`;

/** Makes the folder with nothing but settings in it. */
export async function makePlace(
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
  ofRepository: boolean,
): Promise<Place> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "berth-demo-")));
  await writeFile(join(dir, "gitconfig"), SETTINGS);
  const own = {
    GIT_CONFIG_GLOBAL: join(dir, "gitconfig"),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    BERTH_HOME: join(dir, "machine"),
  };
  const plain = { env: { ...withoutCaller(env), ...own }, signal };
  return { dir, hub: join(dir, "hub.git"), prefix: ofRepository ? "berth-demo/" : "", plain };
}

/** The caller's environment without what would point git, Berth or Node's test runner somewhere else. */
function withoutCaller(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && !/^(?:GIT_|BERTH_|NODE_TEST_)/.test(pair[0]),
  );
  return Object.fromEntries(kept);
}

/** Makes the hub: of the small library alone, or of another repository's history with the library in a folder. */
export async function makeHub(place: Place, repository: string | undefined): Promise<void> {
  const { dir, hub, plain } = place;
  await git(plain, dir, "init", "--quiet", "--bare", "--initial-branch=main", hub);
  if (repository !== undefined) await takeHistory(place, resolve(repository));
  const seed = await makeClone(place, "seed");
  await rm(join(seed, ".berth"), { recursive: true, force: true });
  await writeFiles(join(seed, place.prefix), LIBRARY);
  await git(plain, seed, "add", "--all");
  await git(plain, seed, "commit", "--quiet", "--message=Start");
  await git(plain, seed, "push", "--quiet", "origin", "HEAD:refs/heads/main");
  await rm(seed, { recursive: true, force: true });
}

/** Copies the history of HEAD; the repository itself is only read. */
async function takeHistory({ hub, plain }: Place, repository: string): Promise<void> {
  try {
    await git(
      plain,
      hub,
      "-c",
      "safe.directory=*",
      "fetch",
      "--quiet",
      "--no-tags",
      repository,
      "HEAD:refs/heads/main",
    );
  } catch (error) {
    plain.signal.throwIfAborted();
    throw new BerthError("NOT_A_REPOSITORY", `No git repository with a commit could be read at ${repository}.`, {
      hint: "Name a folder with a git repository: berth demo --repo DIR. A shallow clone must be unshallowed first.",
      facts: { repository },
      cause: error,
    });
  }
}

/** A clone of the hub. @returns its folder */
export async function makeClone({ dir, hub, plain }: Place, name: string): Promise<string> {
  await git(plain, dir, "clone", "--quiet", hub, name);
  return join(dir, name);
}

export async function writeFiles(dir: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(dir, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** Takes everything away again. */
export async function removePlace({ dir }: Pick<Place, "dir">): Promise<void> {
  await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
