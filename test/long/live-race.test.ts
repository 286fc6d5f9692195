import { expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { FeedEvent } from "../../src/store/store.ts";
import { longCount } from "../support/long-count.ts";
import { testServer } from "../support/postgres.ts";
import { race } from "../support/race.ts";
import { FILES } from "../support/race-deeds.ts";
import { expectSound, raceLine } from "../support/race-sound.ts";
import type { Call } from "../support/race-told.ts";
import { sandbox } from "../support/sandbox.ts";

const server = testServer();
const seconds = longCount("seconds of a race of 16 agents, for each engine", { small: 5, full: 30 });

for (const engine of ["SQLite", "PostgreSQL"] as const)
  test(`[XCS-01] [XCS-04] [XCS-06] [XCS-08] [INV-7] sixteen agents register, lock, take tasks and write at once, some are killed: ${engine}`, async () => {
    const box = sandbox({ files: FILES });
    const env = { ...process.env, ...(engine === "SQLite" ? {} : { BERTH_DATABASE_URL: await server.database() }) };
    const home = box.clone("home");
    await (await box.open(home)).init({});
    box.git(home, "add", "--all");
    box.git(home, "commit", "--quiet", "-m", "Set up Berth");
    box.git(home, "push", "--quiet", "origin", "main");
    const berth = await box.open(home, "witness", { env });
    // Half of them share the checkout; the others have a work tree each, and on a server also a clone.
    const dirs = Array.from({ length: 16 }, (_, i) => {
      if (i % 2 === 0) return home;
      if (engine === "PostgreSQL" && i % 4 === 1) return box.clone(`clone${i}`);
      box.git(home, "worktree", "add", "--quiet", "--detach", `../tree${i}`);
      return `${home}/../tree${i}`;
    });
    const lives = await race(box, { dirs, env, ms: seconds * 1000 }, async (killOne) => {
      await systemClock.sleep(600 + 1200 * Math.random());
      await killOne();
    });
    // Who was killed at the end is reclaimed with this.
    expect((await berth.agents({})).agents).toEqual([]);
    console.log(raceLine(engine, lives));
    const { events, calls } = await expectSound(berth, lives);
    expectEventful(events, calls);
  });

/** A race in which nothing of a kind happened would prove nothing of it. A short one need not have met what is rare. */
function expectEventful(events: readonly FeedEvent[], calls: readonly Call[]): void {
  const often = "agent.registered agent.left agent.died lock.granted lock.released lock.waiting task.queued task.taken";
  const rare = "lock.expired task.blocked task.handed context.resolved";
  const kinds = `${often} task.done task.requeued context.changed context.conflict ${seconds < 30 ? "" : rare}`;
  const met = new Set(events.map(({ kind }) => kind));
  expect(kinds.split(" ").filter((kind) => kind !== "" && !met.has(kind))).toEqual([]);
  const errors = new Set(calls.map(({ error }) => error));
  for (const error of ["LOCK_HELD", "ALREADY_REGISTERED"]) expect(errors).toContain(error);
  if (seconds >= 30) for (const error of ["TIMED_OUT", "DEADLOCK"]) expect(errors).toContain(error);
}
