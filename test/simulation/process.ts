import { EventEmitter } from "node:events";
import { type Child, startGit } from "./git/program.ts";
import { filesAt } from "./git/checkout.ts";
import { fileEntry } from "./git/index.ts";
import type { Fate, Move } from "./git/network.ts";
import { commitOf } from "./git/objects.ts";
import { findPlace, headCommit, type Repositories, type Repository } from "./git/repository.ts";
import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";
import { kill, type Process } from "./system.ts";

/** A computer with one clone of the hub, on which several agents work. */
export interface Machine {
  readonly host: string;
  readonly home: string;
  readonly state: string;
  readonly repository: Repository;
  /** The numbers of the processes that are there. */
  readonly pids: Set<number>;
}

/** What a process finds around it. */
export interface Surroundings {
  readonly schedule: Schedule;
  readonly random: Random;
  readonly repositories: Repositories;
  /** Trees on which the command for verification passed. */
  readonly verified: Set<string>;
  /** Whether the hub moves several references at once. */
  atomic: boolean;
  nextPid: number;
  fateOfPush(process: Process, moves: readonly Move[]): Fate;
  fetchFails(process: Process): boolean;
  moved(process: Process, moves: readonly Move[]): void;
}

/** The longest that something stays on its way in the network. */
const LATE_MS = 120_000;

/** Starts a process on a machine. It is there until it is ended. */
export function processOn(around: Surroundings, machine: Machine, name: string): Process {
  const { schedule } = around;
  const own: Process = {
    name,
    pid: around.nextPid++,
    host: machine.host,
    random: around.random.fork(),
    connections: new Set(),
    dead: false,
    pausedUntil: 0,
    now: () => schedule.now(),
    turn: (what, from, timer) => schedule.turn(timer ?? own, what, from),
    spawn: (command, args, options) =>
      command === "git" ? gitFor(own, around, args, options) : verification(own, around, options.cwd),
    proc: (path) => procText(machine, path),
    pids: () => [...machine.pids],
  };
  machine.pids.add(own.pid);
  return own;
}

/** Ends a process, whatever it was at. */
export function endProcess(process: Process, machine: Machine): void {
  machine.pids.delete(process.pid);
  kill(process);
}

function gitFor(
  process: Process,
  around: Surroundings,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Child {
  return startGit(
    { args, ...options },
    {
      repositories: around.repositories,
      now: () => process.now(),
      turn: (what) => process.turn(what),
      network: {
        atomic: around.atomic,
        turn: (what) => process.turn(what),
        fateOfPush: (moves) => around.fateOfPush(process, moves),
        fetchFails: () => around.fetchFails(process),
        moved: (moves) => around.moved(process, moves),
        later: (work) => {
          const packet = { name: `packet of ${process.name}`, dead: false, pausedUntil: 0 };
          void around.schedule.turn(packet, "arrives late", process.now() + around.random.below(LATE_MS)).then(work);
        },
      },
    },
  );
}

/** The team's command: it passes on a checkout that holds exactly the tree of its commit. */
function verification(process: Process, { repositories, verified }: Surroundings, cwd: string): Child {
  const child = new EventEmitter() as Child;
  void process.turn("verify", process.now() + process.random.below(20_000)).then(() => {
    const { repository, gitDir, top } = findPlace(repositories, cwd);
    const head = headCommit(repository, gitDir);
    const files = head === null ? new Map() : filesAt(repository.objects, head);
    const whole = [...files].every(([path, entry]) => fileEntry(top ?? cwd, path)?.oid === entry.oid);
    if (whole && head !== null) verified.add(commitOf(repository.objects, head).tree);
    child.emit("exit", whole ? 0 : 1, null);
  });
  return child;
}

function procText(machine: Machine, path: string): string | null {
  if (path === "/proc/sys/kernel/random/boot_id") return "00000000-0000-4000-8000-000000000000\n";
  if (path === "/proc/self/ns/pid") return "pid:[1]";
  const pid = Number(/^\/proc\/(\d+)\/stat$/.exec(path)?.[1]);
  if (!machine.pids.has(pid)) return null;
  // The start time is the twentieth word behind the name; each number is given once.
  return `${pid} (agent) S ${"0 ".repeat(18)}${pid} 0`;
}
