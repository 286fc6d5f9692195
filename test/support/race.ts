import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import type { HistoryPlan } from "./history-deeds.ts";
import { program, type Sandbox } from "./sandbox.ts";
import type { Noted, RaceOptions } from "./race-worker.ts";

const entry = join(import.meta.dirname, "race-worker.ts");

/** One process that took part, and what it wrote down. */
export interface Life {
  readonly agent: string;
  readonly life: number;
  readonly notes: readonly Noted[];
  /** When it was killed, by the monotonic clock of the notes and by the calendar; null for one that came to its end. */
  readonly killed: { readonly at: number; readonly ms: number } | null;
  /** What it had to say before it ended without being killed. */
  readonly problem: string | null;
}

export interface RacePlan {
  /** A checkout for each agent; several may have the same. */
  readonly dirs: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly ms: number;
  /** For each agent, the URL of a server behind a wire with faults. */
  readonly far?: readonly string[];
  /** What they do, where it is less than everything; each process is an agent of its own then. */
  readonly history?: HistoryPlan;
}

/** What happens to a race while it goes on, again and again. One that is killed is started again. */
export type Disturb = (killOne: () => Promise<void>) => Promise<void>;

/** Lets an agent in each of the folders do what it can for so long. */
export async function race(box: Sandbox, plan: RacePlan, disturb: Disturb): Promise<readonly Life[]> {
  const agents = plan.dirs.map((_, i) => `racer-${i}`);
  const lives: Life[] = [];
  const begun = agents.map(() => 0);
  const { history } = plan;
  const run = async (i: number): Promise<Running> => {
    const life = begun[i] ?? 0;
    begun[i] = life + 1;
    const agent = `${agents[i]}${history ? `.${life}` : ""}`;
    const log = join(box.dir, `race-${i}-${life}.jsonl`);
    const dir = plan.dirs[i] ?? "";
    const far = plan.far?.[i];
    const machineDir = join(box.dir, history?.machines ? `machine${i}` : "machine");
    const options = { dir, machineDir, program, log, agent, agents, life, far, history };
    return start(options, { ...plan.env, NODE_COMPILE_CACHE: join(box.dir, "compiled") });
  };
  // What the first one has compiled the others need not.
  const first = await run(0);
  const running = [first, ...(await Promise.all(agents.slice(1).map((_, i) => run(i + 1))))];
  const end = performance.now() + plan.ms;
  for (const one of running) one.go(plan.ms);
  const killOne = async (): Promise<void> => {
    const i = Math.floor(running.length * Math.random());
    lives.push((await running[i]?.kill()) as Life);
    const next = await run(i);
    next.go(Math.max(0, end - performance.now()));
    running[i] = next;
  };
  while (performance.now() < end - 1000) await disturb(killOne);
  lives.push(...(await Promise.all(running.map((one) => one.ended))));
  return lives;
}

interface Running {
  go(ms: number): void;
  kill(): Promise<Life>;
  readonly ended: Promise<Life>;
}

async function start(options: RaceOptions, env: RacePlan["env"]): Promise<Running> {
  const child = spawn(process.execPath, [entry, JSON.stringify(options)], {
    env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin.on("error", () => undefined);
  let killed: Life["killed"] = null;
  const ended = ending(child).then((problem): Life => {
    const { agent, life, log } = options;
    return { agent, life, notes: notesOf(log), killed, problem: killed ? null : problem };
  });
  // The first word, or none when it could not begin.
  await Promise.race([createInterface({ input: child.stdout })[Symbol.asyncIterator]().next(), ended]);
  return {
    ended,
    go: (ms) => void child.stdin.write(`${ms}\n`),
    kill: () => {
      if (child.exitCode === null) killed = { at: Number(process.hrtime.bigint()) / 1e6, ms: Date.now() };
      child.kill("SIGKILL");
      return ended;
    },
  };
}

async function ending(child: ChildProcess): Promise<string | null> {
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  const [code] = (await once(child, "close")) as [number | null];
  return code === 0 ? null : `ended with ${code}: ${said}`;
}

/** A line that a process was killed in has no end. */
function notesOf(log: string): Noted[] {
  const lines = readFileSync(log, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Noted);
}
