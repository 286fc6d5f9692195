import type { Deeds, Racer } from "./race-deeds.ts";

/** What an agent does whose history is judged: less than all that there is, so that all of it can be. */
export interface HistoryPlan {
  readonly of: "store" | "claims";
  /** The sessions that are claimed. */
  readonly sessions: readonly string[];
  /** Whether each agent is on a machine of its own. */
  readonly machines: boolean;
}

/** Files that are locked; none of them covers another one. */
export const LOCKED: readonly string[] = ["src/a.txt", "src/b.txt", "src/ui/x.ts", "docs/m.md"];
/** Keys that are written, below one that is read. */
export const KEYS: readonly string[] = ["a", "b", "c", "d"];
export const ROOT = "keys";

/** Longer than any history: a lock ends by its holder's doing, or death. */
const TTL_MS = 600_000;

export function historyDeeds(racer: Racer, plan: HistoryPlan): Deeds {
  return plan.of === "store" ? storeDeeds(racer) : claimDeeds(racer, plan.sessions);
}

function storeDeeds(racer: Racer): Deeds {
  const { agent } = racer;
  const ask: Racer["ask"] = (...all) => racer.ask(...all);
  const chance = (part: number): boolean => racer.random() < part;
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(racer.random() * list.length)] as T;
  /** What was read of the context, now and before. */
  let bases = [0];
  const lock = (): Promise<unknown> => {
    const paths = [...new Set(chance(0.8) ? [oneOf(LOCKED)] : [oneOf(LOCKED), oneOf(LOCKED)])];
    const mode = chance(0.6) ? "exclusive" : "shared";
    return ask("lock", { paths, mode, ttlMs: TTL_MS }, ["LOCK_HELD"]);
  };
  const unlock = (): Promise<unknown> => ask("unlock", chance(0.5) ? { all: true } : { paths: [oneOf(LOCKED)] });
  const read = async (): Promise<void> => {
    const answer = await ask("sharedGet", { path: ROOT });
    if (answer) bases = [Number(answer["version"]), ...bases].slice(0, 3);
  };
  const write = async (): Promise<void> => {
    const base = chance(0.7) ? bases[0] : oneOf(bases);
    const answer = await ask("sharedSet", { path: `${ROOT}.${oneOf(KEYS)}`, value: racer.mark(), base });
    // The whole of that version was not read, but who goes on from it overwrites on purpose what is in it.
    if (answer && chance(0.5)) bases = [Number(answer["version"]), ...bases].slice(0, 3);
  };
  return {
    begin: async () => void (await ask("register", { id: agent, pid: process.pid })),
    one: async () => {
      await oneOf([lock, lock, lock, unlock, unlock, read, read, write, write])();
      if (chance(0.03)) await ask("status", {});
    },
    end: async () => {
      await ask("unlock", { all: true });
      await ask("leave", { id: agent });
    },
  };
}

/** How a claim may be refused, and how whatever needs one may. */
const NOT_FREE = ["CLAIM_LOST", "WRONG_STATE"];
const NOT_MINE = ["NOT_HOLDER", "STALE_EPOCH", "WRONG_STATE", "CLAIM_LOST"];

function claimDeeds(racer: Racer, sessions: readonly string[]): Deeds {
  const ask: Racer["ask"] = (...all) => racer.ask(...all);
  const chance = (part: number): boolean => racer.random() < part;
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(racer.random() * list.length)] as T;
  /** What was won; it may be another's by now. */
  const own = new Map<string, number>();
  const epochOf = (answer: Readonly<Record<string, unknown>>): number =>
    (answer["claim"] as { readonly epoch: number }).epoch;
  const claim = async (): Promise<void> => {
    const id = oneOf(sessions.filter((one) => !own.has(one)));
    if (id === undefined) return;
    const won = await ask("claim", { id, noWorkspace: true }, NOT_FREE);
    if (won) own.set(id, epochOf(won));
  };
  const takeOver = async (): Promise<void> => {
    const id = oneOf(sessions.filter((one) => !own.has(one)));
    if (id === undefined) return;
    const won = await ask("recover", { id, takeOver: true, force: true }, NOT_FREE);
    if (won) own.set(id, epochOf(won));
  };
  const giveBack = async (): Promise<void> => {
    const id = oneOf([...own.keys()]);
    if (id === undefined) return;
    const said = `epoch ${own.get(id)}`;
    if (chance(0.92)) await ask("release", { id, reason: said }, NOT_MINE);
    else if (chance(0.5)) await ask("abandon", { id, reason: said }, NOT_MINE);
    else await ask("complete", { id, tick: ["all"], notes: said }, NOT_MINE);
    own.delete(id);
  };
  const look = (): Promise<unknown> => ask("show", { id: oneOf(sessions), fetch: true });
  return {
    begin: async () => undefined,
    one: async () => void (await oneOf([claim, claim, takeOver, giveBack, giveBack, look])()),
    end: async () => undefined,
  };
}
