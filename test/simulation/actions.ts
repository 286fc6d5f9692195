import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { LEDGER, workFile } from "./check-hub.ts";
import { gitByHand } from "./git/program.ts";
import { Refusal } from "./git/repository.ts";
import { type Agent, breaks, call, count, note, type Outcome, type Simulation } from "./simulation.ts";
import { isAncestor } from "./git/history.ts";
import { ledgerAt, stateOf } from "./ledger-view.ts";

type Act = (simulation: Simulation, agent: Agent, session: string) => Promise<void>;

/** Codes after which the same call may well succeed. */
const AGAIN = new Set(["HUB_UNREACHABLE", "HUB_REFUSED", "TIMED_OUT", "STORE_UNREACHABLE"]);
/** Codes after which an agent knows that it holds nothing. */
const OVER = new Set(["STALE_EPOCH", "NOT_HOLDER", "WRONG_STATE", "CLAIM_LOST"]);

const claim: Act = async (simulation, agent, session) => {
  const outcome = await call(
    simulation,
    agent,
    { verb: "claim", session, forced: false },
    agent.machine.home,
    (berth) => simulation.verbs.claim(berth, session),
  );
  took(simulation, agent, session, outcome);
  goOn(simulation, agent, session, outcome, claim);
};

const takeOver: Act = async (simulation, agent, session) => {
  const outcome = await call(
    simulation,
    agent,
    { verb: "recover", session, forced: true },
    agent.machine.home,
    (berth) => berth.recover({ id: session, takeOver: true, force: true }),
  );
  took(simulation, agent, session, outcome);
  if (outcome.kind === "done") count(simulation, "take-overs");
  goOn(simulation, agent, session, outcome, takeOver);
};

function took(simulation: Simulation, agent: Agent, session: string, outcome: Outcome<object>): void {
  if (outcome.kind !== "done" || !("claim" in outcome.value)) return;
  const { claim: made, workspace } = outcome.value as {
    claim: { epoch: number; commit: string };
    workspace: { path: string } | null;
  };
  agent.holds.set(session, { epoch: made.epoch, dir: workspace?.path ?? null });
  const { objects, refs } = simulation.world.hub;
  if (!isAncestor(objects, made.commit, refs.get(LEDGER) ?? ""))
    breaks(simulation, [`INV-6: ${agent.name} was told that it holds ${session}, and the hub does not say so`]);
}

/** What an agent makes of the answer to a call about a session. */
function goOn(simulation: Simulation, agent: Agent, session: string, outcome: Outcome<unknown>, act: Act): void {
  if (outcome.kind === "done") return;
  const { climate } = simulation;
  const code = outcome.kind === "refused" ? outcome.code : "";
  if (OVER.has(code)) agent.holds.delete(session);
  const hold = agent.holds.get(session);
  if (outcome.kind === "died" && hold) agent.holds.set(session, { ...hold, epoch: null });
  if ((outcome.kind === "died" || AGAIN.has(code)) && climate.death >= 0 && agent.random.chance(0.7))
    agent.again = () => act(simulation, agent, session);
}

const ending =
  (verb: string, end: (simulation: Simulation, session: string) => Parameters<typeof call>[4]): Act =>
  async (simulation, agent, session) => {
    const outcome = await call(
      simulation,
      agent,
      { verb, session, forced: false },
      placeOf(agent, session),
      end(simulation, session),
    );
    if (outcome.kind === "done") {
      agent.holds.delete(session);
      count(simulation, `sessions ended by ${verb}`);
    }
    goOn(simulation, agent, session, outcome, ending(verb, end));
  };

const complete = ending(
  "complete",
  ({ verbs }, id) =>
    (berth) =>
      verbs.complete(berth, id),
);
const release = ending("release", (_, id) => (berth) => berth.release({ id, reason: "another day" }));
const abandon = ending("abandon", (_, id) => (berth) => berth.abandon({ id, reason: "not wanted" }));

const going =
  (verb: string, work: (session: string) => Parameters<typeof call>[4]): Act =>
  async (simulation, agent, session) => {
    const outcome = await call(
      simulation,
      agent,
      { verb, session, forced: false },
      placeOf(agent, session),
      work(session),
    );
    if (outcome.kind === "done" && verb === "land") count(simulation, "landings");
    goOn(simulation, agent, session, outcome, going(verb, work));
  };

const land = going("land", (id) => (berth) => berth.land({ id }));
const sync = going("sync", (id) => (berth) => berth.sync({ id }));
const journal = going("log", (session) => (berth) => berth.log({ session, text: "Something was done." }));
const checkpoint = going("checkpoint", (id) => (berth) => berth.checkpoint({ id }));

/** From the workspace, where there is one, or from the main checkout. */
function placeOf(agent: Agent, session: string): string {
  const dir = agent.holds.get(session)?.dir ?? null;
  return dir !== null && existsSync(join(dir, ".git")) && agent.random.chance(0.7) ? dir : agent.machine.home;
}

