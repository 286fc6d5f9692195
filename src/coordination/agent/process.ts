import { readFileSync } from "node:fs";
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { hostname, uptime } from "node:os";
import { join, sep } from "node:path";
import { systemClock } from "../../clock.ts";

/**
 * What a process can be known by later. Null is what this machine does not tell. A number alone says nothing: it is
 * given again, and counts anew in each container and after each start of the machine.
 */
export interface Process {
  readonly host: string;
  /** The machine, whenever it was started; null where it cannot be told from another one. @see machineId */
  readonly machine: string | null;
  readonly bootId: string | null;
  /** When the machine was started, by its clock of then, in milliseconds: another time later means that it was set. */
  readonly bootedAt: number | null;
  readonly pidNamespace: string | null;
  readonly pid: number | null;
  /** In the kernel's ticks since the boot. */
  readonly startTicks: number | null;
}

/** The process with this number, as it can be known again; without one only the machine. */
export async function processAt(pid: number | null, machine: string | null = null): Promise<Process> {
  const { bootId, pidNamespace } = await kernel();
  const startTicks = pid === null ? null : ticksOf(pid);
  const known = startTicks === null ? null : pid;
  return { host: hostname(), machine, bootId, bootedAt: bootedAt(), pidNamespace, pid: known, startTicks };
}

/** The same process, heard of by the clock as it is now. */
export function heardNow(known: Process): Process {
  return { ...known, bootedAt: bootedAt() };
}

/** By how much a clock may differ from itself without having been set: it is read in two steps. */
const STEP_MS = 1000;

/** Whether the machine's clock was set since a process was heard of, or that cannot be told. */
export function clockWasSet({ bootedAt: then }: Process): boolean {
  const now = bootedAt();
  return typeof then !== "number" || now === null || Math.abs(now - then) > STEP_MS;
}

/** Read once more where something came in between: a machine at work would seem to have its clock set. */
export function bootedAt(): number | null {
  for (let tries = 0; tries < 20; tries += 1) {
    const before = systemClock.now();
    const up = uptime() * 1000;
    if (systemClock.now() - before < STEP_MS / 10) return Math.round(before - up);
  }
  return null;
}

type Kernel = Pick<Process, "bootId" | "pidNamespace">;

let known: Promise<Kernel> | undefined;

/** Neither changes while a process lives, and a look at fifty agents asks fifty times. */
function kernel(): Promise<Kernel> {
  return (known ??= Promise.all([
    readFile("/proc/sys/kernel/random/boot_id", "utf8").then((text) => text.trim(), nothing),
    readlink("/proc/self/ns/pid").catch(nothing),
  ]).then(([bootId, pidNamespace]) => ({ bootId, pidNamespace })));
}

/**
 * How long the machine has slept since its start, in milliseconds: of Linux's two clocks that nobody sets one stands
 * still meanwhile. Nought where there is one alone.
 */
export function sleptMs(): number {
  if (process.platform !== "linux") return 0;
  return Math.max(0, Math.round(uptime() * 1000 - Number(process.hrtime.bigint() / 1_000_000n)));
}

/**
 * Whether a process is there: `unknown` where it cannot be compared from here, which never means gone.
 * @param machine this one. A name alone is no machine: many have the same, and each starts with a boot id of its own
 */
export async function lookAt(known: Process, machine: string | null): Promise<"there" | "gone" | "unknown"> {
  const { host, bootId, pidNamespace, pid, startTicks } = known;
  const here = await processAt(null);
  if (bootId === null || here.bootId === null || pid === null || startTicks === null) return "unknown";
  // Another start of the same machine: nothing of it can be running.
  if (bootId !== here.bootId) return machine !== null && known.machine === machine ? "gone" : "unknown";
  if (host !== here.host || pidNamespace === null || pidNamespace !== here.pidNamespace) return "unknown";
  return ticksOf(pid) === startTicks ? "there" : "gone";
}

/** Whether a process was known since this start of the machine. */
export async function isOfThisBoot({ bootId }: Process): Promise<boolean> {
  return bootId !== null && bootId === (await kernel()).bootId;
}

/** Whether it was, as far as anything tells, this machine that knew a process. */
export function isHere(known: Process, machine: string | null): boolean {
  return known.host === hostname() && (known.machine === null || machine === null || known.machine === machine);
}

/** Numbers and names of processes that stand in a folder. Linux only: elsewhere none are seen. */
export async function processesIn(dir: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    if (cwd === dir || cwd.startsWith(dir + sep)) {
      const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim();
      found.push(`${name || "process"} (${pid})`);
    }
  }
  return found;
}

/** The newest change of a file in a folder, in milliseconds since the epoch; git's own files and links aside. */
export async function newestChange(dir: string, limit: number = 20_000): Promise<{ at: number; file: string } | null> {
  let newest: { at: number; file: string } | null = null;
  const open = [dir];
  for (let seen = 0; open.length > 0 && seen < limit;) {
    const folder = open.pop() as string;
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (entry.name === ".git" || entry.name === "node_modules") continue;
      seen += 1;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) open.push(path);
      else if (entry.isFile()) {
        const at = (await stat(path).catch(() => null))?.mtimeMs ?? 0;
        if (at > (newest?.at ?? 0)) newest = { at, file: path };
      }
    }
  }
  return newest;
}

/** Signs of life ask in their transaction, while others wait to write: the kernel answers at once, and no disk is read. */
function ticksOf(pid: number): number | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return null;
  }
  // The name, in brackets, may hold anything; start time is the twentieth word behind it. See proc(5).
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const gone = fields[0] === "Z" || fields[0] === "X";
  return gone ? null : Number(fields[19]);
}

function nothing(): null {
  return null;
}
