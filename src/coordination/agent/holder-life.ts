import { messageOf } from "../../errors.ts";
import type { Project } from "../../project.ts";
import type { Asking, Store } from "../../store/store.ts";
import { type Agent, readAgent } from "./agent.ts";
import { judge, type Life, movementIn } from "./life.ts";

export interface HolderLife extends Life {
  /** When it was last heard of, or taken for dead, in milliseconds since the epoch; null where nothing tells. */
  readonly heardAt: number | null;
}

/** An agent that was taken for dead while it worked on a session, as the feed tells of it. */
interface Death {
  readonly at: string;
  readonly place: string;
  readonly evidence: readonly string[];
}

/**
 * What the live layer tells of the agent that holds a claimed session: its own judgement while the agent is registered,
 * and afterwards the evidence on which it was taken for dead, as long as nothing moves. `unknown` where it tells nothing.
 * [XCS-03] [XCS-16]
 */
export async function holderLife(project: Project, session: string, holder: string): Promise<HolderLife> {
  try {
    const store = await project.store.open();
    const { now, agent, death } = await store.read(async (tx) => ({
      now: tx.now,
      agent: await readAgent(tx, holder),
      death: await lastDeath(tx, session, holder),
    }));
    if (agent) return lifeOf(project, store, { agent, session, now });
    if (death) return afterDeath(death);
    return { state: "unknown", evidence: [`${holder} is not registered`], heardAt: null };
  } catch (error) {
    return { state: "unknown", evidence: [`the live layer could not be asked: ${messageOf(error)}`], heardAt: null };
  }
}

async function lifeOf(
  project: Project,
  store: Store,
  { agent, session, now }: { readonly agent: Agent; readonly session: string; readonly now: number },
): Promise<HolderLife> {
  const heardAt = Date.parse(agent.beatAt);
  const life = await judge(store, agent, now, project.config.live.suspect * 1000);
  // Signs of life from the future: of what came after them nothing can be told by its time.
  if (life.state === "dead" && heardAt > now) return { ...life, state: "suspect", heardAt };
  if (agent.session === session) return { ...life, heardAt };
  // Its folder is another one: whether anybody works in this session's the agent's own signs do not tell.
  const elsewhere = agent.session === null ? "works on no session now" : `works on ${agent.session} now`;
  return { state: life.state === "dead" ? "suspect" : life.state, evidence: [elsewhere, ...life.evidence], heardAt };
}

/** Dead it stays for as long as nothing shows otherwise: it may have been the shell that died, and not who worked there. */
async function afterDeath({ at, place, evidence }: Death): Promise<HolderLife> {
  const heardAt = Date.parse(at);
  const moving = await movementIn({ place, since: heardAt });
  return {
    state: moving.length > 0 ? "suspect" : "dead",
    evidence: [`taken for dead at ${at}`, ...evidence, ...moving],
    heardAt,
  };
}

/** The last death of an agent on a session, where nothing was heard of the agent since. */
async function lastDeath(tx: Asking, session: string, holder: string): Promise<Death | null> {
  const row = await tx.one<{ at: number; kind: string; data: string }>(
    `select at, kind, data from event where project = $1 and (agent = $2 or (subject = $2
     and kind in ('agent.died', 'agent.left', 'agent.registered', 'agent.entered', 'agent.ended')))
     order by seq desc limit 1`,
    tx.project,
    holder,
  );
  // Whatever it did afterwards, it did alive.
  if (row?.kind !== "agent.died") return null;
  const data = JSON.parse(row.data) as { session?: unknown; place?: unknown; evidence?: unknown };
  if (data.session !== session || typeof data.place !== "string" || !Array.isArray(data.evidence)) return null;
  return { at: new Date(row.at).toISOString(), place: data.place, evidence: data.evidence.map(String) };
}
