import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Clock } from "../../src/clock.ts";
import { type Berth, openBerth } from "../../src/open.ts";
import type { Fate, Move } from "./git/network.ts";
import { put, putCommit, treeWith } from "./git/objects.ts";
import type { Repository } from "./git/repository.ts";
import { type Machine, processOn, type Surroundings } from "./process.ts";
import { type Random, randomFrom } from "./random.ts";
import { makeSchedule, type Runner, type Schedule } from "./schedule.ts";
import { installSystem, type Process, within } from "./system.ts";

/** Everything that is there before a seed begins, to begin each one with. */
export interface Template {
  readonly root: string;
  readonly aside: string;
  readonly hub: Repository;
  readonly machines: readonly { readonly host: string; readonly repository: Repository }[];
  readonly sessions: readonly string[];
  readonly now: number;
}

export interface World extends Surroundings {
  readonly root: string;
  readonly hub: Repository;
  readonly machines: readonly Machine[];
  readonly sessions: readonly string[];
  readonly schedule: Schedule;
  readonly random: Random;
}

/** What may go wrong, and who is told of it. */
export interface Course {
  fateOfPush(process: Process, moves: readonly Move[]): Fate;
  fetchFails(process: Process): boolean;
  before(world: World, runner: Runner, what: string): void;
  after(world: World): void;
  moved(world: World, process: Process, moves: readonly Move[]): void;
}

const START = Date.UTC(2026, 10, 21, 9);
const VERIFY = "check the tree";
const CONFIG = `project: simulation\nlanding: {verify: ${VERIFY}}\n`;
const IGNORED = "/.worktrees/\n/.sessions/\n/_AGENTS/sessions/\n";

const QUIET: Course = {
  fateOfPush: () => "sound",
  fetchFails: () => false,
  before: () => undefined,
  after: () => undefined,
  moved: () => undefined,
};

/** Makes a hub, its clones, and planned sessions, with the product's own verbs. */
export async function makeTemplate(): Promise<Template> {
  installSystem();
  const root = join(realpathSync(mkdtempSync(join(tmpdir(), "berth-simulation-"))), "world");
  mkdirSync(root);
  const hub = bare(join(root, "hub.git"), new Map());
  mkdirSync(hub.dir);
  const commit = firstCommit(hub);
  hub.refs.set("refs/heads/main", commit);
  const hosts = ["north", "south"];
  const machines = hosts.map((host) => ({ host, repository: cloneOf(hub, join(root, host, "home"), commit) }));
  const template = { root, aside: `${root}.aside`, hub, machines, sessions: [], now: START };
  const world = assemble(template, 1, QUIET);
  const sessions: string[] = [];
  const [north] = world.machines;
  if (!north) throw new Error("no machine");
  await alone(world, north, async (berth) => void (await berth.init({})));
  for (let i = 0; i < 8; i++)
    await alone(world, north, async (berth) => {
      const drafted = await berth.draft({ title: `Piece ${i + 1}`, context: "It is needed.", criteria: ["It works"] });
      if (!("session" in drafted)) throw new Error("a dry run was not asked for");
      await berth.ready({ id: drafted.session.id });
      sessions.push(drafted.session.id);
    });
  cpSync(root, template.aside, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  const made = world.machines.map(({ host, repository }) => ({ host, repository }));
  return { ...template, hub: world.hub, machines: made, sessions, now: world.schedule.now() };
}

function bare(dir: string, config: ReadonlyMap<string, string>): Repository {
  return { dir, objects: new Map(), refs: new Map(), config };
}

function firstCommit({ objects }: Repository): string {
  const files = {
    ".berth/config.yaml": CONFIG,
    ".gitignore": IGNORED,
    "README.md": "# Project\n",
    "shared.txt": "one\ntwo\nthree\n",
  };
  const entries = Object.entries(files).map(
    ([path, text]) => [path, { mode: "100644", oid: put(objects, "blob", Buffer.from(text)) }] as const,
  );
  const author = { author: "planner", email: "planner@example.com", seconds: START / 1000 };
  return putCommit(objects, { tree: treeWith(objects, new Map(entries)), parents: [], message: "Start\n", ...author });
}

function cloneOf(hub: Repository, home: string, commit: string): Repository {
  const dir = join(home, ".git");
  mkdirSync(join(dir, "info"), { recursive: true });
  writeFileSync(join(dir, "HEAD"), "ref: refs/heads/main\n");
  mkdirSync(join(home, ".berth"));
  writeFileSync(join(home, ".berth", "config.yaml"), CONFIG);
  const config = new Map([
    ["user.name", "owner"],
    ["user.email", "owner@example.com"],
    ["remote.origin.url", hub.dir],
    ["extensions.worktreeconfig", "true"],
    ["extensions.worktreeConfig", "true"],
  ]);
  const refs = new Map([
    ["refs/heads/main", commit],
    ["refs/remotes/origin/main", commit],
  ]);
  return { dir, objects: new Map(hub.objects), refs, config };
}

/** The world of one seed, as the template has it. */
export function makeWorld(template: Template, seed: number, course: Course): World {
  const { root, aside } = template;
  rmSync(root, { recursive: true, force: true });
  cpSync(aside, root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  return assemble(template, seed, course);
}

function assemble(template: Template, seed: number, course: Course): World {
  const random = randomFrom(seed);
  const copy = (repository: Repository): Repository => ({
    ...repository,
    objects: new Map(repository.objects),
    refs: new Map(repository.refs),
  });
  const hub = copy(template.hub);
  const machines = template.machines.map(({ host, repository }): Machine => {
    const own = copy(repository);
    const home = dirname(own.dir);
    return { host, home, state: join(dirname(home), "state"), repository: own, pids: new Set() };
  });
  const repositories = new Map([hub, ...machines.map(({ repository }) => repository)].map((one) => [one.dir, one]));
  const schedule = makeSchedule({
    random: random.fork(),
    start: template.now,
    before: (runner, what) => course.before(world, runner, what),
    after: () => course.after(world),
  });
  const world: World = {
    root: template.root,
    hub,
    machines,
    sessions: template.sessions,
    schedule,
    random,
    repositories,
    verified: new Set(),
    atomic: true,
    nextPid: 1000,
    fateOfPush: (process, moves) => course.fateOfPush(process, moves),
    fetchFails: (process) => course.fetchFails(process),
    moved: (process, moves) => course.moved(world, process, moves),
  };
  return world;
}

/** Opens a folder of a machine as a process of its own, and closes it after the work. */
export async function withBerth<T>(
  process: Process,
  machine: Machine,
  at: { readonly dir: string; readonly agent: string | undefined },
  work: (berth: Berth) => Promise<T>,
): Promise<T> {
  const clock: Clock = {
    now: () => process.now(),
    sleep: (ms) => process.turn("sleep", process.now() + ms),
    random: () => process.random.next(),
  };
  return within(process, async () => {
    const berth = await openBerth(at.dir, {
      env: { HOME: machine.state, PATH: "/usr/bin" },
      program: ["berth"],
      machineDir: machine.state,
      clock,
      ...(at.agent === undefined ? {} : { agent: at.agent }),
    });
    try {
      return await work(berth);
    } finally {
      berth.close();
    }
  });
}

/** Runs one process to its end while nobody else is there. */
async function alone(world: World, machine: Machine, work: (berth: Berth) => Promise<void>): Promise<void> {
  const process = processOn(world, machine, "planner");
  let done = false;
  const result = withBerth(process, machine, { dir: machine.home, agent: "planner" }, work).finally(
    () => (done = true),
  );
  await Promise.all([world.schedule.run(() => done), result]);
}
