import {
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { findRepository, type Repository } from "./repository.ts";
import type { Git } from "./run.ts";
import { type GitSetting, gitSettings } from "./settings.ts";

/** What git says of a folder: the repository around it, and the settings there; null where they could not be had. */
export interface Place {
  readonly here: Repository;
  readonly settings: readonly GitSetting[] | null;
}

/** The git directories of a checkout, as its own files name them. */
interface Directories {
  readonly gitDir: string;
  readonly commonDir: string;
}

interface Checkout extends Directories {
  readonly top: string;
}

/** An answer of git's, with what it rests on. */
interface Remembered {
  readonly version: 1;
  readonly basis: string;
  readonly here: Repository;
  readonly settings: readonly GitSetting[];
}

/** After this git is asked again: it may read a file of settings that was not there, at a place known to it alone. */
const FRESH_MS = 5 * 60_000;

/**
 * Asks git where a folder is, or answers from memory as long as nothing changed on which the answer rests: each run of
 * git would cost a hook, which calls often and has to be quick, as much as all the rest.
 * @param fileOf where the answer for a checkout is remembered; it may be deleted at any time
 * @throws BerthError of {@link findRepository}
 */
export async function findPlace(git: Git, fileOf: (at: Directories) => string): Promise<Place> {
  const at = checkoutAround(git.dir);
  // Before git is asked: what changes meanwhile makes the answer of now an old one.
  const basis = at && basisOf(git, at);
  const known = at && basis && recall(fileOf(at), at, basis);
  if (known) return known;
  const [found, asked] = await Promise.allSettled([findRepository(git), gitSettings(git)]);
  if (found.status === "rejected") throw found.reason;
  const here = found.value;
  const settings = asked.status === "fulfilled" ? asked.value : null;
  if (at && basis && settings && isSame(at, here) && !settings.some(({ name }) => /^include(?:if)?\./.test(name)))
    remember(fileOf(at), { version: 1, basis, here, settings });
  return { here, settings };
}

function isSame(at: Checkout, here: Repository): boolean {
  return at.top === here.top && at.gitDir === here.gitDir && at.commonDir === here.commonDir;
}

function recall(file: string, at: Checkout, basis: string): Place | undefined {
  try {
    const stat = statSync(file);
    if (!isOwn(stat) || Date.now() - stat.mtimeMs > FRESH_MS) return undefined;
    const { version, here, settings, ...rest } = JSON.parse(readFileSync(file, "utf8")) as Remembered;
    return version === 1 && rest.basis === basis && isSame(at, here) ? { here, settings } : undefined;
  } catch {
    // Nothing is remembered, or not so that it can be read.
    return undefined;
  }
}

function remember(file: string, answer: Remembered): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(answer), { mode: 0o600 });
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // A git directory that cannot be written costs only the memory.
  }
}

/**
 * The checkout that a folder lies in, as git would find it. Undefined where only git can tell, as in a bare repository
 * or across a mount; and where any of it belongs to another user, which git may have to refuse.
 */
function checkoutAround(dir: string): Checkout | undefined {
  try {
    const from = realpathSync(dir);
    const device = statSync(from).dev;
    for (let top = from; ; top = dirname(top)) {
      const dotGit = lstatSync(join(top, ".git"), { throwIfNoEntry: false });
      if (!dotGit) {
        // Perhaps a git directory itself.
        if (dirname(top) === top || lstatSync(join(top, "HEAD"), { throwIfNoEntry: false })) return undefined;
        continue;
      }
      const folder = statSync(top);
      if (folder.dev !== device || !isOwn(folder) || !isOwn(dotGit)) return undefined;
      const at = directoriesAt(top, dotGit);
      return at && isOwn(statSync(at.gitDir)) && isOwn(statSync(at.commonDir)) ? { top, ...at } : undefined;
    }
  } catch {
    return undefined;
  }
}

function directoriesAt(top: string, dotGit: Stats): Directories | undefined {
  const path = join(top, ".git");
  if (dotGit.isDirectory()) return { gitDir: path, commonDir: path };
  const [, named] = dotGit.isFile() ? (/^gitdir: (.+)\n$/.exec(readFileSync(path, "utf8")) ?? []) : [];
  if (named === undefined) return undefined;
  const gitDir = resolve(top, named);
  const common = join(gitDir, "commondir");
  if (!lstatSync(common, { throwIfNoEntry: false })) return { gitDir, commonDir: gitDir };
  return { gitDir, commonDir: resolve(gitDir, readFileSync(common, "utf8").replace(/\n$/, "")) };
}

/** Where the system does not tell of users, nothing is taken for one's own. */
function isOwn({ uid }: Stats): boolean {
  return uid === process.geteuid?.();
}

/**
 * The files of settings that git reads there, as they are: all that its answer rests on. Undefined for what is no
 * repository, and where settings come from variables, which may hold secrets.
 */
function basisOf({ env }: Git, { gitDir, commonDir }: Checkout): string | undefined {
  if (env["GIT_CONFIG_COUNT"] !== undefined || !statSync(join(gitDir, "HEAD"), { throwIfNoEntry: false }))
    return undefined;
  const home = env["HOME"] ?? "";
  const global = env["GIT_CONFIG_GLOBAL"];
  const user = [join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "git", "config"), join(home, ".gitconfig")];
  const files = [
    join(commonDir, "config"),
    join(commonDir, "config.worktree"),
    join(gitDir, "config.worktree"),
    ...(global === undefined ? user : [global]),
    env["GIT_CONFIG_SYSTEM"] ?? "/etc/gitconfig",
  ];
  return [env["GIT_CONFIG_NOSYSTEM"] ?? "", ...files.map((file) => `${file} ${signOf(file)}`)].join("\n");
}

/** What tells a file from what it was before. */
function signOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : "";
}
