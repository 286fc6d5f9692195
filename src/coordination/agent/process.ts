import { readFileSync } from "node:fs";
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join, sep } from "node:path";

/**
 * What a process can be known by later. Null is what this machine does not tell. A number alone says nothing: it is
 * given again, and counts anew in each container and after each start of the machine.
 */
export interface Process {
  readonly host: string;
  readonly bootId: string | null;
  readonly pidNamespace: string | null;
  readonly pid: number | null;
  /** In the kernel's ticks since the boot. */
  readonly startTicks: number | null;
}

/** The process with this number, as it can be known again; without one only the machine. */
export async function processAt(pid: number | null): Promise<Process> {
  const { bootId, pidNamespace } = await machine();
  const startTicks = pid === null ? null : ticksOf(pid);
  return { host: hostname(), bootId, pidNamespace, pid: startTicks === null ? null : pid, startTicks };
}

type Machine = Pick<Process, "bootId" | "pidNamespace">;

let known: Promise<Machine> | undefined;

/** Neither changes while a process lives, and a look at fifty agents asks fifty times. */
function machine(): Promise<Machine> {
  return (known ??= Promise.all([
    readFile("/proc/sys/kernel/random/boot_id", "utf8").then((text) => text.trim(), nothing),
    readlink("/proc/self/ns/pid").catch(nothing),
  ]).then(([bootId, pidNamespace]) => ({ bootId, pidNamespace })));
}

/** Whether a process is there: `unknown` where it cannot be compared from here, which never means gone. */
export async function lookAt(known: Process): Promise<"there" | "gone" | "unknown"> {
  const here = await processAt(null);
  const { host, bootId, pidNamespace, pid, startTicks } = known;
  if (host !== here.host || bootId === null || here.bootId === null || pid === null || startTicks === null)
    return "unknown";
  // Another boot of the same machine: nothing of it can be running.
  if (bootId !== here.bootId) return "gone";
  if (pidNamespace === null || pidNamespace !== here.pidNamespace) return "unknown";
  return ticksOf(pid) === startTicks ? "there" : "gone";
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
