import type { Store } from "../../store/store.ts";
import type { Agent } from "./agent.ts";
import { lookAt, newestChange, processesIn } from "./process.ts";

/**
 * `live`: heard of within the limit. `suspect`: silent past it, or its process is gone although something still moves.
 * `unknown`: silent, and nothing here can tell. `dead`: shown to be gone.
 */
export type LifeState = "live" | "suspect" | "unknown" | "dead";

export interface Life {
  readonly state: LifeState;
  /** What was looked at and what was seen, a sentence each. */
  readonly evidence: readonly string[];
}

/**
 * Judges an agent by more than the clock. Dead is only who left evidence: its process could be compared and is gone, or
 * where it cannot (another machine, another container) the connection that it kept is; and no process stands in its
 * folder, and no file there changed since it was last heard of. [XCS-03]
 * @param limitMs how long an agent may be silent
 */
export async function judge(store: Pick<Store, "stands">, agent: Agent, now: number, limitMs: number): Promise<Life> {
  // A sign from a future beyond the limit was given before the clock was set back, and is none of now.
  const silent = Math.abs(now - Date.parse(agent.beatAt));
  const heard = `last heard of ${Math.round(silent / 1000)} s ago`;
  const process = await lookAt(agent.process);
  if (process === "there" && silent <= limitMs) return { state: "live", evidence: [heard, "its process runs"] };
  if (process === "there") return { state: "suspect", evidence: [heard, "its process runs"] };
  if (process === "unknown") {
    const evidence = [heard, "its process cannot be looked at from here"];
    if (silent <= limitMs) return { state: "live", evidence };
    const moving = await movementOf(agent);
    if (!agent.standing)
      return { state: moving.length > 0 ? "suspect" : "unknown", evidence: [...evidence, ...moving] };
    const stands = await store.stands(agent.id);
    evidence.push(stands ? "its connection stands" : "its connection is gone", ...moving);
    return { state: stands || moving.length > 0 ? "suspect" : "dead", evidence };
  }
  const evidence = [heard, "its process is gone"];
  const moving = await movementOf(agent);
  return { state: moving.length > 0 ? "suspect" : "dead", evidence: [...evidence, ...moving] };
}

/** In a checkout that several share nothing is proven by what moves there. */
async function movementOf({ session, place, beatAt }: Agent): Promise<string[]> {
  return session === null ? [] : movementIn({ place, since: Date.parse(beatAt) });
}

/** Signs that somebody still works in a workspace. */
export async function movementIn({
  place,
  since,
}: {
  readonly place: string;
  readonly since: number;
}): Promise<string[]> {
  const signs: string[] = [];
  const standing = await processesIn(place);
  if (standing.length > 0) signs.push(`a process stands in its workspace: ${standing.slice(0, 3).join(", ")}`);
  const newest = await newestChange(place);
  if (newest && newest.at > since + 1000) signs.push(`${newest.file} changed since`);
  return signs;
}
