import { isoSeconds } from "../clock.ts";
import { type AgentRow, lookRound } from "../coordination/agent/agents.ts";
import { machineId } from "../coordination/agent/machine-id.ts";
import { bootedAt, clockWasSet, isHere, isOfThisBoot, sleptMs } from "../coordination/agent/process.ts";
import { messageOf } from "../errors.ts";
import type { Project } from "../project.ts";
import { bad, type Finding, good } from "./finding.ts";

/**
 * What happened to this machine that signs of life are judged by: it was started again, slept, or had its clock set.
 * Each is said with what it means for the agents that are registered here. [XCS-03]
 */
export async function checkMachine(project: Project): Promise<Finding> {
  const started = bootedAt();
  const slept = sleptMs();
  const since = started === null ? "" : `this machine was started at ${isoSeconds(started)}`;
  const rested = slept > 60_000 ? ` and slept ${hours(slept)} since: who is silent for that is suspect, not dead` : "";
  const said = since === "" ? "nothing tells when this machine was started" : `${since}${rested}`;
  const found = await agentsHere(project);
  if (typeof found === "string") return good(`${said}; its agents cannot be asked for: ${found}`);
  const before: AgentRow[] = [];
  for (const agent of found) if (!(await isOfThisBoot(agent.process))) before.push(agent);
  const set = found.filter(
    (agent) => !before.includes(agent) && agent.process.pid !== null && clockWasSet(agent.process),
  );
  const clock =
    set.length === 0
      ? ""
      : `; its clock was set since ${names(set)} called last: until they call they are suspect at most`;
  if (before.length === 0) return good(`${said}${clock}`);
  return bad(
    `${since}, and ${names(before)} registered before that: no process of theirs runs any more${clock}`,
    "See what they left with: berth recover. An agent that goes on registers again; one that has ended: berth agent leave --id NAME",
  );
}

async function agentsHere(project: Project): Promise<AgentRow[] | string> {
  try {
    const machine = await machineId(project);
    const known = await lookRound(project);
    // After another start it is known by more than its name, or not at all.
    const isOwn = ({ process }: AgentRow): boolean =>
      isHere(process, machine) && (process.machine !== null || process.bootId === null);
    const own: AgentRow[] = [];
    for (const agent of known) if (isOwn(agent) || (await isOfThisBoot(agent.process))) own.push(agent);
    return own;
  } catch (error) {
    return messageOf(error);
  }
}

function names(agents: readonly AgentRow[]): string {
  return agents.map(({ id }) => id).join(", ");
}

function hours(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}
