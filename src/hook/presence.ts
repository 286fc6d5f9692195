import { existsSync } from "node:fs";
import { join } from "node:path";
import { isBerthError } from "../errors.ts";
import type { Berth } from "../open.ts";

/** How an agent is registered by its hooks. */
export interface Presence {
  /** What the client calls itself. */
  readonly program: string;
  /** The client's process, where it says so: it lives as long as the agent. */
  readonly pid: number | null;
}

/** Whether this repository is one in which agents are to be coordinated: hooks may be installed for all repositories. */
export function isSetUp({ project }: Berth): boolean {
  const { mainTop, commonDir } = project.repository;
  return existsSync(join(mainTop ?? commonDir, ".berth")) || existsSync(join(commonDir, "berth", "live"));
}

/** Registers the agent, or says again that it is there. Its MCP server may have registered it already. */
export async function enter(berth: Berth, { program, pid }: Presence): Promise<void> {
  const id = berth.project.caller.name;
  try {
    await berth.register({ id, client: program, ...(pid !== null && { pid }) });
  } catch (error) {
    if (!isBerthError(error) || error.code !== "ALREADY_REGISTERED") throw error;
    await berth.beat({ id });
  }
}

/** A sign of life; whoever is not registered, as its hooks came later or somebody signed it off, is from now on. */
export async function beat(berth: Berth, presence: Presence, task?: string): Promise<void> {
  const id = berth.project.caller.name;
  try {
    await berth.beat({ id, ...(task !== undefined && { task }) });
  } catch (error) {
    if (!isBerthError(error) || error.code !== "NOT_FOUND") throw error;
    await enter(berth, presence);
  }
}

/** The end of the agent: its locks are free, its tasks go back to the queue. */
export async function leave(berth: Berth): Promise<void> {
  try {
    await berth.leave({ id: berth.project.caller.name });
  } catch (error) {
    if (!isBerthError(error) || error.code !== "NOT_FOUND") throw error;
  }
}
