import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { shortHash } from "../../src/hash.ts";
import { openBerth, type Berth } from "../../src/open.ts";
import { follow } from "../../src/store/feed.ts";
import { openStore } from "../../src/store/open-store.ts";
import { eventOf, noticeOf } from "../../src/store/notice.ts";
import type { FeedEvent, NewEvent, Store } from "../../src/store/store.ts";
import { testServer } from "../support/postgres.ts";
import { sandbox } from "../support/sandbox.ts";

const server = testServer();

async function stores(count: number): Promise<{ readonly url: string; readonly all: Store[] }> {
  const url = await server.database();
  const open = (): Promise<Store> => openStore({ place: url, project: "p", clock: systemClock });
  const all = await Promise.all(Array.from({ length: count }, open));
  onTestFinished(async () => {
    for (const store of all) await store.close();
  });
  return { url, all };
}

const note = (subject: string, data: NewEvent["data"] = {}): NewEvent => ({ kind: "n", subject, agent: null, data });
const add = (store: Store, event: NewEvent): Promise<number> => store.write((tx) => tx.append(event));

/** A store that counts how often it is asked. */
function counted(store: Store): { readonly store: Store; readonly asked: () => number } {
  let asks = 0;
  const ask: Store["ask"] = (work) => {
    asks += 1;
    return store.ask(work);
  };
  return { store: { ...store, ask }, asked: () => asks };
}

async function collect(store: Store, count: number, during: () => Promise<void>): Promise<readonly FeedEvent[]> {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const found: FeedEvent[] = [];
  const changes = follow(store, 0, stop.signal);
  let begun: Promise<void> | undefined;
  while (found.length < count) {
    const next = changes.next();
    begun ??= during();
    found.push(...((await next).value ?? []));
  }
  await begun;
  return found;
}

test("[INV-7] an event tells itself along with its notification, or that there is one", () => {
  const event = { ...note("é\u0000\u{1F680}", { n: 1.5, list: [null] }), brief: [{ path: ["a"] }] };
  expect(eventOf(`7${noticeOf(event, 9)}`)).toEqual({ ...event, seq: 7, at: 9 });
  const long = { ...event, brief: "x".repeat(8000) };
  expect(eventOf(`7${noticeOf(long, 9)}`)).toEqual({ ...note("é\u0000\u{1F680}", event.data), seq: 7, at: 9 });
  expect(noticeOf(note("s", { long: "é".repeat(4000) }), 9)).toBe("");
  for (const odd of ["", "7", "{}", "7{}", '7{"at":1}', "7[1]", "7{", '-1{"at":1}', `7${noticeOf(event, 9)}`.slice(1)])
    expect(eventOf(odd), odd).toBeUndefined();
});

test("[INV-7] who follows the feed hears each event once and in order, and asks the server for none of them", async () => {
  const { all } = await stores(2);
  const [writer, reader] = all as [Store, Store];
  const { store, asked } = counted(reader);
  await add(writer, note("before"));
  const found = await collect(store, 60, async () => {
    for (let n = 1; n < 60; n++) await add(writer, { ...note(`s${n}`, { n }), brief: ["not kept"] });
  });
  expect(found.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  expect(found).toStrictEqual(await collect(reader, 60, () => Promise.resolve()));
  // Once to begin with; more only where a second passes without a write.
  expect(asked()).toBeLessThan(20);
});

test("[INV-7] what is too long to come along, and what strangers say on the channel, is looked up in the feed", async () => {
  const { url, all } = await stores(2);
  const [writer, reader] = all as [Store, Store];
  const [row] = await server.sql(url, "select secret from berth.schema_version");
  const channel = `berth_${shortHash(`${String(row?.["secret"])} p`)}`;
  const forged = `5${noticeOf(note("forged"), Date.now() + 1e6)}`;
  const found = await collect(reader, 30, async () => {
    for (let n = 0; n < 30; n++) {
      if (n % 5 === 1) await server.sql(url, `select pg_notify('${channel}', '${n === 6 ? forged : "what"}')`);
      await add(writer, note(`s${n}`, n % 3 === 0 ? { long: "x".repeat(9000) } : { n }));
    }
  });
  expect(found.map(({ subject }) => subject)).toEqual(Array.from({ length: 30 }, (_, n) => `s${n}`));
});

test("[XCS-12] who may connect to the database, and read nothing there, does not learn where events are told", async () => {
  const { url } = await stores(1);
  await server.sql(url, "create role stranger");
  for (const table of ["schema_version", "event", "project"])
    await expect(server.sql(url, `set role stranger; select * from berth.${table}`)).rejects.toThrow(
      "permission denied",
    );
});

test("[INV-6] of a write that was refused nothing comes afterwards", async () => {
  const { all } = await stores(1);
  const [store] = all as [Store];
  const late = Promise.withResolvers<void>();
  const chain = Promise.withResolvers<unknown>();
  const write = store.write(async (tx) => {
    const slow = late.promise.then(() => tx.append(note("late")));
    slow.then(chain.resolve, chain.resolve);
    await Promise.all([tx.run("update nowhere set x = 1"), slow]);
  });
  await expect(write).rejects.toThrow();
  late.resolve();
  expect(await chain.promise).toBeInstanceOf(Error);
  expect(await add(store, note("next"))).toBe(1);
});

test("[INV-10] a store that was read from is closed at once", async () => {
  const { all } = await stores(3);
  const times: number[] = [];
  for (const store of all) {
    await store.read((tx) => tx.all("select 1"));
    const start = performance.now();
    await store.close();
    times.push(performance.now() - start);
  }
  // The driver's patience with a connection that is busy is a second.
  expect(Math.min(...times)).toBeLessThan(900);
});

test("[XCS-12] watchers are told the same of each change, whether it came along or was read", async () => {
  const box = sandbox();
  const home = box.clone("home");
  await (await box.open(home)).init({});
  const env = { ...process.env, BERTH_DATABASE_URL: await server.database() };
  const options = { machineDir: box.dir, env };
  const [writer, reader] = (await Promise.all(
    ["writer", "reader"].map((agent) => openBerth(home, { ...options, agent })),
  )) as [Berth, Berth];
  onTestFinished(() => [writer, reader].forEach((berth) => berth.close()));
  await writer.register({ id: "writer", pid: process.pid });
  const values = ["é", { deep: { list: [1, null] } }, "x".repeat(20_000), null, ["y".repeat(3000)], 7];
  const end = new AbortController();
  const [all, part] = [await reader.sharedWatch({ signal: end.signal }), await reader.sharedWatch({ path: "k.1" })];
  for (const [n, value] of values.entries()) await writer.sharedSet({ path: `k.${n % 3}`, value, message: `m${n}` });
  await writer.sharedSet({ path: "k.1", value: undefined });
  const heard = [];
  for await (const change of all) if (heard.push(change) === values.length + 1) break;
  const read = [];
  for await (const change of await reader.sharedWatch({ after: 0 })) if (read.push(change) === heard.length) break;
  expect(heard).toEqual(read);
  // Above it, at it, and its removal.
  const met = read.filter(
    (change) => change.kind === "changed" && ["", "k", "k.1"].includes(change.changes[0]?.path ?? "?"),
  );
  expect(met.length).toBe(4);
  const ofPart = [];
  for await (const change of part) if (ofPart.push(change) === met.length) break;
  expect(ofPart).toEqual(met);
  end.abort();
});
