import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { follow, eventsAfter, lastSeq } from "../../src/store/feed.ts";
import { openStore, type StoreOptions } from "../../src/store/open-store.ts";
import type { FeedEvent, Store, Value } from "../../src/store/store.ts";

/** How one engine is opened: here, and by a process of its own. */
export interface Subject {
  /** A store that nobody else uses, opened `count` times as by as many processes. */
  open(count: number): Promise<Place>;
  /** Makes a store look as if a later version of the program had made it. */
  age(place: Place): Promise<void>;
}

export interface Place {
  readonly stores: readonly Store[];
  /** What a process of its own opens the same store by, see `store-worker.ts`. */
  readonly address: string;
}

const worker = join(import.meta.dirname, "store-worker.ts");

/** Starts processes on a store and waits until all of them have ended well. */
async function processes(address: string, count: number, ...job: readonly string[]): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const child = spawn(process.execPath, [worker, address, String(i), ...job], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      let [out, err] = ["", ""];
      child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
      child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString("utf8")));
      const [code] = (await once(child, "close")) as [number | null];
      expect(code, err).toBe(0);
      return out;
    }),
  );
}

const note = (kind: string, subject: string): Omit<FeedEvent, "seq" | "at"> => ({
  kind,
  subject,
  agent: null,
  data: {},
});

