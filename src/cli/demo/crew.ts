import { type ChildProcess, spawn } from "node:child_process";
import { BerthError } from "../../errors.ts";
import type { News } from "./news.ts";
import type { Place } from "./place.ts";
import { unsavedOf } from "./take-over.ts";

/** One agent and the clone it works in. */
export interface Hand {
  readonly agent: string;
  readonly clone: string;
}

export interface CrewOptions {
  readonly place: Place;
  /** How this program is started. */
  readonly program: readonly string[];
  readonly paceMs: number;
  /** The agent that is killed once, in the middle of its first claim. */
  readonly victim: string;
  /** What everybody but the victim can do: what asks for it is not the victim's, who dies once. */
  readonly capability: string;
  /** Comes where an agent was killed in the middle of an edit, and goes on with its session. */
  readonly substitute: string;
  readonly tell: (news: News) => void;
  readonly signal: AbortSignal;
}

/** The step at which the victim dies: its claim is published, and its workspace not made. */
const DEADLY_STEP = "claim.won";
const GRACE_MS = 1500;

/**
 * Runs all agents to their end, each a process of its own. However this ends, none of them is left.
 * @returns everybody who worked
 * @throws BerthError FAILED when an agent failed, with its last words
 */
export async function runCrew(hands: readonly Hand[], options: CrewOptions): Promise<readonly Hand[]> {
  const running = new Set<ChildProcess>();
  const over = new AbortController();
  const own = { ...options, signal: AbortSignal.any([options.signal, over.signal]) };
  try {
    return (await Promise.all(hands.map((hand) => runHand(hand, own, running)))).flat();
  } finally {
    // Nobody is started any more, and whoever is still at work is ended.
    over.abort();
    await Promise.all([...running].map(endWorker));
  }
}

/** What a worker is to do besides its work. */
interface Orders {
  readonly haltAt?: string;
  readonly takeOver?: string;
}

/** Who is killed in the middle of a claim runs the same command again; who is killed in an edit is followed by another. */
async function runHand(hand: Hand, options: CrewOptions, running: Set<ChildProcess>): Promise<Hand[]> {
  const took = [hand];
  let orders: Orders = hand.agent === options.victim ? { haltAt: DEADLY_STEP } : {};
  for (let next = hand; ;) {
    const halted = await runWorker(next, orders, options, running);
    if (!halted) return took;
    const { session, edits } = halted;
    const killed = { agent: next.agent, session, what: "killed" } as const;
    orders = {};
    if (edits) {
      const unsaved = await unsavedOf(options.place.plain, edits);
      options.tell({ ...killed, detail: `kill -9 after the line: ${unsaved.line}`, unsaved });
      next = { agent: options.substitute, clone: hand.clone };
      took.push(next);
      if (session !== null) orders = { takeOver: session };
    } else options.tell({ ...killed, detail: "kill -9 between claim and workspace" });
    options.signal.throwIfAborted();
  }
}

/**
 * Runs a worker to its end. One that halts is killed the hard way, with all that it started, and says nothing more.
 * @returns where it had halted, if it did
 */
async function runWorker(
  hand: Hand,
  orders: Orders,
  options: CrewOptions,
  running: Set<ChildProcess>,
): Promise<News | null> {
  const child = startWorker(hand, orders, options);
  running.add(child);
  let words = "";
  child.stderr?.on("data", (chunk: Buffer) => (words = (words + chunk.toString("utf8")).slice(-2000)));
  const halted = new Promise<News>((resolve) => {
    child.on("message", (news: News) => {
      options.tell(news);
      if (news.what === "halted") resolve(news);
    });
  });
  const end = await Promise.race([halted, ended(child, options.signal)]);
  // One that is still at work stays in the list, and is ended with the others.
  if (end instanceof Error) throw end;
  if (end) {
    const gone = new Promise((resolve) => child.once("close", resolve));
    kill(child, "SIGKILL");
    await gone;
  }
  running.delete(child);
  if (!end && child.exitCode !== 0) throw failed(hand, words.trim() || `exit ${child.exitCode}`);
  return end;
}

function startWorker({ agent, clone }: Hand, orders: Orders, options: CrewOptions): ChildProcess {
  const [file = "", ...leading] = options.program;
  const args = ["demo-worker", "-C", clone, "--agent", agent, "--pace", String(options.paceMs)];
  if (options.place.prefix !== "") args.push("--prefix", options.place.prefix);
  if (agent !== options.victim) args.push("--capability", options.capability);
  if (orders.haltAt !== undefined) args.push("--halt-at", orders.haltAt);
  if (orders.takeOver !== undefined) args.push("--take-over", orders.takeOver);
  return spawn(file, [...leading, ...args], {
    cwd: clone,
    env: options.place.plain.env,
    // A group of its own, so that a kill takes along what it started.
    detached: process.platform !== "win32",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}

/** Waits for the end of a worker. @returns why nobody should have waited: it could not start, or the demo is over */
function ended(child: ChildProcess, signal: AbortSignal): Promise<Error | null> {
  return new Promise((resolve) => {
    const stop = (): void => resolve(signal.reason as Error);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    child.once("error", resolve);
    child.once("close", () => {
      signal.removeEventListener("abort", stop);
      resolve(null);
    });
    return undefined;
  });
}

/** Asks first, so that what it runs ends in order; then does not ask, neither it nor what it started. */
async function endWorker(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    kill(child, "SIGTERM");
    const impatient = setTimeout(() => kill(child, "SIGKILL"), GRACE_MS);
    await gone;
    clearTimeout(impatient);
  }
  kill(child, "SIGKILL");
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It is gone already.
  }
}

function failed({ agent }: Hand, words: string): BerthError {
  return new BerthError("FAILED", `The demo's agent ${agent} failed: ${words}`, {
    hint: "Look at what is left with: berth demo --keep",
  });
}
