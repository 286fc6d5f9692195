import { optionOf } from "../../shell-word.ts";
import { BerthError } from "../../errors.ts";
import type { Asking } from "../../store/store.ts";
import type { Process } from "./process.ts";

/** One running participant, as it was last heard of. */
export interface Agent {
  readonly id: string;
  /** `frontend`, `backend`, `testing`, `assistant`, or a team's own word. */
  readonly role: string;
  /** The program it runs in, the seed's `agent_id`. */
  readonly client: string;
  readonly capabilities: readonly string[];
  /** The claimed session it works on, if any. */
  readonly session: string | null;
  /** What it says that it works on; without that, its task of the queue. */
  readonly task: string | null;
  /** The folder it works in, and the process that lives as long as it does. */
  readonly place: string;
  readonly process: Process;
  /** Whether it keeps a connection to the store for as long as it lives. */
  readonly standing: boolean;
  /** Both to the millisecond. */
  readonly registeredAt: string;
  readonly beatAt: string;
}

interface AgentRow {
  readonly id: string;
  readonly role: string;
  readonly client: string;
  readonly capabilities: string;
  readonly session: string | null;
  readonly task: string | null;
  readonly place: string;
  readonly process: string;
  readonly standing: number;
  readonly registered_at: number;
  readonly beat_at: number;
}

/** Without a word of its own, the task of the queue that it took last is what it works on. */
const SELECT = `select agent.id, role, client, capabilities, session, coalesce(agent.task, taken.id) as task, place, process,
    standing, registered_at, beat_at
  from agent left join (
    select agent, id, row_number() over (partition by agent order by changed_at desc, id) as nth
    from task where project = $1 and status = 'assigned') taken on taken.agent = agent.id and taken.nth = 1
  where project = $1`;

/** All registered agents, the longest registered first. */
export async function readAgents(tx: Asking): Promise<Agent[]> {
  const rows = await tx.all<AgentRow>(`${SELECT} order by registered_at, agent.id`, tx.project);
  return rows.map(agentOf);
}

export async function readAgent(tx: Asking, id: string): Promise<Agent | null> {
  const row = await tx.one<AgentRow>(`${SELECT} and agent.id = $2`, tx.project, id);
  return row ? agentOf(row) : null;
}

/** What tells an agent's last sign of life from every other, also of those who had its name before or have it since. */
export function signOf({ beatAt, registeredAt, process, standing }: Agent): string {
  return JSON.stringify([beatAt, registeredAt, process, standing]);
}

/** @throws BerthError NOT_FOUND */
export async function requireAgent(tx: Asking, id: string): Promise<Agent> {
  const agent = await readAgent(tx, id);
  if (agent) return agent;
  throw new BerthError("NOT_FOUND", `No agent is registered as ${JSON.stringify(id)}.`, {
    hint: `Register it with: berth agent register ${optionOf("--id", id)}; see who is there with: berth agents`,
    facts: { agent: id },
  });
}

function agentOf(row: AgentRow): Agent {
  const { registered_at, beat_at, ...rest } = row;
  return {
    ...rest,
    capabilities: JSON.parse(row.capabilities) as string[],
    process: JSON.parse(row.process) as Process,
    standing: row.standing === 1,
    registeredAt: new Date(registered_at).toISOString(),
    beatAt: new Date(beat_at).toISOString(),
  };
}