/** What every engine must do alike. */
export function conformance(name: string, subject: Subject): void {
  describe(`a store on ${name}`, () => {
    test("keeps what was written, and nothing of a transaction that failed", async () => {
      const { stores } = await subject.open(2);
      const [a, b] = stores as [Store, Store];
      await a.write((tx) =>
        tx.run("insert into epoch (project, session, epoch) values ($1, $2, $3)", tx.project, "s", 1),
      );
      await expect(
        a.write(async (tx) => {
          await tx.run("update epoch set epoch = $1 where project = $2", 9, tx.project);
          await tx.append(note("never", "s"));
          throw new Error("stopped");
        }),
      ).rejects.toThrow("stopped");
      const row = await b.read((tx) =>
        tx.one("select epoch from epoch where project = $1 and session = $2", tx.project, "s"),
      );
      expect(row).toEqual({ epoch: 1 });
      expect(await b.read(lastSeq)).toBe(0);
    });

    test("gives text, numbers and nothing back as they were", async () => {
      const { stores } = await subject.open(1);
      const [store] = stores as [Store];
      const text = "line\nQuote ' '' \" \\ \\' $1 $2 ?1 $$ -- /* ; \u{1F680} é";
      const big = 2 ** 45 + 1;
      await store.write((tx) =>
        tx.run(
          "insert into message (project, seq, recipient, sender, kind, body, data, at, read_at) values ($1, $2, $3, $4, $5, $6, '{}', $7, $8)",
          tx.project,
          big,
          "r",
          null,
          "k",
          text,
          -5,
          null,
        ),
      );
      const row = await store.read((tx) =>
        tx.one<Record<string, unknown>>(
          "select seq, sender, body, at - $2 as less, read_at from message where project = $1 and body = $3",
          tx.project,
          -1,
          text,
        ),
      );
      expect(row).toEqual({ seq: big, sender: null, body: text, less: -4, read_at: null });
    });

    test("says how many rows a statement changed, and gives none for none", async () => {
      const { stores } = await subject.open(1);
      const [store] = stores as [Store];
      const counts = await store.write(async (tx) => [
        await tx.run("insert into epoch (project, session, epoch) values ($1, 'a', 1), ($1, 'b', 1)", tx.project),
        await tx.run("update epoch set epoch = 2 where project = $1 and epoch < 2", tx.project),
        await tx.run("update epoch set epoch = 2 where project = $1 and epoch < 2", tx.project),
      ]);
      expect(counts).toEqual([2, 2, 0]);
      expect(await store.read((tx) => tx.one("select 1 from epoch where session = 'none'"))).toBeUndefined();
      expect(await store.read((tx) => tx.all("select 1 from epoch where session = 'none'"))).toEqual([]);
    });

    test("[INV-7] numbers its events without a gap, in the order in which they become visible", async () => {
      const { stores, address } = await subject.open(1);
      const [store] = stores as [Store];
      const seen: FeedEvent[] = [];
      const stop = new AbortController();
      const watching = (async () => {
        for await (const events of follow(store, 0, stop.signal)) {
          seen.push(...events);
          if (seen.length >= 6 * 40) stop.abort();
        }
      })();
      await processes(address, 6, "append", "40");
      await watching;
      expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: 240 }, (_, i) => i + 1));
      for (let i = 0; i < 6; i++)
        expect(seen.filter((e) => e.subject === String(i)).map((e) => e.data["n"])).toEqual(
          Array.from({ length: 40 }, (_, n) => n),
        );
      expect(await store.read((tx) => eventsAfter(tx, 230))).toHaveLength(10);
    }, 60_000);

    test("loses no update of processes that read and then write", async () => {
      const { stores, address } = await subject.open(1);
      const [store] = stores as [Store];
      await store.write((tx) =>
        tx.run("insert into epoch (project, session, epoch) values ($1, 'counter', 0)", tx.project),
      );
      await processes(address, 6, "count", "40");
      expect(
        await store.read((tx) =>
          tx.one("select epoch from epoch where project = $1 and session = 'counter'", tx.project),
        ),
      ).toEqual({ epoch: 240 });
    }, 60_000);

    test("[XCS-12] a write is heard by another process when it can be read, without waiting for the next one", async () => {
      const { stores, address } = await subject.open(1);
      const [store] = stores as [Store];
      const ended = processes(address, 1, "answer", "8");
      let [answers, first] = [0, 0];
      const call = (): Promise<number> => store.write((tx) => tx.append(note("call", "")));
      await call();
      for await (const events of follow(store, 0, new AbortController().signal)) {
        const heard = events.filter(({ kind }) => kind === "answer").length;
        if (answers === 0) first = performance.now();
        answers += heard;
        if (answers === 8) break;
        for (let n = 0; n < heard; n++) await call();
      }
      // A wake-up that is missed costs a second, in either direction.
      expect(performance.now() - first).toBeLessThan(2500);
      await ended;
    });

    test("wakes a listener in another process's place, and misses no write made before the wait", async () => {
      const { stores } = await subject.open(2);
      const [a, b] = stores as [Store, Store];
      const listening = await b.listen();
      await a.write((tx) => tx.append(note("first", "x")));
      await listening.wake(30_000);
      expect(await b.read(lastSeq)).toBe(1);
      const stop = new AbortController();
      const waiting = listening.wake(30_000, stop.signal).then(
        () => "woken",
        () => "stopped",
      );
      stop.abort(new Error("enough"));
      expect(["woken", "stopped"]).toContain(await waiting);
      await listening.close();
    });

    test("runs what one process asks at once one after the other", async () => {
      const { stores } = await subject.open(1);
      const [store] = stores as [Store];
      await Promise.all(Array.from({ length: 30 }, (_, i) => store.write((tx) => tx.append(note("n", String(i))))));
      expect(await store.read(lastSeq)).toBe(30);
    });

    test("refuses, alike on every engine, what one of them could not keep", async () => {
      const { stores } = await subject.open(1);
      const [store] = stores as [Store];
      for (const value of ["a\0b", "\uD83D", 1.5, 2 ** 53, Number.NaN, undefined, true, {}]) {
        const write = store.write((tx) =>
          tx.run("insert into epoch (project, session, epoch) values ($1, $2, 1)", tx.project, value as Value),
        );
        await expect(write).rejects.toMatchObject({ code: "INVALID" });
      }
      expect(await store.read((tx) => tx.all("select 1 from epoch"))).toEqual([]);
    });

    test("orders text by its bytes, and counts, adds and compares in numbers", async () => {
      const { stores } = await subject.open(1);
      const [store] = stores as [Store];
      const names = ["a", "B", "_", "é", "Z", "10", "9", "\u{1F680}", "\uFF01", ""];
      await store.write(async (tx) => {
        for (const name of names)
          await tx.run("insert into epoch (project, session, epoch) values ($1, $2, 3)", tx.project, name);
      });
      const rows = await store.read((tx) => tx.all<{ session: string }>("select session from epoch order by session"));
      const bytes = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(rows.map(({ session }) => session)).toEqual(bytes);
      const sums =
        "select count(*) as n, sum(epoch) as sum, max(epoch) > 2 as truth, max(epoch) / 2 as half from epoch";
      expect(await store.read((tx) => tx.one(sums))).toEqual({ n: 10, sum: 30, truth: 1, half: 1 });
    });

    test("keeps nothing of a transaction in which a statement failed, whatever became of the failure", async () => {
      const { stores } = await subject.open(1);
      const [store] = stores as [Store];
      const twice = store.write(async (tx) => {
        const sql = "insert into epoch (project, session, epoch) values ($1, 's', 1)";
        await tx.run(sql, tx.project);
        await tx.run(sql, tx.project).catch(() => 0);
        return "went on";
      });
      await expect(twice).rejects.toMatchObject({ code: "FAILED" });
      await expect(store.read((tx) => tx.all("select nothing from nowhere"))).rejects.toMatchObject({ code: "FAILED" });
      expect(await store.read((tx) => tx.all("select 1 from epoch"))).toEqual([]);
    });

    test("sees its own writes at once, and others only what was committed", async () => {
      const { stores } = await subject.open(2);
      const [a, b] = stores as [Store, Store];
      await a.write(async (tx) => {
        await tx.append(note("n", "x"));
        expect(await eventsAfter(tx, 0)).toMatchObject([{ seq: 1, at: tx.now, kind: "n", subject: "x", agent: null }]);
        expect(await b.read(lastSeq)).toBe(0);
      });
      expect(await b.read(lastSeq)).toBe(1);
      expect(Math.abs((await b.read((tx) => Promise.resolve(tx.now))) - Date.now())).toBeLessThan(10_000);
    });

    test("keeps projects apart that share a place", async () => {
      const { stores, address } = await subject.open(1);
      const [store] = stores as [Store];
      const { place } = JSON.parse(address) as { place: string };
      const other = await openStore({ place, project: "q", clock: systemClock });
      onTestFinished(() => other.close());
      await store.write((tx) => tx.append(note("n", "x")));
      expect(await other.read(lastSeq)).toBe(0);
      expect(await other.write((tx) => tx.append(note("n", "y")))).toBe(1);
      expect(await store.read((tx) => eventsAfter(tx, 0))).toMatchObject([{ subject: "x" }]);
    });

    test("that a newer version made is refused", async () => {
      const place = await subject.open(1);
      await subject.age(place);
      const late = openStore({ ...(JSON.parse(place.address) as StoreOptions), clock: systemClock });
      await expect(late).rejects.toMatchObject({ code: "STORE_TOO_NEW", facts: { schema: 99 } });
    });

    test("[INV-10] lets none of many writers starve", async () => {
      const { address } = await subject.open(0);
      const ends = (await processes(address, 6, "compete", "1500")).map(
        (out) => JSON.parse(out) as { writes: number; longest: number },
      );
      console.log(`${name}: ${ends.map(({ writes, longest }) => `${writes} (${longest.toFixed(0)} ms)`).join(", ")}`);
      for (const { writes, longest } of ends) {
        expect(writes).toBeGreaterThan(0);
        expect(longest).toBeLessThan(5000);
      }
    }, 60_000);

    test("ends with everything that uses it, and twice does no harm", async () => {
      const { stores } = await subject.open(1);
      const [store] = stores as [Store];
      const listening = await store.listen();
      const writes = Array.from({ length: 5 }, (_, i) => store.write((tx) => tx.append(note("n", String(i)))));
      await store.close();
      expect(await Promise.all(writes)).toEqual([1, 2, 3, 4, 5]);
      await listening.close();
      await store.close();
    });

    test("keeps no process alive that leaves it open", async () => {
      const { address } = await subject.open(0);
      await processes(address, 1, "leave");
    });

    test("is made by one of many processes that open it for the first time", async () => {
      const { address } = await subject.open(0);
      expect(new Set(await processes(address, 6, "open"))).toEqual(new Set(["0\n"]));
    }, 60_000);
  });
}
