import { optionOf } from "../../shell-word.ts";
import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import type { Store } from "../../store/store.ts";
import { count, flag, line, lines, requireInput, text } from "../input.ts";
import { type Agent, readAgent, requireAgent, signOf } from "./agent.ts";
import { rememberBeat } from "./beats.ts";
import { judge } from "./life.ts";
import { machineOf } from "./machine-id.ts";
import { forget } from "./reclaim.ts";
import { heardNow, lookAt, type Process, processAt } from "./process.ts";

export interface Registration {
  readonly id: string;
  readonly role?: string | undefined;
  readonly client?: string | undefined;
  readonly capabilities?: readonly string[] | undefined;
  readonly session?: string | undefined;
  /** The process that lives as long as the agent does. Without it nobody can show it to be dead. */
  readonly pid?: number | undefined;
  /** Refuse the name if anybody has it who is not dead, whoever that is. */
  readonly isNew?: boolean;
}

const INPUT = { id: text, role: line, client: line, capabilities: lines, session: line, pid: count, isNew: flag };

/** Of whoever has not said another one. */
const ROLE = "assistant";

/**
 * Registers an agent. A name that another living agent has is refused; the same agent registering again is told what it
 * is now. Two processes that are known are one agent only if they are one process. Where either has named none, as a
 * claim does, it is the same agent in the same folder of the same machine, as long as nothing that it says (role,
 * client, capabilities, session) contradicts what was said before; who calls by that very name may say all of it
 * anew. [XCS-01]
 * @throws BerthError ALREADY_REGISTERED naming who has it, where, and since when; INVALID
 */
export async function register(project: Project, input: Registration): Promise<{ agent: Agent }> {
  requireInput(input, INPUT, ["id"]);
  const id = agentId(input.id);
  const machine = await machineOf(project);
  const process = await processAt(input.pid ?? null, machine);
  // Where the kernel tells of processes, one that it does not know cannot show later that it is gone.
  if (input.pid !== undefined && process.bootId !== null && process.pid === null)
    throw new BerthError("INVALID", `There is no process ${input.pid}.`, {
      hint: "Name the one that lives as long as the agent, in a shell --pid $$, or none.",
    });
  const place = project.here.top ?? project.cwd;
  const own = project.caller.named && project.caller.name === id;
  const store = await project.store.open();
  const { before, at } = await store.read(async (tx) => ({ before: await readAgent(tx, id), at: tx.now }));
  const gone = before !== null && (await isGone(project, store, before, at));
  const agent = await store.write(async (tx) => {
    const now = await readAgent(tx, id);
    const same = now !== null && !input.isNew && isSame(now, { ...input, own, process, place });
    // One that was heard of after all, or another one that came first, is not the one that has gone.
    const ended = gone && now !== null && signOf(now) === signOf(before);
    if (now && !same && !ended) throw taken(now);
    if (now && !same) await forget(tx, now, "agent.died", ["a new process has its name"], null);
    const keep = same ? now : null;
    await tx.run(
      `insert into agent (project, id, role, client, capabilities, session, task, place, process, registered_at, beat_at)
       values ($1, $2, $3, $4, $5, $6, null, $7, $8, $9, $9)
       on conflict (project, id) do update set role = $3, client = $4, capabilities = $5, session = $6, place = $7,
         process = $8, beat_at = $9`,
      tx.project,
      id,
      input.role ?? keep?.role ?? ROLE,
      input.client ?? keep?.client ?? id,
      JSON.stringify(input.capabilities ?? keep?.capabilities ?? []),
      input.session ?? keep?.session ?? null,
      place,
      JSON.stringify(
        input.pid === undefined && keep && (await lookAt(keep.process, machine)) === "there"
          ? heardNow(keep.process)
          : process,
      ),
      tx.now,
    );
    const made = await requireAgent(tx, id);
    const { role, session } = made;
    if (!keep) await tx.append({ kind: "agent.registered", subject: id, agent: id, data: { role, session } });
    else if (saidOf(keep) !== saidOf(made))
      await tx.append({ kind: "agent.changed", subject: id, agent: id, data: { role, session } });
    return made;
  });
  await rememberBeat(project, id);
  return { agent };
}

/** A name for people and messages: short, of one line, and not one of the words that mean several. */
function agentId(id: string): string {
  if (/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,80}$/u.test(id) && id.trim() === id && id.isWellFormed() && id !== "all")
    return id;
  throw new BerthError("INVALID", `${JSON.stringify(id)} cannot be an agent's name.`, {
    hint: "Take one of at most 80 visible characters, other than all.",
  });
}

interface Comer extends Registration {
  /** Whether the caller goes by this name. */
  readonly own: boolean;
  readonly process: Process;
  readonly place: string;
}

/** The rule of {@link register}. */
function isSame(agent: Agent, comer: Comer): boolean {
  const [known, now] = [agent.process, comer.process];
  if (known.bootId !== now.bootId) {
    // After another start of the machine nothing that was named runs; who had named nothing goes on.
    if (known.pid !== null || known.machine === null || known.machine !== now.machine) return false;
  } else if (known.host !== now.host) return false;
  if (known.pid !== null && now.pid !== null) return known.pid === now.pid && known.startTicks === now.startTicks;
  return agent.place === comer.place && (comer.own || !contradicts(agent, comer));
}

/** What was never said is contradicted by nothing. */
function contradicts(agent: Agent, comer: Comer): boolean {
  const differs = (said: string | undefined, known: string | null, unsaid: string | null): boolean =>
    said !== undefined && known !== unsaid && said !== known;
  const capabilities = (list: readonly string[] | undefined): string | undefined => list && JSON.stringify(list);
  return (
    differs(comer.role, agent.role, ROLE) ||
    differs(comer.client, agent.client, agent.id) ||
    differs(comer.session, agent.session, null) ||
    differs(capabilities(comer.capabilities), JSON.stringify(agent.capabilities), "[]")
  );
}

/** What it says of itself. */
function saidOf({ role, client, capabilities, session, place, process }: Agent): string {
  return JSON.stringify([role, client, capabilities, session, place, { ...process, bootedAt: null }]);
}

async function isGone(project: Project, store: Store, agent: Agent, now: number): Promise<boolean> {
  return (await judge(project, store, agent, now)).state === "dead";
}

function taken(agent: Agent): BerthError {
  const { id, place, registeredAt, process } = agent;
  return new BerthError(
    "ALREADY_REGISTERED",
    `${id} is registered since ${registeredAt}, from ${place} on ${process.host}.`,
    {
      hint: `Take another name with --id; if that one is you, register from that folder with ${optionOf("--agent", id)}, without --pid or with the same; if it has ended: berth agent leave ${optionOf("--id", id)}`,
      facts: { agent },
    },
  );
}
