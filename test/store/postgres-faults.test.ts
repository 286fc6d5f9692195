import { inspect } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { lastSeq } from "../../src/store/feed.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import type { Listening, NewEvent, Store } from "../../src/store/store.ts";
import { faultProxy, type FaultProxy } from "../support/fault-proxy.ts";
import { testServer } from "../support/postgres.ts";
import { expectLoaded, load } from "../support/store-load.ts";

// A busy machine takes its time to recover; what must be quick says so itself.
vi.setConfig({ testTimeout: 90_000 });
const server = testServer();
const event: NewEvent = { kind: "k", subject: "s", agent: null, data: {} };
const pause = (ms: number): Promise<void> => systemClock.sleep(ms);

/** Stores behind a wire with faults, and one that goes straight to the server. */
async function world(
  count: number,
  answerMs = 800,
): Promise<{ stores: readonly Store[]; witness: Store; proxy: FaultProxy; url: string }> {
  const url = await server.database();
  const proxy = await faultProxy(server.port);
  const options = { project: "p", clock: systemClock, answerMs, waitMs: 60_000 };
  const witness = await openPostgres({ ...options, url });
  const far = url.replace(String(server.port), String(proxy.port));
  const stores = await Promise.all(Array.from({ length: count }, () => openPostgres({ ...options, url: far })));
  onTestFinished(async () => {
    for (const store of [...stores, witness]) await store.close();
    await proxy.close();
  });
  return { stores, witness, proxy, url };
}

/** Fails when a write is heard of only because the listener's own time is over. */
async function expectHears(listening: Listening, store: Store): Promise<void> {
  const before = await store.read(lastSeq);
  for (;;) {
    const start = performance.now();
    const heard = listening.wake(20_000);
    await store.write((tx) => tx.append(event));
    await heard;
    expect(performance.now() - start).toBeLessThan(10_000);
    if ((await store.read(lastSeq)) > before) return;
  }
}

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test("[INV-6] connections reset again and again lose no write and double none", async () => {
  const { stores, witness, proxy } = await world(3);
  const listening = await stores[0]!.listen();
  let cut = 0;
  const loaded = await load(stores, 40, async () => {
    for (let i = 0; i < 12; i++) {
      await pause(15 + 40 * Math.random());
      cut += proxy.reset();
    }
  });
  expect(cut).toBeGreaterThan(10);
  await expectLoaded(witness, loaded);
  await expectHears(listening, witness);
});

test.for(["before", "after", "on its way"] as const)(
  "[INV-6] a connection reset at COMMIT, %s, applies the write once",
  async (when) => {
    const { stores, witness, proxy } = await world(1, 4000);
    let runs = 0;
    proxy.resetAt("commit\0", when);
    const answer = await stores[0]!.write(async (tx) => {
      runs += 1;
      return { run: runs, seq: await tx.append(event) };
    });
    expect(answer).toEqual({ run: when === "before" ? 2 : 1, seq: 1 });
    expect(runs).toBe(when === "before" ? 2 : 1);
    expect(await witness.read(lastSeq)).toBe(1);
    expect(await stores[0]!.write((tx) => tx.append(event))).toBe(2);
  },
);

test("[INV-6] a black hole under load is noticed, and nothing is lost in it", async () => {
  const { stores, witness, proxy } = await world(3);
  const listening = await stores[0]!.listen();
  const loaded = await load(stores, 60, async () => {
    for (let i = 0; i < 2; i++) {
      await pause(60);
      proxy.weather = "black hole";
      await pause(1500);
      proxy.weather = "pass";
    }
  });
  await expectLoaded(witness, loaded);
  await expectHears(listening, witness);
});

test("[INV-10] a writer that vanished with its turn holds up the others only for a moment", async () => {
  const { stores, witness, proxy } = await world(1);
  let runs = 0;
  const stuck = stores[0]!.write((tx) => {
    if (runs++ === 0) proxy.weather = "black hole";
    return tx.append({ ...event, subject: "stuck" });
  });
  await pause(50);
  const start = performance.now();
  expect(await witness.write((tx) => tx.append(event))).toBe(1);
  expect(performance.now() - start).toBeLessThan(10_000);
  proxy.weather = "pass";
  expect(await stuck).toBe(2);
});

test.for(["stop", "kill"] as const)("[INV-6] the server's restart (%s) under load is survived", async (how) => {
  const { stores, witness } = await world(3);
  const listening = await stores[0]!.listen();
  const loaded = await load(stores, 60, async () => {
    await pause(100);
    await server.order(how);
    await pause(300);
    await server.order("start");
  });
  await expectLoaded(witness, loaded);
  await expectHears(listening, witness);
});

test("a server that stays away is reported in time, without the password", async () => {
  const { stores, proxy, url } = await world(1);
  const far = url.replace(String(server.port), String(proxy.port));
  const impatient = await openPostgres({ url: far, project: "p", clock: systemClock, answerMs: 600, waitMs: 1500 });
  onTestFinished(() => impatient.close());
  for (const weather of ["refuse", "black hole"] as const) {
    proxy.weather = weather;
    proxy.reset();
    const start = performance.now();
    const errors = await Promise.all([
      refusal(impatient.write((tx) => tx.append(event))),
      refusal(impatient.read(lastSeq)),
      refusal(impatient.listen()),
      refusal(openPostgres({ url: far, project: "p", clock: systemClock, answerMs: 600, waitMs: 1500 })),
    ]);
    expect(performance.now() - start).toBeLessThan(12_000);
    for (const error of errors) {
      expect(error).toMatchObject({
        code: "STORE_UNREACHABLE",
        facts: { place: impatient.place, outcome: "not done" },
      });
      expect(inspect(error, { showHidden: true, depth: 20 })).not.toContain("Secret");
    }
  }
  proxy.weather = "pass";
  expect(await stores[0]!.write((tx) => tx.append(event))).toBe(1);
  expect(impatient.place).not.toContain("Secret");
});

