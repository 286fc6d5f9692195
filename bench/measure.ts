import { spawn } from "node:child_process";

/** One run of a program. CPU time is that of the program and everything it waited for. */
export interface Sample {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly stdout: string;
}

export interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * `bash` counts the CPU time of what it waits for, grandchildren included, which Node tells of itself alone. The clock
 * is read around the program, after bash itself has started.
 */
const TIMED = `LC_ALL=C TIMEFORMAT='%R %U %S'
start=$EPOCHREALTIME
{ time "$@" 2>&4; } 4>&2 2>&3
code=$?
echo "$start $EPOCHREALTIME" >&3
exit $code`;

/**
 * Runs a program to its end and measures it.
 * @throws Error with what it printed, when it fails
 */
export function measure(command: readonly string[], place: Place): Promise<Sample> {
  const child = spawn("bash", ["--norc", "--noprofile", "-c", TIMED, "bash", ...command], {
    cwd: place.cwd,
    env: place.env,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const figures = child.stdio[3] as NodeJS.ReadableStream;
  const read = [textOf(child.stdout), textOf(child.stderr), textOf(figures)];
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      void Promise.all(read).then(([stdout = "", stderr = "", times = ""]) => {
        if (code !== 0)
          reject(new Error(`${command.join(" ")} in ${place.cwd} ended with ${code}: ${stderr}${stdout}`));
        else resolve({ ...parse(times), stdout });
      }, reject);
    });
  });
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = "";
  if (stream === null) return text;
  for await (const chunk of stream) text += String(chunk);
  return text;
}

function parse(times: string): Omit<Sample, "stdout"> {
  const [spent = "", clock = ""] = times.trim().split("\n");
  const [real = 0, user = 0, system = 0] = spent.split(" ").map(Number);
  const [start = Number.NaN, end = Number.NaN] = clock.split(" ").map(Number);
  // A bash that is too old to know the time in microseconds still has milliseconds.
  const wall = Number.isNaN(end - start) ? real : end - start;
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000 };
}

/** What many values come to. */
export interface Spread {
  readonly n: number;
  readonly min: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
  const middle = sorted.length / 2;
  const median = Number.isInteger(middle)
    ? ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
    : at(0.5);
  return { n: sorted.length, min: at(0), median, p99: at(0.99), max: at(1) };
}

/** Runs contenders in turn, A B A B, so that what disturbs the machine disturbs all. The first round only warms up. */
export async function inTurn<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, (round: number) => Promise<Sample>>>,
): Promise<Record<Name, readonly Sample[]>> {
  const names = Object.keys(contenders) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as Sample[]])) as Record<Name, Sample[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const sample = await contenders[name](round);
      if (round > 0) samples[name].push(sample);
    }
  }
  return samples;
}
