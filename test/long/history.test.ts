import { expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { judgeClaims, judgementLine, judgeStore, type Judgement } from "../support/history.ts";
import { longCount } from "../support/long-count.ts";
import { testServer } from "../support/postgres.ts";
import { race } from "../support/race.ts";
import { FILES } from "../support/race-deeds.ts";
import { planned, sandbox } from "../support/sandbox.ts";

const server = testServer();
const seconds = longCount("seconds of each history that is judged", { small: 10, full: 60 });

for (const engine of ["SQLite", "PostgreSQL"] as const)
  test(`[INV-7] [XCS-06] [XCS-08] locks and shared context are linearisable, key by key, though processes are killed: ${engine}`, async () => {
    const box = sandbox({ files: FILES });
    const env = { ...process.env, ...(engine === "SQLite" ? {} : { BERTH_DATABASE_URL: await server.database() }) };
    const home = box.clone("home");
    await (await box.open(home)).init({});
    const dirs = Array.from({ length: 8 }, () => home);
    const history = { of: "store", sessions: [], machines: false } as const;
    const lives = await race(box, { dirs, env, ms: seconds * 1000, history }, async (killOne) => {
      await systemClock.sleep(200 + 600 * Math.random());
      await killOne();
    });
    const found = judgeStore(lives);
    console.log(`${engine}: ${judgementLine(found)}`);
    expectSound(found, "granted refused unlock read write conflict looked");
  });

for (const hub of ["remote", "local"] as const)
  test(`[INV-1] [INV-2] claims are linearisable, session by session, though processes are killed: hub ${hub}`, async () => {
    const box = sandbox({ files: FILES, remote: hub === "remote" });
    const home = hub === "remote" ? box.clone("home") : box.hub;
    const berth = await box.open(home, "planner");
    await berth.init({});
    const sessions: string[] = [];
    // Some come to their end on the way.
    for (let n = 0; n < 4 + seconds / 10; n++) sessions.push(await planned(berth, `Wanted ${n}`));
    const dirs = Array.from({ length: 5 }, (_, i) => (hub === "remote" ? box.clone(`clone${i}`) : home));
    const history = { of: "claims", sessions, machines: hub === "remote" } as const;
    const lives = await race(box, { dirs, env: process.env, ms: seconds * 1000, history }, async (killOne) => {
      await systemClock.sleep(500 + 1500 * Math.random());
      await killOne();
    });
    const found = judgeClaims(lives, sessions);
    console.log(`hub ${hub}: ${judgementLine(found)}`);
    expectSound(found, `claim looked planned ${seconds < 60 ? "" : "take-over lost not-active"}`);
  });

/** A history in which a thing never happened says nothing of it. */
function expectSound({ problems, unknown, kills, times }: Judgement, wanted: string): void {
  expect(problems).toEqual([]);
  expect(kills).toBeGreaterThan(0);
  expect(unknown).toBeGreaterThan(0);
  expect(Object.keys(times)).toEqual(expect.arrayContaining(wanted.trim().split(" ")));
}