test("a write whose outcome nobody could tell is reported as such", async () => {
  const { proxy, url } = await world(1);
  const far = url.replace(String(server.port), String(proxy.port));
  const store = await openPostgres({ url: far, project: "p", clock: systemClock, answerMs: 4000, waitMs: 1000 });
  onTestFinished(() => store.close());
  const error = await refusal(
    store.write(async (tx) => {
      proxy.resetAt("commit\0", "after");
      const seq = await tx.append(event);
      proxy.weather = "refuse";
      return seq;
    }),
  );
  expect(error).toMatchObject({ code: "STORE_UNREACHABLE", facts: { outcome: "unknown" } });
});

test("work that a transaction of others crossed runs again", async () => {
  const { stores, url } = await world(1);
  await server.sql(
    url,
    `create sequence berth.tries; create function berth.collide() returns trigger language plpgsql as $$ begin
       if nextval('berth.tries') <= 2 then raise exception 'crossed' using errcode = '40001'; end if; return new; end $$;
     create trigger collide before insert on berth.event for each row execute function berth.collide()`,
  );
  let runs = 0;
  const work = stores[0]!.write((tx) => {
    runs += 1;
    return tx.append(event);
  });
  expect(await work).toBe(1);
  expect(runs).toBe(3);
});

test("what the server refuses is said at once, with what to do", async () => {
  const { stores, url } = await world(1);
  const options = { project: "p", clock: systemClock };
  const wrong = await refusal(openPostgres({ ...options, url: url.replace("Secret-0815", "Guess-4711") }));
  expect(wrong).toMatchObject({ code: "FAILED", facts: { sqlstate: "28P01" } });
  expect(inspect(wrong, { showHidden: true, depth: 20 })).not.toContain("Guess");
  expect(await refusal(openPostgres({ ...options, url: `${url}none` }))).toMatchObject({
    facts: { sqlstate: "3D000" },
  });
  await server.sql(url, "create role guest login password 'guest'");
  const guest = url.replace("berth:Secret-0815", "guest:guest");
  expect(await refusal(openPostgres({ ...options, url: guest }))).toMatchObject({ facts: { sqlstate: "42501" } });
  await server.sql(
    url,
    `create function berth.full() returns trigger language plpgsql as $$ begin
       raise exception 'could not extend file' using errcode = '53100'; end $$;
     create trigger full_disk before insert on berth.event for each row execute function berth.full()`,
  );
  const full = await refusal(stores[0]!.write((tx) => tx.append(event)));
  expect(full).toMatchObject({ code: "FAILED", facts: { sqlstate: "53100" } });
  await server.sql(url, `alter database ${new URL(url).pathname.slice(1)} set default_transaction_read_only = on`);
  const late = await openPostgres({ ...options, url });
  onTestFinished(() => late.close());
  expect(await refusal(late.write((tx) => tx.append(event)))).toMatchObject({ facts: { sqlstate: "25006" } });
  expect(await late.read(lastSeq)).toBe(0);
});

test("[INV-10] a server with hardly a connection left is enough to read, write and hear, and better once it has more", async () => {
  const { witness, url } = await world(1);
  await server.sql(url, "create role few login password 'few' connection limit 1");
  await server.sql(url, "grant all on schema berth to few; grant all on all tables in schema berth to few");
  const far = url.replace("berth:Secret-0815", "few:few");
  const store = await openPostgres({ url: far, project: "p", clock: systemClock, waitMs: 5000 });
  onTestFinished(() => store.close());
  const listening = await store.listen();
  const [, seq] = await Promise.all([store.read(lastSeq), store.write((tx) => tx.append(event)), store.read(lastSeq)]);
  expect(seq).toBe(1);
  await witness.write((tx) => tx.append(event));
  await listening.wake(100);
  expect(await store.read(lastSeq)).toBe(2);
  await server.sql(url, "alter role few connection limit 10");
  await expectHears(listening, witness);
  await listening.close();
});

test.for([
  "postgres://u:pa/ss@host/db",
  "postgres://u:p%zz@host/db",
  "postgres://u:p@ss@host/db",
  "postgres://:p@:x/db",
])("a URL that cannot be read is refused without showing it: %s", async (url) => {
  const error = await refusal(openPostgres({ url, project: "p", clock: systemClock }));
  expect(error).toMatchObject({ code: "INVALID" });
  expect(inspect(error, { showHidden: true, depth: 20 }).replaceAll(/\bat .*/g, "")).not.toMatch(/ss@|p%zz|:p@/);
});

test("receipts go when nobody can ask for them any more", async () => {
  const { url, stores } = await world(1);
  await stores[0]!.write((tx) => tx.append(event));
  await server.sql(url, "insert into berth.receipt (project, at, id) values ('p', 1, 'old'), ('other', 1, 'old')");
  await server.sql(url, "update berth.project set tidy_at = 0");
  const store = await openPostgres({ url, project: "p", clock: systemClock });
  onTestFinished(() => store.close());
  await store.write((tx) => tx.append(event));
  const left = await server.sql(url, "select project from berth.receipt where id = 'old' or project = 'p' order by 1");
  expect(left).toEqual([{ project: "other" }, { project: "p" }, { project: "p" }]);
});
