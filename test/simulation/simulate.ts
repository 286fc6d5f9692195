import { acts, nextAct } from "./actions.ts";
import { BASE, judgeMoves, LEDGER } from "./check-hub.ts";
import { judgeRest } from "./check-rest.ts";
import { type Climate, climateOf, fateIn } from "./climate.ts";
import { commitOf } from "./git/objects.ts";
import { reachable } from "./git/history.ts";
import { ledgerAt, stateOf } from "./ledger-view.ts";
import { soundVerbs, type Verbs } from "./planted.ts";
import { endProcess } from "./process.ts";
import { randomFrom } from "./random.ts";
import type { Runner } from "./schedule.ts";
import { type Agent, breaks, count, note, type Simulation } from "./simulation.ts";
import type { Process } from "./system.ts";
import { type Course, makeWorld, type Template, type World } from "./world.ts";

/** What came of a seed. */
export interface Result {
  readonly seed: number;
  readonly broken: readonly string[];
  readonly trace: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
  readonly steps: number;
}

export interface Options {
  /** Verbs that are done in another way. */
  readonly verbs?: Verbs;
  readonly climate?: Partial<Climate>;
  /** After so many calls of verbs and edits the calm begins. */
  readonly actions?: number;
}

const ACTIONS = 30;
const HOUR = 3_600_000;

/** Runs one seed: agents at work while things go wrong, then a calm in which everything comes to its end. */
export async function simulate(template: Template, seed: number, options: Options = {}): Promise<Result> {
  const random = randomFrom(seed ^ 0x5eed);
  const climate = { ...climateOf(random.fork()), ...options.climate };
  let simulation: Simulation | undefined;
  const world = makeWorld(
    template,
    seed,
    courseOf(climate, () => simulation),
  );
  world.atomic = climate.atomic;
  const own: Simulation = {
    world,
    climate,
    verbs: options.verbs ?? soundVerbs,
    agents: Array.from({ length: climate.agents }, (_, i) => agentOf(world, `a${i + 1}`, i)),
    deeds: new Map(),
    deaths: new Map(),
    commits: new Set(),
    loose: [],
    counts: new Map(),
    trace: [`seed ${seed}: ${JSON.stringify(climate)}`],
    broken: [],
    calm: false,
    actions: 0,
    limit: options.actions ?? ACTIONS,
  };
  simulation = own;
  await together(
    own,
    own.agents.map((agent) => live(own, agent)),
  );
  own.calm = true;
  await together(own, [settle(own)]);
  return { seed, broken: own.broken, trace: own.trace, counts: own.counts, steps: world.schedule.steps };
}

function agentOf(world: World, name: string, i: number): Agent {
  const machine = world.machines[i % world.machines.length];
  if (!machine) throw new Error("no machine");
  const random = world.random.fork();
  return {
    name,
    machine,
    random,
    client: null,
    since: Number.POSITIVE_INFINITY,
    holds: new Map(),
    again: null,
    dead: false,
    pausedUntil: 0,
  };
}

/** Lets all of them go on in turns until each has ended, or something is broken. */
async function together({ world, broken }: Simulation, lives: readonly Promise<void>[]): Promise<void> {
  let over = false;
  let failure: Error | undefined;
  Promise.all(lives).then(
    () => (over = true),
    (error: unknown) => {
      failure = error instanceof Error ? error : new Error(String(error));
      over = true;
    },
  );
  await world.schedule.run(() => over || broken.length > 0);
  if (failure) throw failure;
}

function courseOf(climate: Climate, current: () => Simulation | undefined): Course {
  const calm = (): boolean => current()?.calm ?? true;
  return {
    fateOfPush: (process) => {
      const simulation = current();
      const fate = simulation && !simulation.calm ? fateIn(climate, process.random) : "sound";
      if (simulation && fate !== "sound") {
        count(simulation, `pushes ${fate}`);
        note(simulation, `${process.name}: its push is ${fate}`);
      }
      return fate;
    },
    fetchFails: (process) => {
      const simulation = current();
      const fails = !calm() && process.random.chance(climate.fetch);
      if (simulation && fails) count(simulation, "fetches failed");
      return fails;
    },
    before: (_, runner, what) => {
      const simulation = current();
      if (simulation && !simulation.calm) disturb(simulation, runner, what);
    },
    after: () => undefined,
    moved: (world, process, moves) => {
      const simulation = current();
      if (!simulation) return;
      const deed = simulation.deeds.get(process);
      if (!deed) return;
      count(simulation, "moves of the hub");
      for (const { ref, from, to } of moves)
        note(simulation, `hub: ${process.name} moved ${ref} from ${from.slice(0, 8)} to ${to.slice(0, 8)}`);
      const truth = {
        verified: world.verified,
        atomic: world.atomic,
        isThere: (name: string) => simulation.agents.some((a) => a.name === name && a.client !== null),
      };
      breaks(simulation, judgeMoves(world.hub.objects, world.hub.refs, moves, deed, truth));
    },
  };
}

