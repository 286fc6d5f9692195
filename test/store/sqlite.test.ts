import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { follow } from "../../src/store/feed.ts";
import { openStore } from "../../src/store/open-store.ts";
import { waitingLine } from "../../src/store/waiting-line.ts";
import { expectDump } from "../support/schema-dump.ts";
import { retention } from "../support/retention-conformance.ts";
import { signs } from "../support/sign-conformance.ts";
import { standing } from "../support/standing-conformance.ts";
import { conformance, type Place, type Subject } from "../support/store-conformance.ts";

const subject: Subject = {
  open: async (count) => {
    const dir = mkdtempSync(join(tmpdir(), "berth-store-"));
    const at = { place: join(dir, "live", "store.db"), project: "p" };
    const stores = await Promise.all(Array.from({ length: count }, () => openStore({ ...at, clock: systemClock })));
    onTestFinished(async () => {
      for (const store of stores) await store.close();
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    });
    return { stores, address: JSON.stringify(at) };
  },
  age: (place) => {
    inFile(place, (database) => database.exec("pragma user_version = 99"));
    return Promise.resolve();
  },
};

conformance("SQLite", subject);
standing("SQLite", subject);
retention("SQLite", subject);
signs("SQLite", subject);

test("[INV-10] who writes whenever it is woken keeps nothing else of its process from running", async () => {
  const dir = mkdtempSync(join(tmpdir(), "berth-store-"));
  const store = await openStore({ place: join(dir, "store.db"), project: "p", clock: systemClock });
  const listening = await store.listen();
  onTestFinished(async () => {
    await listening.close();
    await store.close();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  let ticks = 0;
  const ticking = setInterval(() => (ticks += 1), 1);
  for (const end = performance.now() + 300; performance.now() < end;) {
    await store.write((tx) => tx.append({ kind: "k", subject: "s", agent: null, data: {} }));
    await listening.wake(1000);
  }
  clearInterval(ticking);
  expect(ticks).toBeGreaterThan(5);
});

test("[INV-10] who has waited long is passed by nobody, and who was killed while it waited keeps nobody waiting", async () => {
  const dir = mkdtempSync(join(tmpdir(), "berth-line-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const line = waitingLine(dir, systemClock);
  const own = line.join();
  expect([line.look(own), line.look(undefined)]).toMatchObject([{ mayTry: true }, { mayTry: true }]);
  // One who came at the machine's start.
  const long = own.name.replace(/^\d+/, "1".padStart(20, "0"));
  writeFileSync(join(dir, long), "");
  expect([line.look(own), line.look(undefined)]).toEqual([
    { mayTry: false, pauseMs: 1, isEmpty: false },
    { mayTry: false, pauseMs: 2, isEmpty: false },
  ]);
  const killed = spawn(process.execPath, ["-e", "process.kill(process.pid, 'SIGKILL')"]);
  await once(killed, "exit");
  renameSync(join(dir, long), join(dir, long.replace(`-${process.pid}-`, `-${killed.pid}-`)));
  expect(line.look(own)).toMatchObject({ mayTry: true });
  own.leave();
  expect(readdirSync(dir)).toEqual([]);
});

test("[INV-10] a place in the line that stands in the future, or behind which nothing moves, keeps nobody from writing", async () => {
  const dir = mkdtempSync(join(tmpdir(), "berth-line-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const name = `${"5".padStart(20, "0")}-${process.pid}--1`;
  writeFileSync(join(dir, name), "");
  const ahead = new Date(Date.now() + 3_600_000);
  utimesSync(join(dir, name), ahead, ahead);
  expect(waitingLine(dir, systemClock).look(undefined)).toMatchObject({ mayTry: true, isEmpty: true });
  const line = waitingLine(dir, systemClock);
  await expect
    .poll(
      () => {
        writeFileSync(join(dir, name), "");
        return line.look(undefined);
      },
      { timeout: 10_000 },
    )
    .toMatchObject({ mayTry: true, isEmpty: false });
});

test("[INV-10] a write ends in time although the clock is set back meanwhile, and says what may hold it up", async () => {
  const dir = mkdtempSync(join(tmpdir(), "berth-store-"));
  const at = { place: join(dir, "store.db"), project: "p" };
  let looks = 0;
  const clock = { ...systemClock, now: () => Date.now() - 60_000 * looks++ };
  const [one, two] = [await openStore({ ...at, clock: systemClock }), await openStore({ ...at, clock })];
  const release = Promise.withResolvers<void>();
  const holds = one.write(() => release.promise);
  onTestFinished(async () => {
    release.resolve();
    await holds;
    await Promise.all([one.close(), two.close()]);
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  const late = await two.write(() => Promise.resolve(), { waitMs: 200 }).catch((error: unknown) => error);
  expect(late).toMatchObject({ code: "TIMED_OUT", hint: expect.stringContaining("stopped") as string });
});

test("[XCS-12] who follows the feed reads once for what it hears", async () => {
  const dir = mkdtempSync(join(tmpdir(), "berth-store-"));
  const store = await openStore({ place: join(dir, "store.db"), project: "p", clock: systemClock });
  onTestFinished(async () => {
    await store.close();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  const read = vi.spyOn(store, "read");
  const stop = new AbortController();
  const write = (): Promise<number> =>
    store.write((tx) => tx.append({ kind: "k", subject: "s", agent: null, data: {} }));
  await write();
  let heard = 0;
  for await (const events of follow(store, 0, stop.signal)) {
    heard += events.length;
    if (heard < 30) setTimeout(() => void write(), 5);
    else stop.abort();
  }
  expect(heard).toBe(30);
  expect(read.mock.calls.length).toBeLessThan(45);
});

test("the schema in SQLite is the one of schema/sqlite.sql", async () => {
  const dir = mkdtempSync(join(tmpdir(), "berth-store-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  const place = join(dir, "store.db");
  await (await openStore({ place, project: "p", clock: systemClock })).close();
  const rows = inFile({ address: JSON.stringify({ place }) }, (database) =>
    database.prepare("select sql from sqlite_schema where sql is not null order by type desc, name").all(),
  );
  expectDump(
    "sqlite",
    rows.map(({ sql }) => String(sql).replaceAll(/\n +/g, "\n  ")),
  );
});

function inFile<T>({ address }: Pick<Place, "address">, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync((JSON.parse(address) as { place: string }).place);
  try {
    return work(database);
  } finally {
    database.close();
  }
}
