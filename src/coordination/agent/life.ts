import type { Clock } from "../../clock.ts";
import type { Project } from "../../project.ts";
import type { Store } from "../../store/store.ts";
import type { Agent } from "./agent.ts";
import { machineId } from "./machine-id.ts";
import { bootedAt, clockWasSet, isOfThisBoot, lookAt, newestChange, type Process, processesIn } from "./process.ts";

/**
 * `live`: heard of within the limit. `suspect`: silent past it, or its process is gone although something still moves.
 * `unknown`: silent, and nothing here can tell. `dead`: shown to be gone.
 */
export type LifeState = "live" | "suspect" | "unknown" | "dead";

export interface Life {
  readonly state: LifeState;
  /** What was looked at and what was seen, a sentence each. */
  readonly evidence: readonly string[];
  /** Whether it is known from here that its process ended, by a look at it or because this machine was started since. */
  readonly gone: boolean;
}

/**
 * Judges an agent by more than the clock. Dead is only who left evidence: its process could be compared and is gone, or
 * where it cannot (another machine, another container) the connection that it kept is; and no process stands in its
 * folder, and no file there changed since it was last heard of. [XCS-03]
 * @param now the store's clock, just now
 */
export async function judge(
  project: Pick<Project, "config" | "machineDir" | "clock">,
  store: Pick<Store, "stands">,
  agent: Agent,
  now: number,
): Promise<Life> {
  // A sign from a future beyond the limit was given before the clock was set back, and is none of now.
  const silent = Math.abs(now - Date.parse(agent.beatAt));
  const isSilent = silent > project.config.live.suspect * 1000;
  const heard = `last heard of ${Math.round(silent / 1000)} s ago`;
  const process = await lookAt(agent.process, await machineId(project));
  if (process === "there")
    return { state: isSilent ? "suspect" : "live", evidence: [heard, "its process runs"], gone: false };
  const heardAt = heardHere(project.clock, agent, now);
  if (process === "unknown") {
    const evidence = [heard, "its process cannot be looked at from here"];
    if (!isSilent) return { state: "live", evidence, gone: false };
    const moving = await movementOf(agent, heardAt);
    if (!agent.standing)
      return { state: moving.length > 0 ? "suspect" : "unknown", evidence: [...evidence, ...moving], gone: false };
    const stands = await store.stands(agent.id);
    evidence.push(stands ? "its connection stands" : "its connection is gone", ...moving);
    return { state: stands || moving.length > 0 ? "suspect" : "dead", evidence, gone: false };
  }
  // In a checkout that several share nothing is read from times, but when this machine was started.
  const timed = agent.session !== null || !(await isOfThisBoot(agent.process));
  const doubts = timed ? await doubtsOfTime(project.clock, agent.process, heardAt) : [];
  const signs = [...doubts, ...(await movementOf(agent, heardAt))];
  return {
    state: signs.length > 0 ? "suspect" : "dead",
    evidence: [heard, await ended(agent.process), ...signs],
    gone: true,
  };
}

/** How a process ended that is gone. */
export async function ended(process: Process): Promise<string> {
  return (await isOfThisBoot(process)) ? "its process is gone" : "its process is gone: this machine was started again";
}

/** When an agent was heard of, by the clock of this machine, which the times of files are of. */
export function heardHere(clock: Clock, { beatAt }: Pick<Agent, "beatAt">, now: number): number {
  return clock.now() - (now - Date.parse(beatAt));
}

/**
 * Why nothing can be told from times: whether anything moved since an agent was heard of would be known by them alone.
 * Clocks are set back and forward, by people and by the network, and begin anywhere after a start.
 */
export async function doubtsOfTime(clock: Clock, process: Process, heardAt: number): Promise<string[]> {
  if (heardAt > clock.now() + 1000) return ["a clock was set back since: its last sign is of a time to come"];
  if (await isOfThisBoot(process)) return clockWasSet(process) ? ["the clock of this machine was set since"] : [];
  const started = bootedAt();
  return started !== null && heardAt <= started ? [] : ["its last sign is of a time after this machine's start"];
}

/** In a checkout that several share nothing is proven by what moves there. */
async function movementOf({ session, place }: Agent, since: number): Promise<string[]> {
  return session === null ? [] : movementIn({ place, since });
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