/** Writes into the session's own file, and commits it. */
const edit: Act = (simulation, agent, session) => {
  const dir = agent.holds.get(session)?.dir;
  if (!dir || !existsSync(join(dir, ".git"))) return Promise.resolve();
  const { world } = simulation;
  const file = join(dir, workFile(session));
  mkdirSync(dirname(file), { recursive: true });
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  write(simulation, file, `${before}${agent.name} at ${world.schedule.steps}\n`);
  const git = (...args: string[]): string =>
    gitByHand({ repositories: world.repositories, now: () => world.schedule.now() }, dir, ...args);
  try {
    git("add", "--", workFile(session));
    git("commit", "-m", `[${session}] feat: go on`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return Promise.resolve();
  }
  const made = git("rev-parse", "HEAD");
  simulation.commits.add(made);
  note(simulation, `${agent.name} committed ${made.slice(0, 8)} in ${dir.slice(world.root.length)}`);
  count(simulation, "edits");
  return Promise.resolve();
};

/** Leaves a file that nobody committed. */
const leaveLoose: Act = (simulation, agent, session) => {
  const dir = agent.holds.get(session)?.dir;
  if (!dir || !existsSync(join(dir, ".git"))) return Promise.resolve();
  const path = `loose-${simulation.loose.length}.txt`;
  const text = `${agent.name} ${simulation.world.schedule.steps}\n`;
  write(simulation, join(dir, path), text);
  simulation.loose.push({ path, text });
  note(simulation, `${agent.name} left ${path} in ${dir.slice(simulation.world.root.length)}`);
  return Promise.resolve();
};

function write({ world }: Simulation, file: string, text: string): void {
  writeFileSync(file, text);
  const seconds = world.schedule.now() / 1000;
  utimesSync(file, seconds, seconds);
}

const LOCKABLE = ["shared.txt", "work", "work/a.txt"];

const lock: Act = async (simulation, agent) => {
  const paths = [agent.random.pick(LOCKABLE)];
  const locks = agent.random.chance(0.7);
  await call(
    simulation,
    agent,
    { verb: locks ? "lock" : "unlock", session: null, forced: false },
    agent.machine.home,
    async (berth): Promise<object> =>
      locks ? berth.lock({ paths, ttlMs: 1000 + agent.random.below(3_600_000) }) : berth.unlock({ all: true }),
  );
};

const beat: Act = async (simulation, agent) => {
  const { client } = agent;
  const outcome = await call(
    simulation,
    agent,
    { verb: "register", session: null, forced: false },
    agent.machine.home,
    async (berth): Promise<object> =>
      client === null ? berth.agents({}) : berth.register({ id: agent.name, pid: client }),
  );
  if (outcome.kind === "done" && agent.client === client)
    agent.since = Math.min(agent.since, simulation.world.schedule.now());
};

/** Looks at who is gone, and asks for a session without a person's word. */
const look: Act = async (simulation, agent, session) => {
  const outcome = await call(
    simulation,
    agent,
    { verb: "recover", session, forced: false },
    agent.machine.home,
    (berth) => simulation.verbs.reap(berth, session),
  );
  took(simulation, agent, session, outcome);
};

type ActName =
  | "claim"
  | "takeOver"
  | "complete"
  | "release"
  | "abandon"
  | "land"
  | "sync"
  | "journal"
  | "checkpoint"
  | "edit"
  | "leaveLoose"
  | "lock"
  | "beat"
  | "look";

export const acts: Readonly<Record<ActName, Act>> = {
  claim,
  takeOver,
  complete,
  release,
  abandon,
  land,
  sync,
  journal,
  checkpoint,
  edit,
  leaveLoose,
  lock,
  beat,
  look,
};

const WHILE_HOLDING: readonly [ActName, number][] = [
  ["edit", 6],
  ["leaveLoose", 1],
  ["land", 3],
  ["complete", 4],
  ["release", 1],
  ["abandon", 0.5],
  ["journal", 1],
  ["sync", 1],
  ["checkpoint", 0.7],
  ["lock", 1],
  ["beat", 1],
  ["takeOver", 0.3],
  ["claim", 0.5],
  ["look", 0.5],
];
const OTHERWISE: readonly [ActName, number][] = [
  ["claim", 6],
  ["takeOver", 1.5],
  ["lock", 1],
  ["beat", 1],
  ["look", 1],
];
const OF_OTHERS = new Set(["claim", "takeOver", "look"]);

/** What an agent does next. */
export function nextAct(simulation: Simulation, agent: Agent): () => Promise<void> {
  const { again, random, holds } = agent;
  agent.again = null;
  if (again) return again;
  const table = holds.size > 0 ? WHILE_HOLDING : OTHERWISE;
  let left = random.next() * table.reduce((sum, [, weight]) => sum + weight, 0);
  const [name] = table.find(([, weight]) => (left -= weight) < 0) ?? ["beat" as const];
  const own = [...holds.keys()];
  const session = OF_OTHERS.has(name) || own.length === 0 ? anySession(simulation, agent, name) : random.pick(own);
  return () => acts[name](simulation, agent, session);
}

/** Most often one with which it can be done. */
function anySession({ world }: Simulation, { random }: Agent, name: ActName): string {
  const view = ledgerAt(world.hub.objects, world.hub.refs.get(LEDGER) ?? "");
  const states = name === "takeOver" || name === "look" ? ["active"] : ["planned", "active"];
  const open = world.sessions.filter((id) => states.includes(stateOf(view.get(id)) ?? ""));
  return random.pick(open.length === 0 || random.chance(0.05) ? world.sessions : open);
}
