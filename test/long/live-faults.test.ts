import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { isBerthError } from "../../src/errors.ts";
import { bindVerbs, type Verbs } from "../../src/verbs.ts";
import { farStore } from "../support/far-store.ts";
import { faultProxy, type FaultProxy } from "../support/fault-proxy.ts";
import { longCount } from "../support/long-count.ts";
import { testServer } from "../support/postgres.ts";
import { race } from "../support/race.ts";
import { FILES } from "../support/race-deeds.ts";
import { expectSound, raceLine } from "../support/race-sound.ts";
import { type Sandbox, sandbox } from "../support/sandbox.ts";

const server = testServer();
const seconds = longCount("seconds of agents on two hosts with trouble on the wires", { small: 4, full: 150 });
const sights = longCount("registrations, locks and writes that the other host sees", { small: 40, full: 500 });

/** Two clones as two hosts have them: each reaches the server by a wire of its own. */
interface World {
  readonly box: Sandbox;
  readonly homes: readonly [string, string];
  readonly wires: readonly [FaultProxy, FaultProxy];
  /** The server's URL, and as each host sees it. */
  readonly url: string;
  readonly far: readonly [string, string];
}

async function world(): Promise<World> {
  const box = sandbox({ files: FILES });
  const url = await server.database();
  const wires = [await faultProxy(server.port), await faultProxy(server.port)] as const;
  onTestFinished(async () => {
    for (const wire of wires) await wire.close();
  });
  const home = box.clone("one");
  await (await box.open(home)).init({});
  box.git(home, "add", "--all");
  box.git(home, "commit", "--quiet", "-m", "Set up Berth");
  box.git(home, "push", "--quiet", "origin", "main");
  const through = (wire: FaultProxy): string => url.replace(String(server.port), String(wire.port));
  return { box, homes: [home, box.clone("two")], wires, url, far: [through(wires[0]), through(wires[1])] };
}

/** The verbs of an agent on one of the hosts. */
async function agentOn({ box, homes, far }: World, host: 0 | 1, name: string): Promise<Verbs> {
  const { project } = await box.open(homes[host], name);
  const store = await farStore(far[host], project);
  onTestFinished(() => store.close());
  return bindVerbs({ ...project, store });
}

const upTo = (ms: number): Promise<void> => systemClock.sleep(ms * Math.random());

/** What happens to a wire, or to the server behind all of them. */
const troubles: readonly ((wire: FaultProxy) => Promise<void>)[] = [
  async (wire) => {
    wire.reset();
    await upTo(300);
  },
  async (wire) => {
    wire.weather = "black hole";
    await systemClock.sleep(1200);
    await upTo(1000);
    wire.weather = "pass";
  },
  async (wire) => {
    // What was done is in doubt just here.
    for (const when of ["before", "after", "on its way"] as const) {
      wire.resetAt("commit\0", when);
      await upTo(400);
    }
  },
  async (wire) => {
    wire.weather = "refuse";
    wire.reset();
    await upTo(1000);
    wire.weather = "pass";
  },
  async () => {
    await server.order(Math.random() < 0.5 ? "stop" : "kill");
    await upTo(500);
    await server.order("start");
  },
];

test("[XCS-06] [INV-6] [INV-7] [INV-10] agents on two hosts go on by themselves after whatever happens to their wires and the server", async () => {
  const at = await world();
  const berth = await at.box.open(at.homes[0], "witness", { env: { ...process.env, BERTH_DATABASE_URL: at.url } });
  const hosts = Array.from({ length: 8 }, (_, i) => (i % 2) as 0 | 1);
  const plan = { dirs: hosts.map((host) => at.homes[host]), far: hosts.map((host) => at.far[host]), env: process.env };
  let count = 0;
  const lives = await race(at.box, { ...plan, ms: seconds * 1000 }, async () => {
    await upTo(400);
    // Each of them in turn, and on either wire.
    await troubles[count % troubles.length]?.(at.wires[Math.floor(2 * Math.random()) as 0 | 1]);
    count += 1;
  });
  console.log(raceLine(`two hosts, trouble ${count} times`, lives));
  const { events } = await expectSound(berth, lives);
  expect(events.length).toBeGreaterThan(50);
  expect(count).toBeGreaterThan(2);
});

