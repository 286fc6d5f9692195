import { readFile } from "node:fs/promises";
import { isBerthError } from "../errors.ts";
import type { Berth } from "../open.ts";

/** An agent that is there for as long as its server is. */
export interface Life {
  /** A call came: a sign of life, beside the call. Whoever was signed off by somebody meanwhile is there again. */
  heard(): void;
  /** The end of the agent: its locks are free, its tasks go back to the queue. */
  end(): Promise<void>;
}

/** Calls that follow one another closely are one sign of life. */
const BEAT_MS = 500;

/** How long a name may still be held by a server of the same agent that is just ending. */
const ENDING_MS = 2000;

/**
 * Registers the caller of a handle, and gives signs of life until the end. Where its client has been registered already,
 * by a hook that knows the client's process, that registration stands, and its end is the client's. Where the name was
 * used without any process, by commands of the same agent in another folder, it is taken on.
 * @throws BerthError ALREADY_REGISTERED where another living agent has the name
 */
export async function beginLife(berth: Berth): Promise<Life> {
  const id = berth.project.caller.name;
  let adopted = await enter(berth);
  let stay = await berth.stay({ id });
  const beat = async (): Promise<void> => {
    try {
      await berth.beat({ id });
    } catch (error) {
      if (!isMissing(error)) throw error;
      adopted = await enter(berth);
      stay = await berth.stay({ id });
    }
    stay.ended.catch(() => undefined);
  };
  let beating: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let again = false;
  let over = false;
  const heard = (): void => {
    again = timer !== undefined;
    if (again || over) return;
    // A store that cannot be reached is said by the call itself.
    beating = beating.then(beat).catch(() => undefined);
    timer = setTimeout(() => {
      timer = undefined;
      if (again) heard();
    }, BEAT_MS).unref();
  };
  stay.ended.catch(() => undefined);
  return {
    heard,
    end: async () => {
      over = true;
      clearTimeout(timer);
      await beating;
      await stay.release();
      if (adopted) return;
      await berth.leave({ id }).catch(ignoreMissing);
    },
  };
}

/**
 * Registers an agent that comes by HTTP: nobody knows its process, so that it is heard of when it calls, and found to be
 * silent when it does not. A registration that its client has made already stands.
 */
export async function beginVisits(berth: Berth): Promise<Life> {
  const id = berth.project.caller.name;
  const enter = async (): Promise<boolean> => {
    try {
      await berth.register({ id });
      return false;
    } catch (error) {
      if (isBerthError(error) && error.code === "ALREADY_REGISTERED") return true;
      throw error;
    }
  };
  let adopted = await enter();
  let beating: Promise<void> = Promise.resolve();
  const beat = async (): Promise<void> => {
    try {
      await berth.beat({ id });
    } catch (error) {
      if (!isMissing(error)) throw error;
      adopted = await enter();
    }
  };
  return {
    heard: () => void (beating = beating.then(beat).catch(() => undefined)),
    end: async () => {
      await beating;
      if (!adopted) await berth.leave({ id }).catch(ignoreMissing);
    },
  };
}

/** @returns whether the client itself is registered, and its end is not this server's to say */
async function enter(berth: Berth): Promise<boolean> {
  const id = berth.project.caller.name;
  const deadline = performance.now() + ENDING_MS;
  for (;;) {
    try {
      await berth.register({ id, pid: process.pid });
      return false;
    } catch (error) {
      if (!isBerthError(error) || error.code !== "ALREADY_REGISTERED") throw error;
      const known = processIn(error.facts);
      if (known?.pid === null && known.host === berth.project.caller.host) return false;
      if (await isParent(known?.pid ?? null)) return true;
      if (performance.now() >= deadline) throw error;
      await berth.project.clock.sleep(100, berth.project.signal);
    }
  }
}

interface Known {
  readonly pid: number | null;
  readonly host: string;
}

function processIn(facts: Readonly<Record<string, unknown>>): Known | undefined {
  const { agent } = facts as { readonly agent?: { readonly process?: Known } };
  return agent?.process;
}

/** Whether a process is one that this one descends from: the client, or a shell or launcher between. */
async function isParent(pid: number | null): Promise<boolean> {
  let parent = process.ppid;
  for (let depth = 0; depth < 16 && parent > 1; depth++) {
    if (parent === pid) return true;
    const stat = await readFile(`/proc/${parent}/stat`, "utf8").catch(() => "");
    // The name in brackets may hold anything; what follows it are numbers.
    parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0);
  }
  return false;
}

function isMissing(error: unknown): boolean {
  return isBerthError(error) && error.code === "NOT_FOUND";
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
