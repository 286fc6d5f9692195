import type { Deed } from "./check-hub.ts";
import type { Climate } from "./climate.ts";
import type { Verbs } from "./planted.ts";
import type { Random } from "./random.ts";
import type { Runner } from "./schedule.ts";
import { endProcess, type Machine, processOn } from "./process.ts";
import type { Process } from "./system.ts";
import { withBerth, type World } from "./world.ts";
import type { Berth } from "../../src/open.ts";
import { isBerthError, messageOf } from "../../src/errors.ts";

/** What an agent takes itself to hold. */
export interface Hold {
  /** Null where it is not known, after a call that had no answer. */
  readonly epoch: number | null;
  readonly dir: string | null;
}

export interface Agent extends Runner {
  readonly machine: Machine;
  readonly random: Random;
  /** The process that lives as long as the agent does; null while it is gone. */
  client: number | null;
  /** Since when the live layer knows that process. */
  since: number;
  readonly holds: Map<string, Hold>;
  /** What it was at when it had no answer. */
  again: (() => Promise<void>) | null;
}

/** Text that somebody wrote and did not commit. */
export interface Loose {
  readonly path: string;
  readonly text: string;
}

/** One seed, as it goes on. */
export interface Simulation {
  readonly world: World;
  readonly climate: Climate;
  readonly verbs: Verbs;
  readonly agents: readonly Agent[];
  readonly deeds: Map<Process, Deed>;
  /** How those that wait for a process learn that it was killed. */
  readonly deaths: Map<Process, () => void>;
  readonly commits: Set<string>;
  readonly loose: Loose[];
  readonly counts: Map<string, number>;
  readonly trace: string[];
  readonly broken: string[];
  /** Nothing goes wrong any more. */
  calm: boolean;
  actions: number;
  readonly limit: number;
}

export function count({ counts }: Simulation, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

export function note(simulation: Simulation, what: string): void {
  const { world, trace } = simulation;
  trace.push(
    `${String(world.schedule.steps).padStart(6)} ${new Date(world.schedule.now()).toISOString().slice(11, 23)} ${what.replaceAll(world.root, "")}`,
  );
}

export function breaks(simulation: Simulation, what: readonly string[]): void {
  for (const one of what) {
    note(simulation, `BROKEN: ${one}`);
    simulation.broken.push(one.replaceAll(simulation.world.root, ""));
  }
}

export type Outcome<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "refused"; readonly code: string; readonly error: unknown }
  | { readonly kind: "died" };

/** What a verb may answer while others work and the network fails; anything else is a finding. */
const EXPECTED = new Set([
  "CLAIM_LOST",
  "WRONG_STATE",
  "NOT_HOLDER",
  "STALE_EPOCH",
  "NOTHING_FITS",
  "HUB_UNREACHABLE",
  "HUB_REFUSED",
  "MERGE_CONFLICT",
  "DIRTY",
  "GATE_REFUSED",
  "LOCK_HELD",
  "CHECKOUT_OVERLAP",
  "WOULD_LOSE_WORK",
  "TIMED_OUT",
  "ALREADY_REGISTERED",
  "FAILED",
  "NOT_FOUND",
  "STORE_UNREACHABLE",
]);

/** Runs a verb as a process of its own, which may be killed on the way. */
export async function call<T>(
  simulation: Simulation,
  agent: Agent,
  deed: Omit<Deed, "agent" | "epoch">,
  dir: string,
  work: (berth: Berth) => Promise<T>,
): Promise<Outcome<T>> {
  const { world, deeds, deaths } = simulation;
  const process = processOn(world, agent.machine, `${agent.name} ${deed.verb} ${deed.session ?? ""}`);
  const epoch = deed.session === null ? null : (agent.holds.get(deed.session)?.epoch ?? null);
  deeds.set(process, { ...deed, agent: agent.name, epoch });
  note(simulation, `${process.name} begins`);
  const over = Promise.withResolvers<Outcome<T>>();
  deaths.set(process, () => over.resolve({ kind: "died" }));
  withBerth(process, agent.machine, { dir, agent: agent.name }, work).then(
    (value) => over.resolve({ kind: "done", value }),
    (error: unknown) => over.resolve({ kind: "refused", code: isBerthError(error) ? error.code : "", error }),
  );
  const outcome = await over.promise;
  deaths.delete(process);
  if (outcome.kind !== "died") endProcess(process, agent.machine);
  tell(simulation, process, deed, outcome);
  return outcome;
}

function tell(
  simulation: Simulation,
  { name }: Process,
  { verb }: Pick<Deed, "verb">,
  outcome: Outcome<unknown>,
): void {
  const said = outcome.kind === "refused" ? `${outcome.code}: ${messageOf(outcome.error).slice(0, 160)}` : outcome.kind;
  note(simulation, `${name} ${said}`);
  count(simulation, `${verb}: ${outcome.kind === "refused" ? outcome.code : outcome.kind}`);
  if (outcome.kind !== "refused" || EXPECTED.has(outcome.code)) return;
  const stack = outcome.error instanceof Error ? (outcome.error.stack ?? "") : "";
  breaks(simulation, [`${name} failed: ${outcome.code} ${messageOf(outcome.error)}\n${stack}`]);
}
