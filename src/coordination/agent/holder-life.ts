import { messageOf } from "../../errors.ts";
import { homeDir, type Project } from "../../project.ts";
import type { Asking, Store } from "../../store/store.ts";
import { type Agent, readAgent } from "./agent.ts";
import { doubtsOfTime, ended, heardHere, judge, type Life, movementIn } from "./life.ts";
import { machineId } from "./machine-id.ts";
import { ownPlaces } from "./own-places.ts";
import { isHere, lookAt, type Process } from "./process.ts";

export interface HolderLife extends Life {
  /** When it was last heard of, or taken for dead, in milliseconds by this machine's clock; null where nothing tells. */
  readonly heardAt: number | null;
}

/** A claim as it stands in the ledger, and where its work is on this machine. */
export interface HeldClaim {
  readonly session: string;
  readonly holder: string;
  /** Where it was made. */
  readonly host: string | null;
  /** The folder of its workspace, null for a claim without one, and undefined where that is not on this machine. */
  readonly dir: string | null | undefined;
}

/** An agent that was taken for dead while it worked on a session, as the feed tells of it. */
interface Death extends Pick<Agent, "place" | "beatAt"> {
  readonly at: string;
  readonly evidence: readonly string[];
  /** Null where an older version told. */
  readonly process: Process | null;
}

type Place = Pick<Agent, "place"> & { readonly process: Process };

/**
 * What the live layer tells of the agent that holds a claimed session: its own judgement while the agent is registered,
 * and afterwards the evidence on which it was taken for dead, as long as nothing moves. `unknown` where it tells nothing.
 * A name is no proof: what stands under it counts only where it was registered for this very claim, and not by an agent
 * of the same name in another clone or on another machine; and a death only where this machine can look for itself.
 * [XCS-03] [XCS-16]
 */
export async function holderLife(project: Project, claim: HeldClaim): Promise<HolderLife> {
  const { session, holder } = claim;
  try {
    const store = await project.store.open();
    const { now, agent, death } = await store.read(async (tx) => ({
      now: tx.now,
      agent: await readAgent(tx, holder),
      death: await lastDeath(tx, session, holder),
    }));
    const isOfClaim = await placeOf(project, claim);
    if (agent) return await lifeOf(project, store, { agent, claim, now, isOfClaim });
    if (death) return await afterDeath(project, death, { dir: claim.dir, now, isOfClaim });
    return unknown([`${holder} is not registered`]);
  } catch (error) {
    return unknown([`the live layer could not be asked: ${messageOf(error)}`]);
  }
}

function unknown(evidence: readonly string[], heardAt: number | null = null): HolderLife {
  return { state: "unknown", evidence, heardAt, gone: false };
}

type IsOfClaim = (known: Place) => boolean;

/** Which registrations can be of a claim: by where its workspace is, and where it was made. */
async function placeOf(project: Project, { dir, host }: HeldClaim): Promise<IsOfClaim> {
  const machine = await machineId(project);
  const isOurs = await ownPlaces(project);
  const home = homeDir(project);
  return ({ place, process }) => {
    const here = isHere(process, machine);
    if (dir === undefined) return (host === null || process.host === host) && !(here && isOurs(place));
    return here && (dir === null || place === home ? isOurs(place) : place === dir);
  };
}

async function lifeOf(
  project: Project,
  store: Store,
  {
    agent,
    claim: { session, dir },
    now,
    isOfClaim,
  }: {
    readonly agent: Agent;
    readonly claim: HeldClaim;
    readonly now: number;
    readonly isOfClaim: IsOfClaim;
  },
): Promise<HolderLife> {
  const heardAt = heardHere(project.clock, agent, now);
  // Its folder is another one: whether anybody works in this session's the agent's own signs do not tell.
  if (agent.session !== session || !isOfClaim(agent)) return elsewhere(project, store, agent, now);
  const life = await judge(project, store, { ...agent, place: dir ?? agent.place }, now);
  // Signs of life from the future: of what came after them nothing can be told by its time.
  if (life.state === "dead" && Date.parse(agent.beatAt) > now) return { ...life, state: "suspect", heardAt };
  return { ...life, heardAt };
}

/** Who has a holder's name and works elsewhere: in the same repository it is the holder, of whose end it shows nothing. */
async function elsewhere(project: Project, store: Store, agent: Agent, now: number): Promise<HolderLife> {
  const { session, place, process } = agent;
  const works = `whoever has its name now works ${session === null ? "on no session" : `on ${session}`}, in ${place} on ${process.host}`;
  const own = isHere(process, await machineId(project)) && (await ownPlaces(project))(place);
  const life = own ? await judge(project, store, agent, now) : null;
  if (life?.state !== "live") return unknown([`${works}, which tells nothing of this claim`]);
  return { ...life, evidence: [works, ...life.evidence], heardAt: heardHere(project.clock, agent, now) };
}

/** Dead it stays for as long as nothing shows otherwise: it may have been the shell that died, and not who worked there. */
async function afterDeath(
  project: Project,
  death: Death,
  {
    dir,
    now,
    isOfClaim,
  }: { readonly dir: string | null | undefined; readonly now: number; readonly isOfClaim: IsOfClaim },
): Promise<HolderLife> {
  const { at, place, process } = death;
  const said = [`taken for dead at ${at}`, ...death.evidence];
  const heardAt = heardHere(project.clock, { beatAt: at }, now);
  const looked = process === null ? "unknown" : await lookAt(process, await machineId(project));
  if (process === null || looked === "unknown" || !isOfClaim({ place, process }))
    return unknown([...said, "its process cannot be looked at from here"], heardAt);
  if (looked === "there") return { state: "suspect", evidence: [...said, "its process runs"], heardAt, gone: false };
  const doubts = await doubtsOfTime(project.clock, process, heardHere(project.clock, death, now));
  const signs = [...doubts, ...(await movementIn({ place: dir ?? place, since: heardAt }))];
  const evidence = [...said, await ended(process), ...signs];
  return { state: signs.length > 0 ? "suspect" : "dead", evidence: [...new Set(evidence)], heardAt, gone: true };
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
  const data = JSON.parse(row.data) as Readonly<Record<string, unknown>>;
  const { place, evidence, beatAt } = data;
  if (data["session"] !== session || typeof place !== "string" || !Array.isArray(evidence)) return null;
  const at = new Date(row.at).toISOString();
  const process = (data["process"] ?? null) as Process | null;
  return { at, place, process, evidence: evidence.map(String), beatAt: typeof beatAt === "string" ? beatAt : at };
}
