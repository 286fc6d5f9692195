import { afterAll, test } from "vitest";
import { delayAt, failAndRerun, killAndRerun, runTwice, undisturbed } from "./crash.ts";
import type { HubKind } from "./crash-scenario.ts";
import { makeWorld, scenarioNames } from "./crash-worlds.ts";
import { ERRNOS } from "./faults.ts";
import { longCount } from "./long-count.ts";
import { expectRecorded } from "./matrix-record.ts";
import { matrixSize } from "./matrix-size.ts";

/** A hub that cannot move branches together matters to what moves two: a landing, and a claim that fences. */
const FENCED = ["claim after a release", "land", "land a second time", "complete", "take-over"];

/**
 * Adds a test for every verb with every one of these hubs: killed at each step that it reaches, and run again.
 * @returns the steps reached, filled while the tests run
 */
export function killEverywhere(hubs: readonly HubKind[]): ReadonlySet<string> {
  const reached = new Set<string>();
  let kills = 0;
  const count = matrixSize();
  // In a small run every second kill is of the group, in a full one each place is tried both ways.
  const ways = longCount("ways to die at each step", { small: 1, full: 2 });
  for (const name of scenarioNames) {
    for (const hub of hubs.filter((kind) => kind !== "single" || FENCED.includes(name))) {
      test(`[INV-3] [INV-5] [ASP-14] [ASP-16] ${name}, hub ${hub}: killed at every step, alone and with its group`, async () => {
        const world = await makeWorld(name, hub);
        const { places, end } = await undisturbed(world);
        for (const { step } of places) reached.add(step);
        if (expectRecorded(name, world.verb, hub, places)) return;
        for (const [i, place] of places.entries()) {
          const groups = ways === 2 ? [false, true] : [i % 2 === 1];
          for (const group of groups) {
            await killAndRerun(world, place, group, end);
            kills++;
            count({ verb: world.verb, step: place.step, fault: group ? "group" : "kill", hub, engine: "sqlite" });
          }
        }
      });
    }
  }
  afterAll(() => console.log(`kills that were survived: ${kills}`));
  return reached;
}

const FAULTS = [...ERRNOS, "twice", "delay"] as const;

/**
 * Adds a test for every verb with every one of these hubs: at each step that it reaches it meets each error of the
 * system, is run a second time while the first one stands there, and is slow while somebody else acts. In a small run some verbs are tried, and each step
 * has one of these, another one from verb to verb and from hub to hub.
 */
export function faultsEverywhere(hubs: readonly HubKind[]): void {
  const each = longCount("faults at each step", { small: 1, full: FAULTS.length });
  const every = longCount("of so many verbs one", { small: 4, full: 1 });
  let faults = 0;
  const count = matrixSize();
  for (const [nth, hub] of hubs.entries())
    for (const [n, name] of scenarioNames.entries()) {
      if (n % every > 0) continue;
      if (hub === "single" && !FENCED.includes(name)) continue;
      test(`[INV-3] [INV-5] [INV-10] ${name}, hub ${hub}: errors of the system, and a second run, at every step`, async () => {
        const world = await makeWorld(name, hub);
        const { places, end } = await undisturbed(world);
        for (const [i, place] of places.entries())
          for (const kind of FAULTS.filter((_, k) => each > 1 || k === (i + n + nth) % FAULTS.length)) {
            // Whoever takes over twice means it: the second replaces the first.
            if (kind === "twice" && name === "take-over") continue;
            if (kind === "delay") await delayAt(world, place);
            else if (kind === "twice") await runTwice(world, place, end);
            else await failAndRerun(world, place, kind, end);
            faults++;
            count({ verb: world.verb, step: place.step, fault: kind, hub, engine: "sqlite" });
          }
      });
    }
  afterAll(() => console.log(`faults that were survived: ${faults}`));
}
