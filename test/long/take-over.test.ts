import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { isBerthError } from "../../src/errors.ts";
import type { Berth } from "../../src/open.ts";
import { numbered } from "../support/edit-deeds.ts";
import { longCount } from "../support/long-count.ts";
import { startWorker } from "../support/processes.ts";
import { randomFrom } from "../support/random-from.ts";
import { type Sandbox, sandbox } from "../support/sandbox.ts";
import { claimed } from "../support/session.ts";
import { planned } from "../support/sandbox.ts";
import { holdings, lostBytes, type TakenOver } from "../support/take-over-kept.ts";

const kills = longCount("kills of a worker among 5,000 files", { small: 12, full: 200 });
/** Another one each time; a failure is tried again with the one that was printed. */
const seed = process.env["BERTH_SEED"] ?? String(Math.floor(Math.random() * 1_000_000));
const FILES = 5000;
/** So long a worker works at most. */
const LONGEST_MS = 4000;
const entry = join(import.meta.dirname, "..", "support", "edit-worker.ts");

test("[INV-3] [ASP-14] [XCS-16] killed at any moment of its work among 5,000 files, a worker loses no byte to a take-over", async () => {
  console.log(`BERTH_SEED=${seed}`);
  const world = await makeWorld();
  const under: string[] = [];
  let locks = 0;
  for (let i = 0; i < kills; i++) {
    world.reset();
    const log = await workUntilKilled(world, `${seed}/${i}`);
    under.push(log.findLast((line) => line.includes(" begins "))?.split(" ")[2] ?? "the start");
    const before = holdings(world.box, world.dir);
    const berth = await world.box.open(world.home, "heir");
    const taken = await takeOver(world, berth);
    locks += taken.locks;
    const lost = await lostBytes(world.box, berth, before, taken);
    berth.close();
    expect(lost.slice(0, 10), `BERTH_SEED=${seed}, kill ${i}, after ${log.slice(-12).join("; ")}`).toEqual([]);
  }
  const counts = Object.entries(Object.groupBy(under, (name) => name)).map(([name, all]) => `${name} ${all?.length}`);
  console.log(`${kills} kills, of them in ${counts.join(", ")}; ${locks} lock files of git in the way`);
});

interface World {
  readonly box: Sandbox;
  readonly home: string;
  readonly id: string;
  /** The workspace. */
  readonly dir: string;
  reset(): void;
}

/** A repository of many files with a claimed session; a copy of all of it is what each kill starts from. */
async function makeWorld(): Promise<World> {
  const files = Array.from({ length: FILES }, (_, n) => [numbered(n), `file ${n}\n`.repeat(1 + (n % 30))]);
  const box = sandbox({ files: { ...Object.fromEntries(files), ".gitignore": "/ignored/\n" } });
  const home = box.clone("home");
  const berth = await box.open(home, "worker");
  await berth.init({});
  const id = await planned(berth, "Change much");
  const dir = await claimed(berth, id);
  berth.close();
  box.git(home, "gc", "--quiet");
  const aside = `${box.dir}-aside`;
  const copy = (from: string, to: string): void => {
    rmSync(to, { recursive: true, force: true, maxRetries: 5 });
    execFileSync("cp", ["-a", "--reflink=auto", from, to]);
  };
  copy(box.dir, aside);
  onTestFinished(() => rmSync(aside, { recursive: true, force: true, maxRetries: 5 }));
  return { box, home, id, dir, reset: () => copy(aside, box.dir) };
}

/** @returns what the worker had noted of its deeds */
async function workUntilKilled({ box, id, dir }: World, seedOfOne: string): Promise<string[]> {
  const log = join(box.dir, "deeds.log");
  const worker = startWorker(box, { dir, agent: "worker", entry });
  const { paused } = worker.run("edit", { session: id, hub: box.hub, files: FILES, seed: seedOfOne, log });
  await paused;
  await systemClock.sleep(randomFrom(`${seedOfOne} moment`)() * LONGEST_MS);
  await worker.kill(true);
  await worker.settled();
  return existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : [];
}

/** A lock file that a killed git left is named, and removed as a person would. */
async function takeOver(world: World, berth: Berth): Promise<TakenOver & { readonly locks: number }> {
  for (let locks = 0; ; locks++)
    try {
      const taken = await berth.recover({ id: world.id, takeOver: true, force: true });
      if (!("claim" in taken) || !taken.workspace) throw new Error("a take-over without a workspace");
      return { said: taken.warnings, dir: taken.workspace.path, locks };
    } catch (error) {
      const left = locksOf(world);
      if (!isBerthError(error) || left.length === 0 || locks === 3) throw error;
      for (const lock of left) rmSync(lock);
    }
}

function locksOf({ home, box }: World): string[] {
  return [join(home, ".git"), box.hub]
    .flatMap((dir) => readdirSync(dir, { recursive: true, encoding: "utf8" }).map((name) => join(dir, name)))
    .filter((file) => file.endsWith(".lock") && !file.includes("/berth/"));
}