test("[XCS-06] a holder that is cut off knows that its lock is lost before another host is granted it, and is told", async () => {
  const at = await world();
  const [one, two] = [await agentOn(at, 0, "one"), await agentOn(at, 1, "two")];
  const handle = await one.hold({ paths: ["src/a.txt"], ttlMs: 1500 });
  const lost = new Promise<number>((resolve) =>
    handle.signal.addEventListener("abort", () => resolve(performance.now()), { once: true }),
  );
  at.wires[0].weather = "black hole";
  const granted = two.lock({ paths: ["src/*.txt"], waitMs: 20_000 }).then(({ locks }) => ({
    fence: locks[0]?.fence ?? 0,
    at: performance.now(),
  }));
  expect(await lost).toBeLessThan((await granted).at);
  expect(isBerthError(handle.signal.reason) && handle.signal.reason.code).toBe("LOCK_LOST");
  at.wires[0].weather = "pass";
  expect((await one.inbox({})).messages).toMatchObject([{ kind: "lock.lost", data: { path: "src/a.txt" } }]);
  await two.unlock({ all: true });
  const again = (await one.lock({ paths: ["src/a.txt"], waitMs: 10_000 })).locks[0];
  expect(again?.fence).toBeGreaterThan((await granted).fence);
  await handle.release();
});

test("[XCS-01] [XCS-06] [XCS-12] two hosts see each other's registrations, locks and writes within a moment", async () => {
  const at = await world();
  const [one, two] = [await agentOn(at, 0, "one"), await agentOn(at, 1, "two")];
  // The first version has the whole document for its place.
  await one.sharedSet({ path: "begun", value: true });
  const over = new AbortController();
  const seen = new Map<string, number>();
  // It tells what happens from here on.
  const changes = await two.watch({ signal: over.signal });
  const watching = (async () => {
    for await (const { kind, subject, data } of changes) {
      const path = kind === "context.changed" ? String((data["paths"] as string[])[0]) : subject;
      seen.set(`${kind} ${path}`, performance.now());
    }
  })();
  const told = new Map<string, number>();
  for (let n = 0; n < sights; n++) {
    await one.register({ id: `agent-${n}` });
    told.set(`agent.registered agent-${n}`, performance.now());
    await one.lock({ paths: [`src/${n}.txt`] });
    told.set(`lock.granted src/${n}.txt`, performance.now());
    await one.sharedSet({ path: `n${n}`, value: n });
    told.set(`context.changed n${n}`, performance.now());
  }
  await expect.poll(() => [...told.keys()].filter((key) => !seen.has(key)), { timeout: 10_000 }).toEqual([]);
  over.abort();
  await watching;
  const times = [...told].map(([key, when]) => Math.max(0, (seen.get(key) ?? 0) - when)).toSorted((a, b) => a - b);
  const part = (share: number): number => times[Math.floor((times.length - 1) * share)] ?? 0;
  const [middle, slow, slowest] = [part(0.5), part(0.99), part(1)].map((ms) => ms.toFixed(1));
  console.log(`the other host sees: ${times.length} times, p50 ${middle} ms, p99 ${slow} ms, longest ${slowest} ms`);
  expect((await two.agents({})).agents).toHaveLength(sights);
  expect((await two.status({})).locks).toHaveLength(sights);
  // The bar is 50 ms and the seed's limit a second, for the slowest hundredth on a machine of one's own.
  expect(part(0.5)).toBeLessThan(50);
  expect(part(0.99)).toBeLessThan(1000);
});
