import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import type { Store } from "../../src/store/store.ts";
import { faultProxy, type FaultProxy } from "../support/fault-proxy.ts";
import { longCount } from "../support/long-count.ts";
import { testServer } from "../support/postgres.ts";
import { expectLoaded, load, timesLine } from "../support/store-load.ts";

const server = testServer();
const seconds = longCount("seconds of load on PostgreSQL for each kind of fault", { small: 4, full: 150 });
const WRITERS = 10;

/** Ten stores behind a wire, and one beside it. */
async function world(): Promise<{ stores: Store[]; witness: Store; proxy: FaultProxy }> {
  const url = await server.database();
  const proxy = await faultProxy(server.port);
  const far = url.replace(String(server.port), String(proxy.port));
  const options = { project: "p", clock: systemClock, answerMs: 1000, waitMs: 120_000 };
  const witness = await openPostgres({ ...options, url });
  const stores = await Promise.all(Array.from({ length: WRITERS }, () => openPostgres({ ...options, url: far })));
  onTestFinished(async () => {
    for (const store of [...stores, witness]) await store.close();
    await proxy.close();
  });
  return { stores, witness, proxy };
}

const pause = (ms: number): Promise<void> => systemClock.sleep(ms);
const upTo = (ms: number): Promise<void> => pause(ms * Math.random());

type Trouble = (proxy: FaultProxy) => Promise<void>;

const reset: Trouble = async (proxy) => {
  await upTo(200);
  proxy.reset();
};
const atCommit: Trouble = async (proxy) => {
  await upTo(50);
  proxy.resetAt("commit\0", (["before", "after", "on its way"] as const)[Math.floor(3 * Math.random())] ?? "after");
};
const blackHole: Trouble = async (proxy) => {
  await upTo(500);
  proxy.weather = "black hole";
  await upTo(2500);
  proxy.weather = "pass";
};
const refuse: Trouble = async (proxy) => {
  await upTo(300);
  proxy.weather = "refuse";
  proxy.reset();
  await upTo(1000);
  proxy.weather = "pass";
};
const slow: Trouble = async (proxy) => {
  proxy.delayMs = 20 * Math.random();
  await upTo(500);
  proxy.delayMs = 0;
};
const restart: Trouble = async () => {
  await upTo(1000);
  await server.order(Math.random() < 0.5 ? "stop" : "kill");
  await upTo(500);
  await server.order("start");
};

const troubles = { none: upTo.bind(undefined, 100), reset, atCommit, blackHole, refuse, slow, restart };
const everything: Trouble = async (proxy) => {
  const all = [reset, atCommit, atCommit, blackHole, refuse, slow, restart];
  await all[Math.floor(all.length * Math.random())]?.(proxy);
};

test.for(Object.entries<Trouble>({ ...troubles, everything }))(
  "[INV-6] [INV-10] ten writers with trouble on the wire (%s) lose nothing and double nothing",
  async ([name, trouble]) => {
    const { stores, witness, proxy } = await world();
    let count = 0;
    const loaded = await load(stores, 1, async () => {
      for (const end = performance.now() + seconds * 1000; performance.now() < end; count++) await trouble(proxy);
    });
    console.log(timesLine(`${name}, ${count} times`, loaded));
    await expectLoaded(witness, loaded);
    expect(Math.min(...loaded.counts)).toBeGreaterThan(0);
  },
);
