import { expect } from "vitest";
import { checkInvariants, type EndState, endState } from "./crash-invariants.ts";
import type { World } from "./crash-worlds.ts";
import { type Answer, done, once, startWorker } from "./processes.ts";
import type { Place } from "./worker.ts";

/** Runs the verb to its end and returns the steps it reached, in order, as places to kill at. */
export async function undisturbed(world: World): Promise<{ places: Place[]; end: EndState }> {
  world.reset();
  const answer = await run(world);
  done(answer);
  checkInvariants(world);
  const counts = new Map<string, number>();
  const places = answer.steps.map((step) => {
    counts.set(step, (counts.get(step) ?? 0) + 1);
    return { step, occurrence: counts.get(step) ?? 0 };
  });
  return { places, end: endState(world) };
}

/** Kills the verb at a place, checks that nothing is broken or lost, runs it again, and compares with `end`. */
export async function killAndRerun(world: World, place: Place, group: boolean, end: EndState): Promise<void> {
  world.reset();
  const killed = await run(world, { ...place, group });
  expect(killed.killed, "the worker should have died").toBe(true);
  checkInvariants(world);
  const again = await run(world);
  done(again);
  checkInvariants(world);
  const now = endState(world);
  for (const [part, wanted] of Object.entries(end)) {
    expect(JSON.stringify(now[part], null, 1), `${part} after the second run`).toBe(JSON.stringify(wanted, null, 1));
  }
}

async function run(world: World, kill?: Place & { group: boolean }): Promise<Answer> {
  return once(world.box, { dir: world.home, agent: world.agent }, world.verb, world.input, kill ? { kill } : {});
}

/** Lets the verb run for a while and kills it wherever it is. @returns whether it was still at work */
export async function killAfter(world: World, ms: number, group: boolean): Promise<boolean> {
  world.reset();
  const worker = startWorker(world.box, { dir: world.home, agent: world.agent });
  const { answer } = worker.run(world.verb, world.input);
  const timer = setTimeout(() => void worker.kill(group), ms);
  const { killed } = await answer;
  clearTimeout(timer);
  await worker.kill(true);
  return killed;
}
