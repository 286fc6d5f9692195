import type { Json } from "./document/json.ts";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { homedir, hostname, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { type Clock, systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { BerthError } from "./errors.ts";
import { gitEnvironment } from "./git/environment.ts";
import type { Hub } from "./git/hub.ts";
import { openLocalHub } from "./git/hub-local.ts";
import { openRemoteHub } from "./git/hub-remote.ts";
import { findPlace } from "./git/known-place.ts";
import { openObjects } from "./git/objects.ts";
import { findRepository, type Repository } from "./git/repository.ts";
import type { Git } from "./git/run.ts";
import { mainSettings, plainUrl, settingsOf } from "./git/settings.ts";
import { requireGit, requireKnownGit } from "./git/version.ts";
import { machineDirOf, ownProgram } from "./machine.ts";
import { gitIdentity } from "./ledger/environment.ts";
import { oneLine } from "./ledger/message.ts";
import type { Progress } from "./progress.ts";
import { beatFile, type Caller, type Project } from "./project.ts";
import { rehearsing } from "./store/rehearsal.ts";
import { isPostgresUrl } from "./store/postgres-address.ts";
import { lazyStore, type StoreOptions } from "./store/open-store.ts";
import { bindVerbs, loadVerb, type Verbs } from "./verbs.ts";
import { type Marker, readMarker } from "./workspace/marker.ts";

/** Reads JSON that somebody typed; nothing of it becomes silently something else. */
export async function readJson(text: string): Promise<Json> {
  // A parser, which most verbs need not read.
  const { readCheckedJson } = await import("./document/checked-json.ts");
  return readCheckedJson(text);
}

export interface OpenOptions {
  /**
   * The environment: what git, `setup` and `verify` run in, and where BERTH_DATABASE_URL counts. The library reads none
   * by itself: without this one git is the system's, with the user's own settings.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Who is calling; without it the git user. */
  readonly agent?: string;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
  /** How scripts and git hooks of workspaces start Berth: a program and its first arguments. Without it, as it lies here. */
  readonly program?: readonly string[];
  /** A folder that all clones on this machine share, for queueing. Without it, where the system keeps states of programs. */
  readonly machineDir?: string;
  readonly clock?: Clock;
  /**
   * Give signs of life for the caller, where it is registered: one now if it is due, and more while this is open. In a
   * workspace, changed work is kept every `checkpoint.every` seconds as well.
   */
  readonly beats?: boolean;
  /** The verb that will be called first: its files are loaded while git is at work. */
  readonly first?: string;
}

/** One repository, opened: everything the verbs do. */
export interface Berth extends Verbs {
  readonly project: Project;
  /** The same verbs, whose writes to the live layer are taken back: what they would answer. */
  rehearsal(): Verbs;
  /** The same verbs for one call of many: its steps are told to `progress`, and `signal` ends it alone. */
  during(call: { readonly signal: AbortSignal; readonly progress: Progress }): Verbs;
  /** Ends the processes and connections that were kept, and with them watches; locks of `hold` are no longer renewed. */
  close(): void;
}

/**
 * Opens the repository around a directory, for as long as `close` is not called.
 * @throws BerthError NOT_A_REPOSITORY, GIT_TOO_OLD, INVALID settings
 */
export async function openBerth(cwd: string, options: OpenOptions = {}): Promise<Berth> {
  // What goes on in the handle's name, watches and locks that are renewed, ends with it.
  const closed = new AbortController();
  const signals = options.signal ? [options.signal, closed.signal] : [closed.signal];
  const opening = openProject(cwd, { ...options, signal: AbortSignal.any(signals) });
  loadVerb(options.first);
  const project = await opening;
  const rehearsal = (): Verbs => bindVerbs({ ...project, store: rehearsing(project.store) });
  const during: Berth["during"] = ({ signal, progress }) =>
    bindVerbs({ ...project, progress, signal: AbortSignal.any([...signals, signal]) });
  const stopBeats = options.beats ? startBeats(project) : undefined;
  const stopKeeping = options.beats ? startKeeping(project) : undefined;
  const close = (): void => {
    stopBeats?.();
    stopKeeping?.();
    closed.abort(new BerthError("INTERRUPTED", "The repository's handle was closed."));
    project.objects.close();
    // Ended in its own time: what was written is there.
    void project.store.close();
  };
  return { project, close, rehearsal, during, ...bindVerbs(project) };
}

/** Who was heard a moment ago need not be heard again. */
const FRESH_MS = 10_000;

/** Beats that fail are missed, and nothing else: the verb that runs meanwhile says what is wrong. */
function startBeats(project: Project): () => void {
  const beat = async (begins: boolean): Promise<void> => {
    const last = await stat(beatFile(project, project.caller.name));
    if (project.clock.now() - last.mtimeMs < FRESH_MS) return;
    // Loaded by who is registered alone.
    const { beatOfCaller } = await import("./coordination/agent/beats.ts");
    await beatOfCaller(project, begins);
  };
  const begin = (begins: boolean): void => void beat(begins).catch(() => undefined);
  begin(true);
  const timer = setInterval(() => begin(false), project.config.live.beat * 1000);
  timer.unref();
  return () => clearInterval(timer);
}

/** Checkpoints of changed work now and then, one at a time; one that fails is tried again the next time. */
function startKeeping(project: Project): () => void {
  const { every } = project.config.checkpoint;
  let busy = every === 0;
  const keep = async (): Promise<void> => {
    busy = true;
    const { checkpointIfChanged } = await import("./session/checkpoint/periodic.ts");
    await checkpointIfChanged(project);
  };
  const begin = (): void => {
    if (!busy) void keep().then(end, end);
  };
  const end = (): void => void (busy = false);
  const timer = setInterval(begin, Math.max(1, every) * 1000);
  timer.unref();
  return () => clearInterval(timer);
}

async function openProject(cwd: string, options: OpenOptions): Promise<Project> {
  const given = options.env ?? { HOME: homedir() };
  const env = gitEnvironment(given);
  const clock = options.clock ?? systemClock;
  const { here, settings: asked } = await findPlace({ dir: cwd, env }, placeFile).catch(async (error: unknown) => {
    // One that is too old may not even find the repository.
    await requireGit({ dir: cwd, env });
    throw error;
  });
  await requireKnownGit({ dir: cwd, env }, join(here.commonDir, "berth", "cache", "git"));
  const marker = await readMarker(here.gitDir);
  const repository = marker && !isWhole(here, marker) ? await findRepository({ dir: marker.parent, env }) : here;
  const git: Git = { dir: repository.mainTop ?? repository.commonDir, env };
  const settings = repository === here && asked ? settingsOf(asked, here) : await mainSettings(git);
  const config = await loadConfig(repository);
  const objects = openObjects(git);
  const progress = options.progress ?? ((): void => undefined);
  const remote =
    config.remote === false ? null : (config.remote ?? (settings.has("remote.origin.url") ? "origin" : null));
  return {
    git,
    objects,
    hub: await hubOf(git, objects, clock, repository, remote, settings, progress),
    config,
    clock,
    repository,
    here,
    cwd,
    caller: callerOf(
      options.agent ?? marker?.agent,
      settings,
      marker?.agent === (options.agent ?? marker?.agent) ? marker?.email : undefined,
    ),
    machineDir: options.machineDir ?? machineDirOf(given),
    program: options.program ?? ownProgram(),
    commandEnv: commandEnvironment(given),
    worktreeConfig: settings.get("extensions.worktreeconfig") === "true",
    signs: settings.get("commit.gpgsign") === "true",
    store: lazyStore(() => storeOptions(config, repository, given["BERTH_DATABASE_URL"], clock)),
    signal: options.signal,
    progress,
  };
}

/** Where it is remembered what git says of a checkout: with a linked work tree it goes. */
function placeFile({ gitDir, commonDir }: Pick<Repository, "gitDir" | "commonDir">): string {
  return gitDir === commonDir ? join(commonDir, "berth", "cache", "place.json") : join(gitDir, "berth-place.json");
}

/** Where the live layer is: on a server, or in a file of git's common directory. */
function storeOptions(config: Config, repository: Repository, given: string | undefined, clock: Clock): StoreOptions {
  if (given && !isPostgresUrl(given))
    throw new BerthError("INVALID", "BERTH_DATABASE_URL is no address of a PostgreSQL database.", {
      hint: "Write postgres://USER@HOST/DATABASE, or unset it: agents that do not share a store do not see each other.",
    });
  const url = given || config.store.url;
  const shared = url !== "" || config.store.path !== "";
  if (shared && config.project === undefined)
    throw new BerthError("INVALID", "Several projects may share a store, and this one has no name.", {
      hint: "Give it one that all its clones have: berth config project NAME",
    });
  const folder = config.store.path || join(repository.commonDir, "berth", "live");
  const place = url || join(resolve(repository.mainTop ?? repository.commonDir, folder), "store.db");
  // What lies in a repository's own git directory is of that one alone, whatever it is called by then.
  return { place, project: (shared && config.project) || "local", clock, keepMs: config.store.keep * 86_400_000 };
}

/** A clone does not know its parent; nor does a work tree, when the main one has its git directory elsewhere. */
function isWhole(here: Repository, marker: Marker): boolean {
  return marker.kind !== "clone" && (here.mainTop !== null || here.commonDir === marker.parent);
}

async function hubOf(
  git: Git,
  objects: Project["objects"],
  clock: Clock,
  repository: Repository,
  remote: string | null,
  settings: ReadonlyMap<string, string>,
  progress: Progress,
): Promise<Hub> {
  if (remote === null)
    return openLocalHub(git, objects, repository.commonDir, {
      journal: join(repository.commonDir, "berth", "journal"),
      progress,
    });
  if (!settings.has(`remote.${remote}.url`)) {
    throw new BerthError(
      "INVALID",
      `.berth/config.yaml names the remote ${remote}, which this repository does not have.`,
      {
        hint: `Add it with: git remote add ${remote} URL`,
      },
    );
  }
  return openRemoteHub(git, objects, clock, {
    remote,
    url: plainUrl(settings, remote),
    commonDir: repository.commonDir,
  });
}

/** Names go through git's own rules first: what is compared with a commit's author must look like one. */
function callerOf(agent: string | undefined, settings: ReadonlyMap<string, string>, known: string | undefined): Caller {
  const user = userName();
  const host = oneLine(hostname()) || "localhost";
  const own = settings.get("user.name") ?? user;
  const name = (agent ?? own).slice(0, 80);
  const identity = gitIdentity({ name, email: known ?? settings.get("user.email") ?? `${user}@${host}` });
  return {
    ...identity,
    host,
    user: gitIdentity({ ...identity, name: own }).name,
    named: agent !== undefined && agent !== own,
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the system's list.
    return "somebody";
  }
}

/** What `setup` and `verify` see: the caller's environment without git's own variables. */
function commandEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && !name.startsWith("GIT_")) kept[name] = value;
  return kept;
}

/**
 * The settings of the main checkout (never of a workspace, whose agent may change them), or those beside a bare
 * repository's own files. What was checked is remembered with the text it was read from, so that hot verbs load no parser.
 */
async function loadConfig(repository: Repository): Promise<Config> {
  const file = join(repository.mainTop ?? repository.commonDir, ".berth", "config.yaml");
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return "";
    throw error;
  });
  const cache = join(repository.commonDir, "berth", "cache", "config.json");
  const cached = await readFile(cache, "utf8")
    .then((json) => JSON.parse(json) as { version: number; text: string; config: Config })
    .catch(() => null);
  if (cached?.version === 13 && cached.text === text) return cached.config;
  const { parseConfig } = await import("./config.ts");
  const { parseYaml } = await import("./document/yaml.ts");
  const config = parseConfig(text === "" ? {} : parseYaml(text, file), file);
  await mkdir(join(cache, ".."), { recursive: true })
    .then(() => writeFile(`${cache}.${process.pid}`, JSON.stringify({ version: 13, text, config })))
    .then(() => rename(`${cache}.${process.pid}`, cache))
    .catch(() => undefined);
  return config;
}