/** Before a step of a process it may be killed, alone or with its agent, or stopped for long. */
function disturb(simulation: Simulation, runner: Runner, what: string): void {
  const process = runner as Process;
  const deed = simulation.deeds.get(process);
  const died = simulation.deaths.get(process);
  const agent = simulation.agents.find(({ name }) => name === deed?.agent);
  if (!agent || !died) return;
  const { climate, world } = simulation;
  const { random } = agent;
  if (random.chance(climate.death)) {
    const whole = random.chance(0.5);
    count(simulation, whole ? "agents killed" : "processes killed");
    note(simulation, `${process.name} is killed before: ${what}${whole ? ", and its agent" : ""}`);
    endProcess(process, agent.machine);
    if (whole) end(agent);
    died();
    breaks(simulation, judgeRest(simulation));
  } else if (deed?.session && random.chance(climate.meddling)) {
    void acts.leaveLoose(simulation, agent, deed.session);
  } else if (random.chance(climate.pause)) {
    count(simulation, "pauses");
    process.pausedUntil = world.schedule.now() + random.below(2 * HOUR);
    note(simulation, `${process.name} is stopped before: ${what}`);
  }
}

function end(agent: Agent): void {
  if (agent.client !== null) agent.machine.pids.delete(agent.client);
  agent.client = null;
}

/** An agent's life: it thinks, does something, now and then dies or sleeps, and comes back. */
async function live(simulation: Simulation, agent: Agent): Promise<void> {
  const { world } = simulation;
  const { random } = agent;
  while (simulation.actions < simulation.limit) {
    const rest = random.chance(0.03) ? HOUR : simulation.climate.rest;
    await world.schedule.turn(agent, "thinks", world.schedule.now() + random.below(rest));
    if (agent.client === null) await begin(simulation, agent);
    simulation.actions += 1;
    count(simulation, "actions");
    await nextAct(simulation, agent)();
    breaks(simulation, judgeRest(simulation));
  }
}

/** Its process starts, and says so. */
async function begin(simulation: Simulation, agent: Agent): Promise<void> {
  const { world } = simulation;
  agent.client = world.nextPid++;
  agent.machine.pids.add(agent.client);
  agent.since = Number.POSITIVE_INFINITY;
  await acts.beat(simulation, agent, "");
}

/** Once nothing goes wrong any more, every session that is active comes to its end. */
async function settle(simulation: Simulation): Promise<void> {
  const { world, agents } = simulation;
  const person = agents[0];
  if (!person) return;
  // What is on its way arrives.
  await world.schedule.turn(person, "waits", world.schedule.now() + 3 * HOUR);
  for (const agent of agents) if (agent.client === null) await begin(simulation, agent);
  for (const session of world.sessions) {
    const view = ledgerAt(world.hub.objects, world.hub.refs.get(LEDGER) ?? "").get(session);
    if (stateOf(view) !== "active") continue;
    const holder = agents.find(({ name }) => name === view?.claim?.agent) ?? person;
    await acts.claim(simulation, holder, session);
    await acts.complete(simulation, holder, session);
    if (isActive(simulation, session)) await acts.takeOver(simulation, person, session);
    if (isActive(simulation, session)) await acts.complete(simulation, person, session);
    breaks(simulation, judgeRest(simulation));
    if (isActive(simulation, session)) breaks(simulation, [`INV-5: ${session} cannot be ended`]);
  }
  breaks(simulation, judgeAll(world));
}

function isActive({ world }: Simulation, session: string): boolean {
  return stateOf(ledgerAt(world.hub.objects, world.hub.refs.get(LEDGER) ?? "").get(session)) === "active";
}

/** The whole of the base branch against the whole of the ledger. */
function judgeAll({ hub }: World): string[] {
  const view = ledgerAt(hub.objects, hub.refs.get(LEDGER) ?? "");
  // A landing that was announced before its session was released is pending: whoever claims it next finishes it.
  const pending = [...view.values()].filter((one) => stateOf(one) === "planned").map(({ claim }) => claim?.landing);
  const listed = [...view.values()].flatMap(({ claim }) => claim?.landed ?? []);
  const landed = new Set([...listed, ...pending].map((landing) => landing?.commit));
  return [...reachable(hub.objects, [hub.refs.get(BASE) ?? ""])]
    .filter((oid) => /^Berth-Session: /m.test(commitOf(hub.objects, oid).message) && !landed.has(oid))
    .map((oid) => `INV-5: ${oid.slice(0, 8)} is on the base branch, and no session lists it`);
}
