import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { follow } from "../../src/store/feed.ts";
import { listenToFolder, ringFolder } from "../../src/store/folder-events.ts";
import { noticeOf } from "../../src/store/notice.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { FeedEvent, NewEvent, Store } from "../../src/store/store.ts";
import { sandbox } from "../support/sandbox.ts";

const note = (subject: string, data: NewEvent["data"] = {}): NewEvent => ({ kind: "n", subject, agent: null, data });
const add = (store: Store, ...events: readonly NewEvent[]): Promise<void> =>
  store.write(async (tx) => {
    for (const event of events) await tx.append(event);
  });

async function pair(): Promise<{ readonly file: string; readonly writer: Store; readonly reader: Store }> {
  const file = join(sandbox({ remote: false }).dir, "live", "store.db");
  const open = async (): Promise<Store> => {
    const store = await openStore({ place: file, project: "p", clock: systemClock });
    onTestFinished(() => store.close());
    return store;
  };
  return { file, writer: await open(), reader: await open() };
}

/** What a follower of a store was given, and how often the store was asked for it. */
function following(store: Store): { readonly found: FeedEvent[]; readonly asked: () => number } {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  let asks = 0;
  const ask: Store["ask"] = (work) => {
    asks += 1;
    return store.ask(work);
  };
  const found: FeedEvent[] = [];
  const run = async (): Promise<void> => {
    for await (const events of follow({ ...store, ask }, 0, stop.signal)) found.push(...events);
  };
  void run();
  return { found, asked: () => asks };
}

const seqs = (found: readonly FeedEvent[]): number[] => found.map(({ seq }) => seq);

test("[XCS-12] what was added comes along with the bell, as the feed has it: who follows asks nothing", async () => {
  const { writer, reader } = await pair();
  const { found, asked } = following(reader);
  await expect.poll(asked).toBe(1);
  await add(writer, note("a", { x: "é\u{1F680}\n" }), note("b"));
  await expect.poll(() => seqs(found)).toEqual([1, 2]);
  await add(writer, note("c"));
  await expect.poll(() => seqs(found)).toEqual([1, 2, 3]);
  expect(asked()).toBe(1);
  const kept = await reader.ask((tx) =>
    tx.all<{ at: number; data: string }>("select at, data from event order by seq"),
  );
  expect(found.map(({ at, data }) => ({ at, data }))).toEqual(
    kept.map(({ at, data }) => ({ at, data: JSON.parse(data) as unknown })),
  );
});

test("[INV-7] what is too long for the bell, or was rung over, is read", async () => {
  const { file, writer, reader } = await pair();
  const { found, asked } = following(reader);
  await expect.poll(asked).toBe(1);
  await add(writer, note("a", { long: "x".repeat(20_000) }));
  await expect.poll(() => seqs(found)).toEqual([1]);
  expect(asked()).toBeGreaterThan(1);
  // Two writers whose commits and rings come in another order.
  const ring = readFileSync(join(dirname(file), "bell"));
  await add(writer, ...Array.from({ length: 300 }, (_, n) => note(`n${n}`)));
  writeFileSync(join(dirname(file), "bell"), ring);
  await expect.poll(() => found.length).toBe(301);
  expect(seqs(found)).toEqual(Array.from({ length: 301 }, (_, n) => n + 1));
});

const told = { seq: 1, at: 5, kind: "n", subject: "s", agent: null, data: {} };
const good = { inode: 7n, project: "p", notices: [`1${noticeOf(note("s"), 5)}`] };

async function heard(ring: (dir: string, bell: string) => void): Promise<unknown> {
  const { dir } = sandbox({ remote: false });
  const listening = listenToFolder(dir, { inode: 7n, project: "p" });
  ring(dir, join(dir, "bell"));
  const events = await listening.wake(20_000);
  await listening.close();
  return events;
}

test("[INV-7] only a whole ring, of this store and this project, is believed", async () => {
  expect(await heard((dir) => ringFolder(dir, good))).toEqual([told]);
  const half = (text: string): string => text.replace(String.raw`\"s\"`, String.raw`\"t\"`);
  for (const [why, ring] of Object.entries({
    "another store": (dir: string) => ringFolder(dir, { ...good, inode: 8n }),
    "another project": (dir: string) => ringFolder(dir, { ...good, project: "q" }),
    "not told": (dir: string) => ringFolder(dir, { ...good, notices: null }),
    "one of two not told": (dir: string) => ringFolder(dir, { ...good, notices: [...good.notices, "2"] }),
    "half of another": (dir: string, bell: string) => {
      ringFolder(dir, good);
      writeFileSync(bell, half(readFileSync(bell, "utf8")));
    },
    empty: (_: string, bell: string) => writeFileSync(bell, ""),
  }))
    expect(await heard(ring), why).toBeNull();
  // A shorter ring over a longer one.
  const long = { ...good, notices: [`1${noticeOf(note("x".repeat(500)), 5)}`] };
  expect(
    await heard((dir) => {
      ringFolder(dir, long);
      ringFolder(dir, good);
    }),
  ).toEqual(expect.arrayContaining([told]));
});
